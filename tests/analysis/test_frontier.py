"""The frontier's counts, and what the whole grid would cost."""

from loadtests.analysis.frontier import GridCost, tally
from tests.analysis.cells import CELLS


def test_every_cell_is_counted_once_by_how_it_is_known():
    assert tally(CELLS) == {"measured": 2, "inferred": 2, "undecided": 1, "not needed": 1}


def test_what_was_spent_is_told_as_a_share_of_the_whole_grid():
    told = GridCost(100, 60.0).compared("3 trials and a staircase", 240.0)
    assert told.startswith("3 trials and a staircase took 4 min 00 s of load")
    assert "all 100 steps would take 1 h 40 min (4.0% of it spent)" in told
