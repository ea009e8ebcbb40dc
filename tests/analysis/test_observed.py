"""What predictors may know of a trial."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.observed import LEVELS, observe, observe_climb
from loadtests.analysis.replica_capacity import Climb
from loadtests.question import Setting
from tests.analysis.open_load import open_evidence
from tests.analysis.records import evidence, steady_ms
from tests.analysis.replicas import climb


def observed(**given):
    """What a trial tells, as judged."""
    seen = evidence(**given)
    return observe(seen, judge(seen))


def test_a_trial_tells_what_it_took_and_how_long_that_lasted():
    found = observed(setting=Setting(0.5, 300, 2), cpu_share=0.6)
    assert found.rps == pytest.approx(100, rel=0.03)
    assert found.cores == pytest.approx(0.6)
    assert (found.replica_rps, found.replica_cores) == (found.rps / 2, found.cores / 2)
    assert found.use == pytest.approx(0.6)
    assert found.below_knee
    assert found.p95_ms.low <= found.p95_ms.estimate <= found.p95_ms.high
    assert (found.memory_mib, found.connections) == (140.0, 500)
    assert found.capacity_rps is None


def test_its_latencies_are_a_thousand_quantiles():
    found = observed()
    assert len(found.quantiles_ms) == LEVELS
    assert (np.diff(found.quantiles_ms) >= 0).all()
    assert found.quantiles_ms[949] == pytest.approx(found.p95_ms.estimate, rel=0.02)


@pytest.mark.parametrize(("cpu_share", "below"), [(0.79, True), (0.81, False)])
def test_the_knee_is_a_use_of_the_cpu(cpu_share, below):
    assert observed(cpu_share=cpu_share).below_knee is below


SLOW = {"latency": steady_ms(5.0, 0.3, 900.0)}


def test_a_trial_beyond_its_edge_that_used_all_of_its_cpu_tells_its_capacity():
    found = observed(cpu_share=0.99, **SLOW)
    assert found.is_saturated
    assert found.capacity_rps.estimate == found.rps


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"cpu_share": 0.99}, "it met the SLO, so more may be held"),
        ({"cpu_share": 0.96} | SLOW, "it had CPU left, so that was not what held it back"),
        ({"cpu_share": 0.99, "failures": {"timeout": 0.02}} | SLOW, "answers are what counts"),
    ],
)
def test_any_other_trial_tells_no_capacity(given, what):
    assert observed(**given).capacity_rps is None, what


def test_most_requests_failing_leave_no_latency():
    found = observed(latency=steady_ms(5.0), failures={"timeout": 0.3})
    assert found.p95_ms is None
    assert len(found.quantiles_ms) == 0


def test_the_memory_of_a_replica_that_was_killed_is_that_of_its_limit():
    found = observed(oom_s=30.0)
    assert found.memory_mib is None
    assert found.cores > 0


NONE_OF_IT = [
    ({"users_reached": 10}, "invalid"),
    ({"sampled": 0.5}, "without a measured throughput or CPU"),
]


@pytest.mark.parametrize(("given", "why"), NONE_OF_IT)
def test_what_is_no_evidence_says_why(given, why):
    assert observed(**given) == why


def test_a_trial_without_a_quota_is_of_no_limit():
    seen = evidence()
    seen = replace(seen, trial=replace(seen.trial, cpusets=("1",)))
    assert observe(seen, judge(seen)) == "without a CPU quota"


def test_a_staircase_is_no_trial():
    seen = climb([40.0, 60.0], fails_from=1)
    assert observe(seen, judge(seen)) in ("a live staircase", "invalid")


def test_of_an_open_load_only_users_who_had_to_send_are_connected():
    seen = open_evidence()
    seen = replace(
        seen, trial=replace(seen.trial, generator=replace(seen.trial.generator, connects=1000))
    )
    assert observe(seen, judge(seen)).connections == 1000


def test_a_staircase_of_users_tells_the_highest_rate_that_was_held():
    found = observe_climb(Climb(climb([40.0, 60.0, 58.0], replicas=2, fails_from=2)))
    assert found.setting.replicas == 2
    assert found.capacity_rps.estimate == pytest.approx(60, rel=0.03)
    assert found.capacity_rps.low == found.capacity_rps.estimate <= found.capacity_rps.high
    assert (found.p95_ms, found.memory_mib) == (None, None)


def test_a_staircase_without_an_edge_says_why():
    assert "last level met" in observe_climb(Climb(climb([40.0, 60.0], fails_from=2)))
