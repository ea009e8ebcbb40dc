"""The frontier's counts, and what the whole grid would cost."""

from loadtests.analysis.frontier import Cell, GridCost, tally
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import row

LEAST = row(0.25, 200)
THROTTLED = row(0.2, 200, verdict=Verdict.FAILS, cause="cpu_throttled")
CELLS = [
    Cell(Setting(0.2, 100), Verdict.FAILS, None),
    Cell(Setting(0.2, 200), Verdict.FAILS, THROTTLED),
    Cell(Setting(0.25, 100), None, row(0.25, 100, verdict=Verdict.UNDECIDED)),
    Cell(Setting(0.25, 200), Verdict.HOLDS, LEAST),
    Cell(Setting(0.3, 100), None, None),
    Cell(Setting(0.3, 200), Verdict.HOLDS, None),
]  # fmt: skip


def test_every_cell_is_counted_once_by_how_it_is_known():
    assert tally(CELLS) == {"measured": 2, "inferred": 2, "undecided": 1, "not needed": 1}


def test_what_was_spent_is_told_as_a_share_of_the_whole_grid():
    told = GridCost(100, 60.0).compared("3 trials and a staircase", 240.0)
    assert told.startswith("3 trials and a staircase took 4 min 00 s of load")
    assert "all 100 steps would take 1 h 40 min (4.0% of it spent)" in told
