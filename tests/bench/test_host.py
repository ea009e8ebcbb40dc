"""The machine's counters, read from files as the kernel writes them."""

import os

import psutil
import pytest

from loadtests.bench import host
from loadtests.bench.host import NOT_REPORTED, CpuTimes, describe_host, oom_kills, runs_here

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


KILLS = {"memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"}
V1 = "11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n"
V1_JOINT = "7:hugetlb,memory:/docker/abc\n"
V2 = "0::/system.slice/docker-abc.scope\n"

GROUPS = [
    (V1, {"memory/docker/abc/memory.oom_control": KILLS["memory.oom_control"]}, 3, "v1"),
    (V1_JOINT, {"memory/docker/abc/memory.oom_control": "oom_kill 1\n"}, 1, "v1, joined"),
    (
        V2,
        {"system.slice/docker-abc.scope/memory.events": "low 0\noom 5\noom_kill 2\n"},
        2,
        "v2: kills, not the times it was near",
    ),
    (V2 + V1, {"memory/docker/abc/memory.oom_control": "oom_kill 4\n"}, 4, "both: v1 has memory"),
    (V1, {"memory/docker/abc/memory.oom_control": "under_oom 0\n"}, None, "an old kernel"),
    (V1, {"memory/docker/abc/memory.oom_control": "not three words\n"}, None, "another form"),
    (V1, {}, None, "the group is gone"),
    ("4:cpu:/docker/abc\n", {}, None, "no memory controller"),
]


@pytest.mark.parametrize(("groups", "files", "kills", "what"), GROUPS)
def test_kills_for_memory_are_counted_by_the_containers_group(
    tmp_path, monkeypatch, groups, files, kills, what
):
    monkeypatch.setattr(host, "PROC", tmp_path / "proc")
    monkeypatch.setattr(host, "CGROUPS", tmp_path / "cgroup")
    there = {f"cgroup/{path}": text for path, text in files.items()}
    for path, text in {"proc/7/cgroup": groups, **there}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert oom_kills("abc", 7) == kills, what


def test_a_process_that_is_gone_reports_none(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "PROC", tmp_path)
    assert oom_kills("abc", 7) is None


def test_a_process_of_that_number_that_is_another_machines_container_tells_nothing(
    tmp_path, monkeypatch
):
    """A socket that is forwarded leads to an engine whose processes are not in this /proc."""
    monkeypatch.setattr(host, "PROC", tmp_path)
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text("0::/user.slice/somebody\n")
    assert not runs_here("abc", 7)
    assert oom_kills("abc", 7) is None
    (tmp_path / "7" / "cgroup").write_text(V2)
    assert runs_here("abc", 7)


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
