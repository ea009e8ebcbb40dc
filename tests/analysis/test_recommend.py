"""The least setting, and what fails below it."""

import pytest

from loadtests.analysis.cost import Prices
from loadtests.analysis.recommend import comparable, fails_below, minimum, violations
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import row

F, U, X = Verdict.FAILS, Verdict.UNDECIDED, Verdict.INVALID
PRICES = Prices()
GRID = [
    row(0.4, 300, verdict=F, cause="cpu_throttled"),
    row(0.5, 300, verdict=F, cause="cpu_throttled"),
    row(0.6, 300),
    row(0.6, 200, verdict=F, cause="out_of_memory"),
    row(0.6, 100, verdict=F, cause="out_of_memory"),
    row(1.0, 300),
]


@pytest.mark.parametrize(
    ("rows", "least", "what"),
    [
        (GRID, Setting(0.6, 300), "the cheapest that holds"),
        ([], None, "nothing measured"),
        ([row(1, 300, verdict=F), row(2, 300, verdict=U), row(2, 400, verdict=X)], None, "none"),
        ([row(0.5, 256, 2), row(1.0, 512)], Setting(1.0, 512), "a tie goes to fewer replicas"),
        ([row(0.1, 100, 7), row(0.7, 700)], Setting(0.7, 700), "a tie, in spite of rounding"),
        ([row(0.25, 200, 2), row(0.6, 300)], Setting(0.25, 200, 2), "two small ones, cheaper"),
        ([row(0.5, 4096), row(0.6, 300)], Setting(0.6, 300), "memory costs too"),
        (
            [row(0.5, 300), row(0.6, 300, verdict=F)],
            None,
            "what holds below a failure is contradicted",
        ),
        ([*GRID, row(0.3, 300)], Setting(0.6, 300), "the contradicted is cheaper, and no answer"),
        ([row(0.5, 300), row(0.6, 300, 2, F)], Setting(0.5, 300), "replicas are no order"),
    ],
)
def test_the_minimum_is_the_cheapest_holding_setting(rows, least, what):
    """Undecided, failing and invalid rows are no answer."""
    found = minimum(rows, PRICES)
    assert (found and found.setting) == least, what


def test_the_minimum_depends_on_the_prices():
    """Where memory is dear, less of it wins."""
    rows = [row(0.6, 300), row(1.0, 200)]
    assert minimum(rows, Prices(0.01, 10.0)).setting == Setting(1.0, 200)


def test_the_nearest_failing_settings_below_support_the_minimum():
    """One with less CPU, one with less memory, all else no less."""
    below = fails_below(GRID, minimum(GRID, PRICES))
    assert below["cpus"].setting == Setting(0.5, 300)
    assert below["memory_mib"].setting == Setting(0.6, 200)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (row(0.5, 200, verdict=F), "less of both shows neither"),
        (row(0.5, 300, 2, verdict=F), "another number of replicas shows nothing"),
        (row(0.5, 300, verdict=U), "undecided shows nothing"),
        (row(0.5, 300, verdict=X), "invalid shows nothing"),
        (row(0.7, 300, verdict=F), "a larger one is a contradiction, no support"),
    ],
)
def test_what_does_not_support_the_minimum(other, what):
    """Then nothing is claimed."""
    least = row(0.6, 300)
    assert fails_below([least, other], least) == {"cpus": None, "memory_mib": None}, what
    assert fails_below([other], None) == {"cpus": None, "memory_mib": None}


def test_a_smaller_setting_that_holds_while_a_larger_fails_is_reported():
    """Of as many replicas; otherwise there is no order between them."""
    small, large = row(0.5, 300), row(0.6, 400, verdict=F)
    found = violations([small, large, row(0.5, 300, 3, verdict=F), row(0.4, 500, verdict=F)])
    assert [(pair.smaller, pair.larger) for pair in found] == [(small, large)]
    assert violations(GRID) == []


@pytest.mark.parametrize(
    ("rows", "pairs", "what"),
    [
        ([row(0.5, 300)], 0, "one setting tests nothing"),
        ([row(0.5, 300), row(0.6, 300)], 1, "the larger had to hold, and does"),
        ([row(0.5, 300, verdict=F), row(0.6, 300, verdict=F)], 1, "the smaller had to fail"),
        ([row(0.5, 300), row(0.6, 300, verdict=F)], 1, "contradicted"),
        ([row(0.5, 300, verdict=F), row(0.6, 300)], 0, "an edge between the two: nothing foretold"),
        ([row(0.5, 300), row(0.6, 200)], 0, "neither is larger"),
        ([row(0.5, 300), row(0.6, 300, verdict=U)], 0, "undecided"),
    ],
)
def test_the_assumption_is_tested_by_pairs_of_which_one_foretells_the_other(rows, pairs, what):
    assert comparable(rows) == pairs, what
