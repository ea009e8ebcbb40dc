"""Intervals between trials, against textbook values and against what they claim by chance."""

import math

import numpy as np
import pytest

from loadtests.analysis.between_trials import (
    log_interval,
    log_ratio_interval,
    logit_interval,
    mean_interval,
    pooled_log_intervals,
)
from loadtests.analysis.evidence import Interval

T_2 = 4.302652729911275  # Student's t, two degrees of freedom, 95% two-sided


def test_three_trials_have_the_interval_of_students_t_with_two_degrees_of_freedom():
    found = mean_interval([1.0, 2.0, 3.0])
    half = T_2 * 1.0 / math.sqrt(3)
    assert (found.estimate, found.low, found.high) == pytest.approx((2.0, 2 - half, 2 + half))


def test_factors_are_averaged_as_factors():
    found = log_interval([1.0, 10.0, 100.0])
    half = T_2 * math.log(10) / math.sqrt(3)
    assert found.estimate == pytest.approx(10)
    assert found.high == pytest.approx(10 * math.exp(half))
    assert found.low == pytest.approx(10 / math.exp(half))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([5.0], "one trial tells nothing of the next"),
        ([5.0, None, 6.0], "a trial that was not measured may have been another"),
        ([5.0, math.inf, 6.0], "a p95 that nobody reached has no logarithm"),
        ([], "no trial"),
    ],
)
def test_no_interval_is_taken_from_what_does_not_bear_one(values, what):
    assert log_interval(values) is None, what


def test_shares_stay_between_none_and_all():
    found = logit_interval([0.0, 0.02, 0.9])
    assert 0 < found.low < found.estimate < found.high < 1


def test_shares_that_are_all_the_same_show_no_spread():
    assert logit_interval([0.0, 0.0, 0.0]) == Interval(0.0, 0.0, 0.0)
    assert logit_interval([0.0]) is None


def test_groups_of_two_borrow_each_others_spread():
    """So a pair that agrees by chance is not taken for certain."""
    found = pooled_log_intervals([[100.0, 100.0], [200.0, 250.0], [300.0]])
    assert found[0].low < 95
    assert found[0].high > 105
    widths = [math.log(each.high / each.low) for each in found]
    assert widths[0] == pytest.approx(widths[1])
    assert widths[2] == pytest.approx(widths[0] * math.sqrt(2))


def test_groups_of_one_each_have_no_interval():
    assert pooled_log_intervals([[100.0], [200.0]]) == [None, None]


@pytest.mark.parametrize("groups", [[[1.0, 2.0], []], [[1.0, 0.0]]])
def test_a_group_without_values_or_with_none_above_zero_is_refused(groups):
    with pytest.raises(ValueError, match="every group needs values"):
        pooled_log_intervals(groups)


def test_a_ratio_that_is_there_is_found_and_none_where_there_is_none():
    apart = log_ratio_interval([20.0, 21.0, 22.0], [10.0, 10.5, 11.0])
    assert apart.estimate == pytest.approx(2.0)
    assert apart.low > 1.5
    same = log_ratio_interval([10.0, 12.0, 9.0], [11.0, 9.5, 10.5])
    assert same.low < 1 < same.high


def test_equals_are_told_apart_no_more_often_than_the_confidence_allows():
    """400 comparisons of three trials with three, of the same service."""
    rng = np.random.default_rng(7)
    drawn = rng.lognormal(3, 0.3, (400, 2, 3))
    claims = 0
    for these, those in drawn:
        found = log_ratio_interval(list(these), list(those))
        claims += not found.low <= 1 <= found.high
    assert claims <= 0.08 * 400
    assert claims > 0, "an interval without an end claims nothing and costs nothing"


def test_pooled_intervals_cover_what_they_promise():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        groups = [list(rng.lognormal(math.log(100 * n), 0.1, 2)) for n in range(1, 7)]
        found = pooled_log_intervals(groups)
        covered += sum(f.low <= 100 * n <= f.high for n, f in enumerate(found, 1))
    assert 0.93 <= covered / 1800 <= 0.97
