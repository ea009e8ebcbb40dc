"""What one replica is planned for, and whether its interval holds what it says."""

import math

import numpy as np
import pytest

from loadtests.analysis.plan_basis import HeldOutError, further_trial
from loadtests.question import Setting, Workload
from tests.analysis.plans import basis


@pytest.mark.parametrize("trials", [2, 3, 6])
def test_one_more_trial_lies_within_the_interval_as_often_as_it_says(trials):
    """Of 4,000 services, whose trials scatter by 12%: 95%, give or take three standard errors."""
    rng = np.random.default_rng(7)
    rounds, held = 4_000, 0
    for _ in range(rounds):
        *seen, more = 0.2 * rng.lognormal(0.0, 0.12, trials + 1)
        found = further_trial(seen)
        held += found.low <= more <= found.high
    assert held / rounds == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / rounds))


def test_the_interval_of_users_holds_the_truth_as_often():
    """A replica of 0.3 cores, 30% of which stay free, of a service with a known demand."""
    rng = np.random.default_rng(8)
    rounds, held = 2_000, 0
    for _ in range(rounds):
        *seen, more = 0.25 * rng.lognormal(0.0, 0.08, 4)
        truth = min(10_000, 0.3 * 0.7 / (more / 1000 * 0.1))
        found = basis(cpu_ms=seen).users_per_replica
        held += found.low - 1e-9 <= truth <= found.high + 1e-9
    # Where the truth is beyond what was shown, the plan's own cap hides how far: never less often.
    assert held / rounds >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / rounds)


def test_one_trial_has_no_interval():
    found = further_trial([0.2])
    assert found.estimate == pytest.approx(0.2)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert math.isnan(basis(cpu_ms=(0.1,)).users_per_replica.low)


def test_no_replica_is_planned_for_more_than_it_was_shown_to_carry():
    """By its CPU it might carry 0.3 x 0.7 / (0.0001 x 0.1) = 21,000."""
    assert basis(cpu_ms=(0.1, 0.1)).users_by_cpu.estimate == pytest.approx(21_000)
    assert basis(cpu_ms=(0.1, 0.1)).users_per_replica.estimate == 10_000


def test_a_replica_is_planned_for_less_where_its_headroom_would_not_be_left():
    """0.3 x 0.7 cores for 0.3 ms a request at 0.1 requests/s a user: 7,000."""
    assert basis(cpu_ms=(0.3, 0.3)).users_per_replica.estimate == pytest.approx(7_000)


def test_several_replicas_shared_the_users_they_were_shown_to_carry():
    assert basis(replicas=4).users_shown == 2_500


def test_cores_and_memory_in_use_follow_the_users():
    found = basis(cpu_ms=(0.2, 0.2))
    assert found.cores(100_000).estimate == pytest.approx(2.0)
    memory = found.memory_mib(102_400, 10)
    assert memory.estimate == pytest.approx(10 * 80 + 1000)
    assert memory.high - memory.estimate == pytest.approx(math.hypot(20, 20))
    assert basis(base_mib=None).memory_mib(1, 1) is None


def test_the_error_of_held_out_trials_is_taken_again_for_each_doubling():
    error = HeldOutError(0.1, "as seen")
    assert error.times(1.0) == 1.0
    assert error.times(0.5) == 1.0
    assert error.times(1.01) == pytest.approx(1.1), "beyond at all, it is the whole error"
    assert error.times(2) == pytest.approx(1.1)
    assert error.times(8) == pytest.approx(1.1**3)


@pytest.mark.parametrize("given", [{"relative": -0.1}, {"relative": 1.0}, {"sentence": " "}])
def test_an_error_that_is_none_is_refused(given):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        HeldOutError(**{"relative": 0.1, "sentence": "as seen", **given})


@pytest.mark.parametrize(
    "given",
    [{"cpu_ms": ()}, {"cpu_ms": (0.0,)}, {"workload": Workload().opened("poisson", 100.0)}],
)
def test_a_plan_rests_on_closed_users_and_the_cpu_of_trials(given):
    with pytest.raises(ValueError, match="rests on"):
        basis(**{"size": Setting(0.3, 230), **given})
