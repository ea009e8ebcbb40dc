"""Whose limit a replica met: what its log and the kernel's counts say."""

import pytest

from loadtests.bench.cgroup import OomCounts
from loadtests.bench.replica_report import at_limit, kills, limits_named

LOGS = [
    ("GET /health 200\nready\n", (), "nothing of the kind"),
    ("OSError: [Errno 24] Too many open files\n", ("open files",), "Python"),
    ("Error: accept EMFILE\n", ("open files",), "Node"),
    ("accept4: too many open files; retrying in 5ms\n", ("open files",), "Go"),
    ("RuntimeError: can't start new thread\n", ("processes",), "Python's threads"),
    (
        "Too many open files\nsh: fork: Resource temporarily unavailable\n",
        ("open files", "processes"),
        "both",
    ),
]


@pytest.mark.parametrize(("log", "limits", "what"), LOGS)
def test_a_limit_that_is_not_the_settings_is_read_from_the_log(log, limits, what):
    """Else a service would be told to fail for want of what it was never asked about."""
    assert limits_named(log) == limits, what


COUNTS = [
    (OomCounts(1, 1), 0, 1, "killed at its own limit"),
    (OomCounts(1, 0), 0, 0, "killed, and never at its limit: somebody else's killer"),
    (OomCounts(0, 1), 0, 1, "at its limit when last read, and gone before it was read again"),
    (OomCounts(0, 0), 0, None, "read before the kill alone"),
    (OomCounts(0, 0), 2, 2, "docker stats saw it"),
    (OomCounts(2, None), 0, None, "cgroup v1"),
    (None, 1, 1, "another machine's, by docker stats"),
    (None, 0, None, "another machine's, before the kill"),
]


@pytest.mark.parametrize(("counted", "by_stats", "times", "what"), COUNTS)
def test_that_a_limit_was_never_met_is_said_only_by_who_saw_the_kill(
    counted, by_stats, times, what
):
    assert at_limit(counted, by_stats) == times, what


KILLS = [
    (OomCounts(2, 2), None, 2, "children, and it goes on"),
    (OomCounts(0, 1), 137, 1, "killed at its limit, and gone before the kill was counted"),
    (OomCounts(0, 1), 0, 0, "at its limit, and it ended by itself"),
    (OomCounts(0, 0), 137, 0, "killed by somebody, with memory to spare"),
    (OomCounts(0, None), 137, 0, "cgroup v1, where the engine tells"),
    (None, 137, 0, "another machine's"),
]


@pytest.mark.parametrize(("counted", "exit_code", "times", "what"), KILLS)
def test_a_kill_at_the_limit_counts_though_its_cgroup_went_before_it_was_counted(
    counted, exit_code, times, what
):
    assert kills(counted, exit_code) == times, what
