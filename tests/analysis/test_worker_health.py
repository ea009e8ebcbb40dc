"""Several workers of one load: who was lost, and who fared worst."""

import pytest

from loadtests.analysis.evidence import Voids
from loadtests.analysis.judge import judge
from loadtests.analysis.validity import CHECKS
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms
from tests.analysis.several_workers import sent_by, worker
from tests.evidence_log import log_case

LOST = "its container ended with exit code 137"


def test_workers_that_were_there_to_the_end_trip_nothing():
    given = sent_by(worker(1), worker(2))
    assert judge(given).verdict is judge(evidence()).verdict is Verdict.HOLDS
    assert CHECKS["workers"](given).seen == "2 workers sent the load to its end"


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "all else went well"),
        ({"latency": steady_ms(2000.0)}, "what was slow"),
        ({"steady_s": 3.0}, "it ended with the worker"),
        ({"ramp_up_ended_s": 4.0}, "before the steady state"),
    ],
)
def test_a_lost_worker_makes_a_trial_invalid_and_is_named(given, what):
    found = judge(sent_by(worker(1), worker(2, lost=LOST), **given))
    said = next(check.seen for check in found.checks if check.name == "workers")
    assert found.verdict is Verdict.INVALID, what
    assert f"worker 2 was lost: {LOST}" in found.reasons[0], what
    log_case("check", "workers", f"a worker died; {what}", said, found.verdict is Verdict.INVALID)


def test_a_lost_worker_voids_both_verdicts_with_advice():
    found = CHECKS["workers"](sent_by(worker(1, lost="x"), worker(2), worker(3, lost="y")))
    assert (found.ok, found.voids) == (False, Voids.BOTH)
    assert found.seen.startswith("1 of 3 workers sent the load to its end; worker 1 was lost: x; ")
    assert found.advice


@pytest.mark.parametrize(
    ("name", "figure", "of_load", "said"),
    [
        ("generator_lag", {"heartbeat_lag_p99_ms": 51.0}, {}, "p99 51 ms of worker 2 (50 ms"),
        ("generator_lag", {"heartbeat_lag_max_ms": 501.0}, {}, "pause 501 ms of worker 2 (500"),
        ("generator_cpu", {"cpu_cores": 0.81}, {}, "used 0.81 cores of worker 2 (0.80 allowed)"),
        ("users", {"users_lost": 2}, {}, "2 lost, most of worker 2 (all"),
        ("clock", {"clock_drift_ms": 101.0}, {}, "clocks drifted by 101 ms of worker 2"),
    ],
)
def test_the_worst_worker_counts_and_is_named(name, figure, of_load, said):
    """The load's own figure is that of the worst, as its master merged them."""
    found = CHECKS[name](sent_by(worker(1), worker(2, **figure), **(figure | of_load)))
    assert not found.ok
    assert said in found.seen


def test_of_one_process_nobody_is_named():
    assert CHECKS["workers"](evidence()) is None
    assert "worker" not in CHECKS["generator_lag"](evidence(heartbeat_lag_p99_ms=51.0)).seen


@pytest.mark.parametrize(
    ("offset_ms", "within_ms", "ok", "what"),
    [
        (100.0, 0.0, True, "a tenth of a second"),
        (101.0, 0.0, False, "more than that"),
        (-101.0, 0.0, False, "behind as well as ahead"),
        (150.0, 60.0, True, "it may be the way to it"),
    ],
)
def test_a_worker_s_clock_that_is_certainly_off_voids_both_verdicts(offset_ms, within_ms, ok, what):
    off = worker(2, clock_offset_ms=offset_ms, clock_offset_within_ms=within_ms)
    found = CHECKS["clock"](sent_by(worker(1), off))
    assert found.ok is ok, what
    if not ok:
        assert found.voids is Voids.BOTH
        assert found.seen.startswith("the clock of worker 2 was 101 ms off")


def test_of_a_lost_worker_no_health_is_known():
    given = sent_by(worker(1, cpu_cores=0.2), worker(2, cpu_cores=0.9, lost=LOST))
    assert "of worker 1" in CHECKS["generator_cpu"](given).seen
