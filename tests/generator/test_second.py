"""The seconds of several workers as one second of the load."""

from dataclasses import replace

import pytest

from loadtests.generator.job import Phase
from loadtests.generator.second import Second, together

ONE = Second(
    time_s=7.02, seconds=1.0, latencies_ms=[1.0, 2.0], failures=0, lag_p99_ms=1.0, lag_max_ms=9.0,
    cpu_cores=0.3, work_us=300.0, users=10, in_flight=2, connects=11, failed={6: 1},
)  # fmt: skip
OTHER = Second(
    time_s=7.04, seconds=1.0, latencies_ms=[100.0] * 98, failures=3, lag_p99_ms=4.0,
    lag_max_ms=5.0, cpu_cores=0.9, work_us=320.0, users=12, in_flight=1, connects=12,
    failed={6: 2, 5: 1},
)  # fmt: skip


def test_percentiles_are_of_all_requests_and_not_of_percentiles():
    """The median of a hundred requests, 98 of which one worker sent: 100 ms, not 51."""
    line = together([[ONE], [OTHER]], last_s=6.04).line(Phase.STEADY_STATE)
    assert (line["p50_ms"], line["p95_ms"], line["rps"]) == (100.0, 100.0, 100.0)
    assert line["failures_per_s"] == 3.0


def test_counts_add_up_and_the_worst_worker_is_what_is_told_of_their_health():
    both = together([[ONE], [OTHER]], last_s=6.04)
    assert (both.users, both.in_flight, both.connects) == (22, 3, 23)
    assert (both.lag_p99_ms, both.lag_max_ms, both.cpu_cores) == (4.0, 9.0, 0.9)
    assert both.work_us == 310.0
    assert both.failed == {5: 1, 6: 3}


def test_a_worker_that_told_of_two_seconds_has_no_more_users_for_that():
    later = replace(ONE, time_s=8.03, users=11)
    both = together([[ONE, later], [replace(OTHER, time_s=8.5)]], last_s=6.5)
    assert (both.users, both.time_s, both.seconds) == (23, 8.5, 2.0)
    assert len(both.latencies_ms) == 102


def test_workers_without_a_piece_of_work_done_tell_no_speed():
    blank = replace(ONE, work_us=None)
    assert together([[blank], [blank]], 6.0).work_us is None
    assert together([[blank], [OTHER]], 6.0).work_us == pytest.approx(320.0)
