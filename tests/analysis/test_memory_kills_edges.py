"""How little of a replica's memory has to be seen to know that it was below its limit."""

import pytest

from loadtests.analysis.memory_kills import host_memory, killed_by_limit
from tests.analysis.records import evidence
from tests.analysis.test_memory_kills import killed


@pytest.mark.parametrize(
    ("samples_mib", "by_limit", "what"),
    [
        ([100.0, 130.0], False, "two samples show its growth: to 160 MiB"),
        ([100.0, 185.0], True, "to 270 MiB, nine tenths"),
        ([100.0, 184.0], False, "to 268 MiB"),
        ([180.0, 100.0], False, "it shrank, so that its peak is what counts"),
        ([270.0, 100.0], True, "it had been full"),
    ],
)
def test_two_samples_tell_what_it_may_have_grown_to(samples_mib, by_limit, what):
    """Of a limit of 300 MiB, under cgroup v2, where an event tells of any kill."""
    found = killed(samples_mib, cgroup="2")
    assert (killed_by_limit(found) is not None) is by_limit, what
    assert host_memory(found).ok is by_limit, what


def test_a_kill_whose_memory_nobody_saw_is_told_so():
    found = host_memory(killed([], oom_event=False))
    assert "OOM-killed with unknown use of its 300 MiB" in found.seen


def test_nobody_killed_is_nobody_killed():
    found = host_memory(evidence())
    assert (found.ok, found.seen) == (True, "0 replicas killed below their own memory limit")
