"""A frontier of six settings that were never measured: every way in which a cell can be known."""

from loadtests.analysis.frontier import Cell
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
]
