"""What the kernel tells of a container's threads and connections, on an invented /proc."""

import pytest

from loadtests.bench import cgroup, kernel_counts
from loadtests.bench.kernel_counts import KernelCounter, KernelCounts

ID = "c0ffee"
STATUS = "Name:\tpython\nvoluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n"


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """A machine whose container has a first process 7 with the threads 7 and 8."""
    monkeypatch.setattr(kernel_counts, "PROC", tmp_path / "proc")
    monkeypatch.setattr(cgroup, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cgroup, "PROC", tmp_path / "proc")
    for thread, switches in {"7": (100, 5), "8": (20, 1)}.items():
        (tmp_path / "proc" / thread / "net").mkdir(parents=True)
        (tmp_path / "proc" / thread / "status").write_text(STATUS.format(*switches))
    return tmp_path


def lists_threads(proc, version):
    """Let the control group of a version list the threads."""
    line, file = {
        1: (f"4:cpu,cpuacct:/docker/{ID}\n9:memory:/docker/{ID}\n", f"memory/docker/{ID}/tasks"),
        2: (f"0::/system.slice/{ID}.scope\n", f"system.slice/{ID}.scope/cgroup.threads"),
    }[version]
    (proc / "proc" / "7" / "cgroup").write_text(line)
    path = proc / "cgroup" / file
    path.parent.mkdir(parents=True)
    path.write_text("7\n8\n")
    return path


@pytest.mark.parametrize("version", [1, 2])
def test_switches_of_all_threads_are_added_under_both_versions_of_cgroups(proc, version):
    lists_threads(proc, version)
    assert KernelCounter.of(ID, 7).read() == KernelCounts(None, 120, 6)


def test_what_a_thread_counted_before_it_ended_is_kept(proc):
    threads = lists_threads(proc, 1)
    counter = KernelCounter.of(ID, 7)
    counter.read()
    threads.write_text("7\n")
    (proc / "proc" / "7" / "status").write_text(STATUS.format(150, 5))
    assert counter.read() == KernelCounts(None, 170, 6)


def test_connections_are_those_of_both_protocols(proc):
    lists_threads(proc, 1)
    net = proc / "proc" / "7" / "net"
    (net / "sockstat").write_text("sockets: used 9\nTCP: inuse 41 orphan 0 tw 3\nUDP: inuse 2\n")
    (net / "sockstat6").write_text("TCP6: inuse 1\nUDP6: inuse 0\n")
    assert KernelCounter.of(ID, 7).read().connections == 42


def test_where_nothing_can_be_read_nothing_is_reported_and_not_zero(proc):
    assert KernelCounter.of(ID, 7).read() == KernelCounts()
    assert KernelCounter.of(ID, 99).read() == KernelCounts()


def test_the_control_group_of_another_container_is_not_read(proc):
    lists_threads(proc, 1)
    assert KernelCounter.of("decaf", 7).read() == KernelCounts()
