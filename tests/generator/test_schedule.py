"""When open arrivals are meant to come: as many as the rate says, as far apart as the kind says."""

import itertools

import numpy as np
import pytest
from scipy import stats

from loadtests.generator.schedule import CONSTANT, POISSON, RateRamp, Schedule, Turns

RATE_PER_S, RAMP_S = 50.0, 10.0
RAMPS = [
    (RateRamp(0.0, RAMP_S, 0.0, RATE_PER_S), "up from nothing"),
    (RateRamp(3.0, RAMP_S, 20.0, RATE_PER_S), "up from some"),
    (RateRamp(3.0, RAMP_S, RATE_PER_S, 20.0), "down"),
    (RateRamp(3.0, RAMP_S, RATE_PER_S, RATE_PER_S), "flat"),
    (RateRamp(3.0, 0.0, 20.0, RATE_PER_S), "at once"),
]


def arrivals(kind, until_s, seed=1, ramp_s=RAMP_S):
    """All arrivals from nothing to a rate, until a moment."""
    schedule = Schedule(kind, seed)
    schedule.change(0.0, RATE_PER_S, ramp_s)
    return np.array([*itertools.takewhile(lambda at_s: at_s < until_s, iter(schedule.next_s, -1))])


@pytest.mark.parametrize(("ramp", "what"), RAMPS)
def test_so_many_are_expected_as_the_rate_adds_up_to(ramp, what):
    at_s = np.linspace(ramp.start_s, ramp.start_s + 25, 250_001)
    rates = [ramp.rate_per_s(moment) for moment in at_s]
    assert ramp.expected(at_s[-1]) == pytest.approx(np.trapezoid(rates, at_s), rel=1e-4), what
    assert ramp.expected(ramp.start_s - 1) == 0


@pytest.mark.parametrize(("ramp", "what"), RAMPS)
@pytest.mark.parametrize("after_s", [0.0, 0.1, 4.0, 10.0, 17.0])
def test_the_time_of_an_arrival_is_when_so_many_are_expected(ramp, what, after_s):
    at_s = ramp.start_s + after_s
    assert ramp.time_of(ramp.expected(at_s)) == pytest.approx(at_s, abs=1e-9), what


def test_constant_arrivals_are_evenly_spaced_once_the_ramp_up_is_over():
    came_s = arrivals(CONSTANT, 30.0)
    steady = came_s[came_s > RAMP_S + 1 / RATE_PER_S]
    assert np.diff(steady) == pytest.approx(1 / RATE_PER_S)
    on_ramp = np.diff(came_s[came_s < RAMP_S])
    assert (np.diff(on_ramp) < 0).all(), "ever closer together"
    assert len(came_s) == pytest.approx(RATE_PER_S * (RAMP_S / 2 + 20), abs=1)


def test_poisson_arrivals_are_independent_of_each_other():
    """Exponential gaps, and as much variance as mean in every second (99.9%)."""
    came_s = arrivals(POISSON, 600.0, ramp_s=0.0)
    gaps = np.diff(came_s)
    assert stats.kstest(gaps * RATE_PER_S, "expon").pvalue > 0.001
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 3.3 / np.sqrt(len(gaps))
    counts = np.bincount(came_s.astype(int), minlength=600)
    dispersion = counts.var(ddof=1) / counts.mean() * 599
    low, high = stats.chi2.ppf([0.0005, 0.9995], 599)
    assert low < dispersion < high


def test_poisson_arrivals_follow_the_ramp():
    """By the clock that runs as fast as the rate they are uniform, on the ramp too."""
    ramp = RateRamp(0.0, RAMP_S, 0.0, RATE_PER_S)
    came_s = np.concatenate([arrivals(POISSON, RAMP_S, seed) for seed in range(40)])
    share = [ramp.expected(at_s) / ramp.expected(RAMP_S) for at_s in came_s]
    assert stats.kstest(share, "uniform").pvalue > 0.001
    expected = 40 * ramp.expected(RAMP_S)
    assert abs(len(came_s) - expected) < 3.3 * np.sqrt(expected)


def test_the_same_seed_gives_the_same_arrivals_and_another_gives_others():
    first, again, other = (arrivals(POISSON, 20.0, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert not np.array_equal(first, other)


def test_a_change_of_rate_counts_from_the_next_arrival_on():
    schedule = Schedule(CONSTANT, 1)
    schedule.change(0.0, 10.0, 0.0)
    before = [schedule.next_s() for _ in range(10)]
    schedule.change(before[-1], 20.0, 0.0)
    after = [schedule.next_s() for _ in range(10)]
    assert np.diff([before[-1], *after]) == pytest.approx(0.05)


def test_a_kind_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="bursts"):
        Schedule("bursts", 1)


@pytest.mark.parametrize("kind", [CONSTANT, POISSON])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_send_the_arrivals_of_one_load_each_of_them_once(kind, workers):
    shares = []
    for worker in range(workers):
        turns = Turns(Schedule(kind, seed=1), worker, workers)
        turns.change(0.0, RATE_PER_S, RAMP_S)
        shares.append([*itertools.takewhile(lambda at_s: at_s < 30.0, iter(turns.next_s, -1))])
    assert sorted(itertools.chain(*shares)) == arrivals(kind, 30.0).tolist()
    assert np.ptp([*map(len, shares)]) <= 1
