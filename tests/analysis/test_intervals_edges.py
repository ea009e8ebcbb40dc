"""Where the bounds of a percentile and of a share turn."""

import numpy as np
import pytest

from loadtests.analysis import intervals
from loadtests.analysis.latency import SteadySample, counts

SECONDS, REQUESTS = 30, 1000  # in each


def test_the_percentile_follows_the_share_at_the_limit_even_where_a_higher_limit_is_less_sure():
    """4.5% slower than 50 ms in every second; half of the seconds have all those above 75 ms.

    At 50 ms the share is sure to be below 5%. At 75 ms there are fewer, yet in so few seconds
    that 5% is possible: asked there first, the percentile would not be shown to be within 50 ms.
    """
    second = np.repeat(np.arange(SECONDS), REQUESTS)
    latency_ms = np.full(SECONDS * REQUESTS, 10.0)
    slow = np.arange(SECONDS * REQUESTS) % REQUESTS < 45
    latency_ms[slow] = np.where(second[slow] < SECONDS // 2, 150.0, 75.0)
    sample = SteadySample(second, latency_ms, latency_ms > 500, SECONDS)
    at_75, at_50 = (
        intervals.share_interval(*counts(sample, sample.latency_ms > limit_ms))
        for limit_ms in (75.0, 50.0)
    )
    assert at_50.high <= 0.05 < at_75.high, "or this is no such case"
    assert intervals.percentile_interval(sample, 95, 50.0).high == 10.0
    assert intervals.percentile_interval(sample, 95, 75.0).high == 150.0


def repeated(*shifts):
    """Seconds of a thousand requests, of which a hundred are marked and so many more or less."""
    marked = 100 + np.array(shifts)
    return marked, np.full(len(marked), REQUESTS)


PAIRS = repeated(*[10, 10, -10, -10] * 6)  # six batches of 4 s, alike


@pytest.mark.parametrize(
    ("seconds", "variance", "what"),
    [
        (
            repeated(*[10, -10] * 12),
            24 * 100 / 23 / 24,
            "against each other: as if independent, n - 1 below",
        ),
        (PAIRS, 24 * 100 / 23 / 24 * 1.1 / 0.9, "24 / 24 * 1 / 24: (1 + 1) / (24 - 4) is 0.1"),
        (
            repeated(*[10] * 12, *[-10] * 12),
            24 * 100 / 23 / 24 * 1.9 / 0.1,
            "two halves: 22 of 24 is more than the 0.9 that is allowed for",
        ),
        (
            repeated(*[*[15, 5] * 5, *[-15, -5] * 5] * 3),
            6 * 100 / 5 / 6,
            "six batches of 10 s, a hundred apart squared: more than their seconds tell",
        ),
    ],
)
def test_the_standard_error_is_that_of_batches_or_of_correlated_seconds(seconds, variance, what):
    """In millionths of a share: each second is off by so many of its thousand requests."""
    assert intervals.standard_error(*seconds) == pytest.approx(variance**0.5 / 1000), what


def test_the_bounds_of_a_share_are_by_students_t_of_six_batches():
    """t = 2.571 with five degrees of freedom at 97.5%."""
    half = 2.5706 * intervals.standard_error(*PAIRS)
    found = intervals.share_interval(*PAIRS)
    assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half), rel=1e-5)


def test_six_seconds_are_enough_and_five_are_not():
    marked, total = repeated(10, -10, 10, -10, 10, -10)
    assert intervals.share_interval(marked, total).high < 1.0
    assert intervals.share_interval(marked[:5], total[:5]).high == 1.0


def test_a_share_of_all_or_none_has_no_bound_beyond_it():
    assert intervals.independent_bounds(0, 10)[0] == 0.0
    assert intervals.independent_bounds(10, 10)[1] == 1.0
    assert intervals.independent_bounds(0, 0) == (0.0, 1.0)
