"""The machine's CPU, read from its counters as the kernel writes them."""

import pytest

from loadtests.generator.host_cpu import CpuTimes, HostCpu

STAT = "cpu  100 10 50 800 20 5 5 {steal} 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n"
AT_FIRST = CpuTimes(total=1000, idle=820, steal=10)


def looks(*times):
    """Return what is told from look to look, and none of the first."""
    cpu = HostCpu(iter(times).__next__)
    return [cpu.take() for _ in times[1:]]


def told(busy, steal):
    """Return the shares of one look."""
    return {"busy_ratio": busy, "steal_ratio": steal}


def test_cpu_times_are_those_of_all_cpus_together(tmp_path):
    """Guests' time is in users' already (man 5 proc_stat)."""
    file = tmp_path / "stat"
    file.write_text(STAT.format(steal=10))
    assert CpuTimes.read(file) == AT_FIRST


def test_a_machine_without_such_a_file_reports_none(tmp_path):
    assert CpuTimes.read(tmp_path / "stat") is None


def test_shares_are_those_of_the_time_between_two_looks():
    later = CpuTimes(total=1200, idle=900, steal=30)
    assert looks(AT_FIRST, later, later) == [told(0.5, 0.1), told(0.0, 0.0)]


def test_two_looks_in_the_same_tick_are_no_division_by_zero():
    assert looks(AT_FIRST, AT_FIRST) == [told(0.0, 0.0)]


@pytest.mark.parametrize("times", [(None, AT_FIRST), (AT_FIRST, None), (None, None)])
def test_what_is_not_told_is_none_and_not_zero(times):
    assert looks(*times) == [told(None, None)]


def test_shares_are_rounded_to_what_they_are_worth():
    assert looks(AT_FIRST, CpuTimes(total=1003, idle=822, steal=10)) == [told(0.3333, 0.0)]
