"""Several workers of one load: who was lost, and who fared worst."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Voids
from loadtests.analysis.judge import judge
from loadtests.analysis.validity import CHECKS
from loadtests.verdicts import Verdict
from tests.analysis.on_nodes import on_nodes
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


def test_a_worker_on_a_node_is_named_with_it():
    given = sent_by(
        worker(1, node="node-1"), worker(2, node="node-2", cpu_cores=0.81), cpu_cores=0.81
    )
    assert "0.81 cores of worker 2 on node-2 (" in CHECKS["generator_cpu"](given).seen
    lost = sent_by(worker(1, node="node-1"), worker(2, node="node-2", lost="its node went away"))
    assert "worker 2 on node-2 was lost: its node went away" in CHECKS["workers"](lost).seen


def test_it_is_told_where_workers_ran_and_with_whom_they_shared_the_cpus():
    told = on_nodes()
    sent = (worker(1, node="node-2"), worker(2, node="node-4"), worker(3, node="node-2"))
    given = replace(told, trial=replace(told.trial, workers=sent))
    assert CHECKS["workers"](given).seen == (
        "3 workers sent the load to its end: workers 1 and 3 on node-2 on the CPUs of 2 replicas, "
        "worker 2 on node-4"
    )


def test_of_one_process_nobody_is_named():
    assert CHECKS["workers"](evidence()) is None
    assert "worker" not in CHECKS["generator_lag"](evidence(heartbeat_lag_p99_ms=51.0)).seen


@pytest.mark.parametrize(
    ("offset_ms", "within_ms", "ok", "what"),
    [
        (5000.0, 100.0, True, "it is corrected by what it is off, as far as that is known"),
        (0.0, 101.0, False, "it may be off by more than that"),
        (0.0, math.inf, False, "it never told"),
    ],
)
def test_a_worker_s_clock_of_which_too_little_is_known_voids_both_verdicts(
    offset_ms, within_ms, ok, what
):
    off = worker(2, node="node-3", clock_offset_ms=offset_ms, clock_offset_within_ms=within_ms)
    found = CHECKS["clock"](sent_by(worker(1), off))
    assert found.ok is ok, what
    if not ok:
        assert found.voids is Voids.BOTH
        assert found.seen == (
            f"the clock of worker 2 on node-3 is known to {within_ms:.0f} ms only (100 ms allowed)"
        )


def test_of_a_lost_worker_no_health_is_known():
    given = sent_by(worker(1, cpu_cores=0.2), worker(2, cpu_cores=0.9, lost=LOST))
    assert "of worker 1" in CHECKS["generator_cpu"](given).seen
