"""A container's control group, read from files as the kernel writes them."""

import threading

import pytest

from loadtests.bench import cgroup
from loadtests.bench.cgroup import OomCounts, follow, oom_counts, runs_here
from tests.evidence_log import log_case
from tests.running import GIVE_UP_S

V1 = "11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n"
V1_JOINT = "7:hugetlb,memory:/docker/abc\n"
V1_FILE = "memory/docker/abc/memory.oom_control"
V2 = "0::/system.slice/docker-abc.scope\n"
V2_FILE = "system.slice/docker-abc.scope/memory.events"

GROUPS = [
    (V1, {V1_FILE: "under_oom 0\noom_kill 3\n"}, OomCounts(3, None), "v1 counts kills alone"),
    (V1_JOINT, {V1_FILE: "oom_kill 1\n"}, OomCounts(1, None), "v1, joined"),
    (V2, {V2_FILE: "max 9\noom 5\noom_kill 2\n"}, OomCounts(2, 5), "v2: killed, and at its limit"),
    (V2, {V2_FILE: "max 0\noom 0\noom_kill 1\n"}, OomCounts(1, 0), "v2: killed by another's"),
    (V2 + V1, {V1_FILE: "oom_kill 4\n"}, OomCounts(4, None), "both: v1 has memory"),
    (V1, {V1_FILE: "under_oom 0\n"}, None, "an old kernel"),
    (V1, {V1_FILE: "not three words\n"}, None, "another form"),
    (V1, {}, None, "the group is gone"),
    ("4:cpu:/docker/abc\n", {}, None, "no memory controller"),
]


@pytest.mark.parametrize(("groups", "files", "counts", "what"), GROUPS)
def test_how_often_memory_ran_out_is_counted_by_the_containers_group(
    machine, groups, files, counts, what
):
    machine(groups, files)
    assert oom_counts("abc", 7) == counts, what


def test_a_process_that_is_gone_reports_none(machine):
    assert oom_counts("abc", 7) is None


def test_a_process_of_that_number_that_is_another_machines_container_tells_nothing(machine):
    """A socket that is forwarded leads to an engine whose processes are not in this /proc."""
    machine("0::/user.slice/somebody\n", {V2_FILE: "oom 1\noom_kill 1\n"})
    found = oom_counts("abc", 7)
    right = found is None and not runs_here("abc", 7)
    what = "a container of pid 7 behind a forwarded socket; here 7 is another process"
    said = "kills not reported" if found is None else f"{found}"
    before = "the counters of that other process"
    log_case("mended", "processes of another machine", what, said, right, before)
    assert right, said
    machine(V2, {})
    assert runs_here("abc", 7)


def test_counts_are_told_as_they_change_until_the_group_is_gone(tmp_path, monkeypatch):
    """The counts of a group that ended can no longer be read: the last that were told stand."""
    monkeypatch.setattr(cgroup, "LOOK_MS", 10)
    file, told, changed = tmp_path / "memory.events", [], threading.Event()
    file.write_text("oom 0\noom_kill 0\n")

    def note(counts):
        told.append(counts)
        if counts.at_limit:
            changed.set()
            raise OSError("no such device: what reading a removed group's file gives")

    thread = threading.Thread(target=follow, args=(file, note), daemon=True)
    thread.start()
    file.write_text("oom 1\noom_kill 0\n")
    assert changed.wait(GIVE_UP_S)
    thread.join()
    assert told[-1] == OomCounts(0, 1)
    follow(tmp_path / "gone", told.clear)  # and of one that went before it was opened, nothing
    assert told
