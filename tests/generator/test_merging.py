"""The reports of several workers as that of one load."""

from dataclasses import asdict, replace

import pytest

from loadtests.generator.clock_offset import UNKNOWN, ClockOffset, offset_of
from loadtests.generator.merging import NO_REPORT, merged_level, merged_report, worker_report
from loadtests.generator.report import LevelReport, Report

LEVEL = LevelReport(20, 0.0, 2.0, 5.0, 10.0, requests=7, slow=2, failures=1, thinks=9)
SEEN = Report(
    started_wall_s=1_700_000_000.0, levels=(LEVEL,), stopped_early=None, requests_of_whole=0,
    users_reached=20, users_lost=0, requests=0, failures=0, connects=0, heartbeat_lag_p99_ms=0.0,
    heartbeat_lag_max_ms=0.0, cpu_cores=0.0, clock_drift_ms=0.0, script_errors={"KeyError": 1},
)  # fmt: skip
FIRST = replace(
    SEEN, users_reached=10, requests=100, failures=1, connects=10, heartbeat_lag_p99_ms=3.0,
    heartbeat_lag_max_ms=40.0, cpu_cores=0.2, clock_drift_ms=1.0, own_errors={"dns": 1},
    script_errors={"KeyError": 2}, thinks=90, thinks_steady=50, tasks_not_run=("U.a", "U.b"),
    redirected={"/": "/home"}, arrivals=5,
)  # fmt: skip
SECOND = replace(
    FIRST, requests=110, failures=0, connects=12, heartbeat_lag_p99_ms=1.0,
    heartbeat_lag_max_ms=60.0, cpu_cores=0.5, users_lost=2, own_errors={"dns": 2, "emfile": 1},
    tasks_not_run=("U.b",), redirected={"/x": "/y"},
)  # fmt: skip
TOLD = {0: asdict(FIRST), 1: asdict(SECOND)}


def test_counts_are_added():
    found = merged_report(SEEN, TOLD, [])
    assert (found.requests, found.failures, found.connects) == (210, 1, 22)
    assert (found.thinks, found.thinks_steady, found.arrivals) == (180, 100, 10)
    assert found.own_errors == {"dns": 3, "emfile": 1}
    assert found.script_errors == {"KeyError": 5}, "what hooks raised at the master included"
    assert (found.users_reached, found.users_lost) == (20, 2)
    assert found.redirected == {"/": "/home", "/x": "/y"}


def test_the_worst_worker_s_health_is_that_of_the_load():
    """Each figure by itself: one was late, the other paused the longest and used more CPU."""
    found = merged_report(SEEN, TOLD, [])
    assert (found.heartbeat_lag_p99_ms, found.heartbeat_lag_max_ms) == (3.0, 60.0)
    assert (found.cpu_cores, found.clock_drift_ms) == (0.5, 1.0)


def test_a_master_s_clock_that_drifted_counts_as_well():
    """It is what all of them count from."""
    assert merged_report(replace(SEEN, clock_drift_ms=7.0), TOLD, []).clock_drift_ms == 7.0


def test_a_task_that_any_worker_ran_was_run():
    assert merged_report(SEEN, TOLD, []).tasks_not_run == ("U.b",)


def test_a_worker_without_a_counter_leaves_connections_untold():
    told = TOLD | {1: asdict(replace(SECOND, connects=None, thinks_steady=None))}
    found = merged_report(SEEN, told, [])
    assert (found.connects, found.thinks_steady) == (None, None)


def test_without_any_report_there_is_what_the_master_saw():
    lost = worker_report(0, None, UNKNOWN, "")
    found = merged_report(SEEN, {}, [lost])
    assert replace(found, workers=()) == SEEN
    assert found.workers == (lost,)


def test_a_level_has_its_master_s_times_and_what_all_counted_in_it():
    seen = replace(LEVEL, requests=0, slow=0, failures=0, thinks=0)
    told = [asdict(replace(LEVEL, steady_start_s=5.1)), asdict(LEVEL)]
    assert merged_level(seen, told) == replace(LEVEL, requests=14, slow=4, failures=2, thinks=18)


def test_each_worker_keeps_its_own_health():
    found = worker_report(1, TOLD[1], ClockOffset(2.0, 0.5), "")
    assert (found.number, found.requests, found.cpu_cores, found.lost) == (2, 110, 0.5, "")
    assert (found.clock_offset_ms, found.clock_offset_within_ms) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("told", "silence", "lost", "what"),
    [
        (None, "", NO_REPORT, "it ended without a word"),
        (None, "silent", "silent", "its heartbeats were missing"),
        (TOLD[0], "silent", "silent", "it came back, and the load had ended"),
    ],
)
def test_a_worker_that_is_gone_is_lost(told, silence, lost, what):
    assert worker_report(0, told, UNKNOWN, silence).lost == lost, what


def test_a_clock_is_as_far_ahead_as_it_was_halfway_between_question_and_answer():
    found = offset_of(sent_s=100.0, wall_s=103.25, heard_s=100.5)
    assert found == ClockOffset(ahead_ms=3000.0, within_ms=250.0)
