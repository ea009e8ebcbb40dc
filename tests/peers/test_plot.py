"""The figure of ratios: its message, its words, its points."""

import pytest

from loadtests.peers import plot
from loadtests.peers.figures import summarise
from loadtests.peers.shown import Shown
from tests.peers.made import COST, DRIFTING, HALF, comparison, measured


@pytest.fixture
def summaries():
    return summarise(DRIFTING, HALF.figures, HALF.contenders)


def test_its_message_says_how_far_the_others_are_from_ours(summaries):
    assert plot.ratios_message(summaries, COST) == "ms of cost: theirs has 4.00x of ours"
    more = comparison(
        *DRIFTING.measurements, *(measured(n, "slow", cost=9.0 * n) for n in (1, 2, 3))
    )
    found = summarise(more, HALF.figures, HALF.contenders)
    assert plot.ratios_message(found, COST) == (
        "ms of cost: between 4.00x (theirs) and 9.00x (slow) of ours"
    )


def test_it_has_a_point_for_everyone_measured_the_best_on_top(summaries):
    (axes,) = plot.ratios_figure(summaries, COST).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["theirs", "ours"]
    assert {text.get_text() for text in axes.texts} == {"4.00x", "1.00x"}


def test_it_is_told_in_words(summaries):
    assert plot.ratios_alt(summaries, COST) == (
        "ms of cost as a multiple of ours: ours 1.00x; theirs 4.00x."
    )


def test_a_half_that_was_not_measured_shows_no_figure_and_says_so(tmp_path):
    nothing = Shown.read(HALF, tmp_path)
    assert nothing.ratios(COST) is None
    assert "Not measured yet" in nothing.table(COST)
    assert nothing.rounds().empty


def test_every_round_is_a_row_with_all_its_figures():
    rows = Shown(HALF, DRIFTING).rounds()
    assert len(rows) == 6
    assert list(rows["cost"]) == [1.0, 2.0, 3.0, 4.0, 8.0, 12.0]
