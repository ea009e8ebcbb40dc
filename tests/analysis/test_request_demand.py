"""CPU of a request, and CPU beside requests, from several trials."""

import pytest

from loadtests.analysis.request_demand import Demand, fit_demand
from tests.analysis.observations import BESIDE, EACH_S, climbed, seen


def test_trials_at_several_rates_tell_a_request_from_what_is_taken_beside():
    found = fit_demand([seen(replicas=n) for n in (1, 2, 3, 5)])
    assert (found.each_s, found.beside) == pytest.approx((EACH_S, BESIDE), rel=1e-3)


def test_trials_at_one_rate_tell_only_the_sum():
    found = fit_demand([seen(), seen(cpus=0.3), seen(cpus=1.0)])
    assert (found.each_s, found.beside) == pytest.approx((EACH_S + BESIDE / 100, 0.0))


def test_a_saturated_trial_tells_of_the_request_alone():
    found = fit_demand([seen(), climbed(1, 0.1 / EACH_S)])
    assert (found.each_s, found.beside) == pytest.approx((EACH_S, BESIDE), rel=1e-3)


def test_saturated_trials_only_tell_nothing_of_what_is_taken_beside():
    found = fit_demand([climbed(1, 200.0), climbed(2, 400.0), climbed(4, 800.0)])
    assert (found.each_s, found.beside) == pytest.approx((0.0005, 0.0))


def test_what_differs_more_than_cpus_drift_makes_the_bounds_wider():
    same = fit_demand([seen(replicas=n) for n in (1, 2, 3, 5)])
    apart = fit_demand(
        [seen(replicas=n, noise=x) for n, x in ((1, 0.7), (2, 1.3), (3, 0.7), (5, 1.3))]
    )
    assert apart.error > same.error
    low, high = apart.at_bounds()
    assert low.each_s < apart.each_s < high.each_s


def test_waking_up_takes_in_all_what_is_taken_beside():
    demand = Demand(EACH_S, BESIDE, 0.1)
    idle = 1 - demand.cores(100.0)
    assert demand.wake_s(100.0) * 100.0 * idle == pytest.approx(BESIDE)


def test_of_several_threads_more_requests_find_an_idle_one():
    demand = Demand(EACH_S, BESIDE, 0.1)
    assert demand.wake_s(1000.0, threads=4) < demand.wake_s(1000.0)


def test_a_replica_that_is_never_idle_is_never_woken():
    assert Demand(EACH_S, BESIDE, 0.1).wake_s(10_000.0) == 0


def test_trials_whose_cpu_falls_with_the_rate_still_have_requests_that_take_some():
    found = fit_demand([seen(replicas=1, noise=0.5), seen(replicas=5, noise=4.0)])
    assert found.each_s > 0
    assert found.beside == 0


def test_without_a_trial_there_is_no_demand():
    with pytest.raises(ValueError, match="needs a trial"):
        fit_demand([])
