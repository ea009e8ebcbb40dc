"""The machine's counters, read from files as the kernel writes them."""

import os

import psutil
import pytest

from loadtests.bench import host
from loadtests.bench.host import NOT_REPORTED, CpuTimes, describe_host

STAT = "cpu  100 10 50 800 20 5 5 {steal} 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n"


def test_cpu_times_are_those_of_all_cpus_together(tmp_path):
    """Guests' time is in users' already (man 5 proc_stat)."""
    file = tmp_path / "stat"
    file.write_text(STAT.format(steal=10))
    assert CpuTimes.read(file) == CpuTimes(total=1000, idle=820, steal=10)


def test_a_machine_without_such_a_file_reports_none(tmp_path):
    assert CpuTimes.read(tmp_path / "stat") is None


def test_shares_are_those_of_the_time_between_two_readings():
    before = CpuTimes(total=1000, idle=820, steal=10)
    shares = CpuTimes(total=1200, idle=900, steal=30).since(before)
    assert shares == {"busy_ratio": 0.5, "steal_ratio": 0.1}


def test_two_readings_in_the_same_tick_are_no_division_by_zero():
    same = CpuTimes(total=1000, idle=820, steal=10)
    assert same.since(same) == {"busy_ratio": 0.0, "steal_ratio": 0.0}


class Client:
    """An engine that says what its machine is."""

    def __init__(self, base_url, **more):
        self.api = self
        self.base_url = base_url
        self.more = more

    def info(self):
        return {
            "Name": "box", "NCPU": 2, "MemTotal": psutil.virtual_memory().total,
            "KernelVersion": os.uname().release, "ServerVersion": "20.10", "Driver": "overlay2",
            **self.more,
        }  # fmt: skip


def test_the_host_is_what_the_engine_says_of_its_machine():
    found = describe_host(Client("http+docker://localhost", CgroupVersion="2"))
    assert (found.name, found.cpus) == ("box", 2)
    assert found.memory_mib == psutil.virtual_memory().total // host.MIB
    assert (found.cgroup_version, found.cpu_model == NOT_REPORTED) == ("2", False)


@pytest.mark.parametrize("other", [{"KernelVersion": "5.4"}, {"MemTotal": 2 * host.MIB}])
def test_the_cpu_behind_a_forwarded_socket_is_not_reported(other):
    assert describe_host(Client("http+docker://localhost", **other)).cpu_model == NOT_REPORTED


def test_the_cpu_of_another_machine_is_not_reported():
    found = describe_host(Client("http://10.0.0.9:2375"))
    assert (found.cpu_model, found.cgroup_version) == (NOT_REPORTED, "1")
