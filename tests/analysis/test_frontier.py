"""The frontier's counts, and what the whole grid would cost."""

from loadtests.analysis.frontier import Cell, GridCost, Unknown, tally
from loadtests.question import Setting
from tests.analysis.cells import CELLS


def test_every_cell_is_counted_once_by_how_it_is_known():
    assert tally(CELLS) == {
        "measured": 2, "inferred": 2, "undecided": 1, "unclear": 0,
        "expected to hold too seldom": 0, "left open": 0, "not needed": 1,
    }  # fmt: skip


def test_a_cell_between_two_that_contradict_each_other_is_not_called_needless():
    between = Cell(Setting(0.3, 250), None, None, Unknown.UNCLEAR)
    counts = tally([*CELLS, between])
    assert (counts["unclear"], counts["not needed"]) == (1, 1)
    assert sum(counts.values()) == len(CELLS) + 1


def test_what_was_spent_is_told_as_a_share_of_the_whole_grid():
    told = GridCost(100, 60.0).compared("3 trials and a staircase", 240.0)
    assert told.startswith("3 trials and a staircase took 4 min 00 s of load")
    assert "all 100 steps would take 1 h 40 min (4.0% of it spent)" in told
