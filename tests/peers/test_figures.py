"""From measurements to medians with intervals, and ratios within rounds."""

import math

import pytest

from loadtests.peers.figures import summarise
from tests.peers.made import COST, DRIFTING, SPEED, comparison, measured

NAMES = ("ours", "theirs", "slow")


def test_a_figure_is_the_median_of_its_rounds_between_the_lowest_and_the_highest():
    ours, *_ = summarise(DRIFTING, (COST,), NAMES)
    found = ours.medians["cost"]
    assert (found.estimate, found.low, found.high) == (2.0, 1.0, 3.0)


def test_a_ratio_is_taken_within_each_round_whatever_the_machine_does_over_them():
    """The figures themselves lie as far apart as 4 and 12."""
    _, theirs, _ = summarise(DRIFTING, (COST, SPEED), NAMES)
    assert theirs.ratios["cost"].estimate == pytest.approx(4)
    assert theirs.ratios["cost"].high - theirs.ratios["cost"].low == pytest.approx(0)
    assert theirs.ratios["speed"].estimate == pytest.approx(1 / 4)


def test_rounds_that_only_one_of_the_two_was_measured_in_tell_no_ratio():
    found = comparison(
        measured(1, "ours", cost=1.0),
        measured(1, "theirs", cost=2.0),
        measured(2, "ours", failed="it died"),
        measured(2, "theirs", cost=50.0),
        measured(3, "ours", cost=1.0),
        measured(3, "theirs", cost=8.0),
    )
    _, theirs = summarise(found, (COST,), NAMES)
    assert theirs.ratios["cost"].estimate == pytest.approx(4)


def test_one_round_has_a_ratio_without_bounds():
    found = comparison(measured(1, "ours", cost=2.0), measured(1, "theirs", cost=3.0))
    _, theirs = summarise(found, (COST,), NAMES)
    assert theirs.ratios["cost"].estimate == 1.5
    assert math.isnan(theirs.ratios["cost"].low)


def test_a_contender_that_cannot_be_had_or_never_answered_is_listed_with_why():
    found = comparison(
        measured(1, "ours", cost=1.0),
        measured(1, "theirs", failed="it answered 500"),
        absent={"slow": "no wheel"},
    )
    told = {one.contender: one.failed for one in summarise(found, (COST,), NAMES)}
    assert told == {"ours": "", "theirs": "it answered 500", "slow": "no wheel"}


def test_a_contender_that_failed_in_some_rounds_keeps_its_figures_with_a_note():
    found = comparison(measured(1, "ours", cost=1.0), measured(2, "ours", failed="it died"))
    (ours,) = summarise(found, (COST,), ("ours",))
    assert ours.rounds == 1
    assert not ours.failed
    assert ours.notes == ("failed in 1 of 2 rounds",)


def test_what_a_comparison_knows_nothing_of_is_left_out():
    assert [one.contender for one in summarise(DRIFTING, (COST,), (*NAMES, "other"))] == [*NAMES]


def test_a_note_that_not_all_rounds_have_says_how_many_do():
    found = comparison(
        measured(1, "ours", notes=("always", "once"), cost=1.0),
        measured(2, "ours", notes=("always",), cost=1.0),
    )
    (ours,) = summarise(found, (COST,), ("ours",))
    assert ours.notes == ("always", "once (in 1 of 2 rounds)")
