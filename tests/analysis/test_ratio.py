"""Two ways of measuring one thing, by the ratio of what they gave."""

import math

import pytest

from loadtests.analysis.ratio import mean_ratio


def test_a_ratio_is_the_geometric_mean_over_pairs():
    found = mean_ratio([(1.0, 2.0), (4.0, 2.0), (1.0, 1.0)])
    assert found.estimate == pytest.approx(1.0)
    assert found.low < 1.0 < found.high
    assert found.low == pytest.approx(1 / found.high)


def test_pairs_that_agree_leave_no_doubt():
    found = mean_ratio([(2.0, 3.0)] * 4)
    assert (found.estimate, found.low, found.high) == pytest.approx((1.5, 1.5, 1.5))


def test_the_bounds_are_those_of_a_t_interval_of_the_logarithms():
    """By hand: logs 0.1 and 0.3, so 0.2 +- 12.706 x 0.1."""
    found = mean_ratio([(1.0, math.exp(0.1)), (1.0, math.exp(0.3))])
    assert math.log(found.high) == pytest.approx(0.2 + 12.7062 * 0.1, abs=1e-4)


@pytest.mark.parametrize(
    "pairs", [[], [(1.0, 1.0)], [(1.0, 1.0), (0.0, 1.0)], [(1.0, math.inf)] * 2]
)
def test_what_has_no_spread_or_no_logarithm_is_refused(pairs):
    with pytest.raises(ValueError, match=r"pairs|numbers"):
        mean_ratio(pairs)
