"""Bounds that cover what they promise, and never promise more than the requests can tell."""

import math

import numpy as np
import pytest
from scipy import stats

from loadtests.analysis import intervals
from loadtests.analysis.latency import SteadySample, counts

SHARE = 0.05


def sample_of(latency_ms: np.ndarray, seconds: int = 30) -> SteadySample:
    """Requests spread evenly over the seconds, slow above 500 ms."""
    second = np.arange(len(latency_ms)) * seconds // max(1, len(latency_ms))
    return SteadySample(second, latency_ms, latency_ms > 500, seconds)


def seconds_of_a_queue(rho: float, size: int, rng: np.random.Generator):
    """Slow and all requests a second, whose slow share is skewed, correlated, 5% on average."""
    noise = np.empty(size)
    noise[0] = rng.standard_normal()
    for i in range(1, size):
        noise[i] = rho * noise[i - 1] + math.sqrt(1 - rho**2) * rng.standard_normal()
    shares = -SHARE * np.log(np.clip(1 - stats.norm.cdf(noise), 1e-12, 1))
    total = rng.poisson(1000, size)
    return rng.binomial(total, shares.clip(0, 1)), total


@pytest.mark.parametrize(("misses", "requests"), [(0, 459), (1, 662), (10, 2010), (100, 12571)])
def test_early_stopping_asks_for_the_requests_of_mlperf_loadgen(misses, requests):
    """The published table for p99 at 99% confidence."""
    assert intervals.minimum_requests(misses) == requests


@pytest.mark.parametrize("misses", [0, 1, 7, 40])
def test_the_minimum_is_the_first_number_at_which_the_binomial_tail_is_small_enough(misses):
    """One request fewer is too few."""
    least = intervals.minimum_requests(misses, 0.95, 0.975)
    assert (
        stats.binom.cdf(misses, least, SHARE) <= 0.025 < stats.binom.cdf(misses, least - 1, SHARE)
    )


@pytest.mark.parametrize("misses", [0, 1, 5, 30])
def test_a_holds_needs_no_fewer_requests_than_early_stopping_asks_for(misses):
    """The upper bound over requests is the same rule, at the 97.5% of a two-sided 95%."""
    least = intervals.minimum_requests(misses, 0.95, 0.975)
    assert intervals.independent_bounds(misses, least)[1] <= SHARE
    assert intervals.independent_bounds(misses, least - 1)[1] > SHARE


@pytest.mark.parametrize("wrong", [(-1, 0.95, 0.95), (0, 1.0, 0.95), (0, 0.95, 1.0)])
def test_early_stopping_refuses_what_is_no_percentile(wrong):
    """Negative misses, shares outside 0 to 1."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        intervals.minimum_requests(*wrong)


@pytest.mark.parametrize(
    ("rho", "seconds", "at_least", "what"),
    [
        (0.0, 30, 0.93, "independent seconds: nominal"),
        (0.5, 30, 0.89, "correlated seconds: near nominal"),
        (0.8, 30, 0.80, "a third of a minute remembered: wider, though 30 s are few"),
        (0.8, 120, 0.90, "and a longer steady state mends it"),
    ],
)
def test_the_bounds_cover_the_truth_about_as_often_as_they_promise(rho, seconds, at_least, what):
    """95% promised; skewed, autocorrelated shares of slow requests, 300 trials of each kind."""
    rng = np.random.default_rng(11)
    found = [intervals.share_interval(*seconds_of_a_queue(rho, seconds, rng)) for _ in range(300)]
    assert np.mean([i.low <= SHARE <= i.high for i in found]) >= at_least, what


def test_correlated_seconds_make_a_wider_interval_than_the_same_seconds_shuffled():
    """Otherwise requests in a queue would look like independent ones."""
    rng = np.random.default_rng(5)
    wide = narrow = 0.0
    for _ in range(50):
        slow, total = seconds_of_a_queue(0.8, 60, rng)
        order = rng.permutation(60)
        wide += intervals.standard_error(slow, total)
        narrow += intervals.standard_error(slow[order], total[order])
    assert wide > 1.5 * narrow


def test_no_slow_request_at_all_still_leaves_the_doubt_of_so_many_requests():
    """Zero of n: the rule of three, here 3.7 / n at 97.5%."""
    found = intervals.share_interval(np.zeros(30, int), np.full(30, 10))
    assert (found.estimate, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 300))


def test_seconds_that_are_all_alike_do_not_make_few_requests_sure():
    """One slow of ten in every second: no variance over time, yet only 300 requests."""
    found = intervals.share_interval(np.full(30, 1), np.full(30, 10))
    assert (found.low, found.high) == pytest.approx(intervals.independent_bounds(30, 300))


@pytest.mark.parametrize(
    ("total", "what"),
    [(np.full(5, 100), "five seconds are too few"), (np.zeros(30, int), "nobody asked")],
)
def test_too_little_data_leaves_the_share_open(total, what):
    """Bounds 0 and 1, so that nothing is decided."""
    found = intervals.share_interval(np.zeros_like(total), total)
    assert (found.low, found.high) == (0.0, 1.0), what


def test_the_interval_of_a_percentile_holds_the_true_one():
    """Independent exponential latencies: about 95 of 100 intervals."""
    rng = np.random.default_rng(2)
    truth = 100 * math.log(20)
    hits = 0
    for _ in range(200):
        found = intervals.percentile_interval(sample_of(rng.exponential(100, 1500)), 95)
        assert found.low <= found.estimate <= found.high
        hits += found.low <= truth <= found.high
    assert hits >= 0.92 * 200


def test_a_percentile_reached_by_failures_is_infinite_and_its_lower_bound_need_not_be():
    """5.2% failed: p95 has no answer, yet might have had one."""
    latency_ms = np.full(3000, 10.0)
    latency_ms[np.random.default_rng(1).choice(3000, 156, replace=False)] = math.inf
    found = intervals.percentile_interval(sample_of(latency_ms), 95)
    assert (found.low, found.estimate, found.high) == (10.0, math.inf, math.inf)


def test_nothing_has_no_percentile():
    """NaN, not zero."""
    assert math.isnan(intervals.percentile_interval(sample_of(np.empty(0)), 95).estimate)


@pytest.mark.parametrize("limit_ms", [60.0, 120.0, 250.0, 500.0, 900.0])
def test_the_bounds_of_the_percentile_say_what_the_bounds_of_the_share_say(limit_ms):
    """Near the limit, with slow seconds in a row: one verdict, said in two ways."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        level = np.repeat(rng.choice([20.0, 40.0, 200.0], 10, p=[0.5, 0.4, 0.1]), 300)
        sample = sample_of(level * rng.exponential(1.0, 3000))
        share = intervals.share_interval(*counts(sample, sample.latency_ms > limit_ms))
        bounds = intervals.percentile_interval(sample, 95, limit_ms)
        assert (share.high <= 0.05) == (bounds.high <= limit_ms)
        assert (share.low > 0.05) == (bounds.low > limit_ms)


@pytest.mark.parametrize(("marked", "total"), [(0, 300), (7, 300), (150, 3000), (300, 300)])
def test_bounds_of_independent_requests_are_those_of_scipy(marked, total):
    """The same interval by root finding, which takes some hundred times as long."""
    exact = stats.binomtest(marked, total).proportion_ci(intervals.CONFIDENCE, method="exact")
    found = intervals.independent_bounds(marked, total)
    assert found == pytest.approx((exact.low, exact.high), abs=1e-9)
