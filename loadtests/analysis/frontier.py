"""The grid of settings with what is known of each, and what measuring all of it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import Setting
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Cell:
    """One setting of the grid: what is known, and its own trials where it has any."""

    setting: Setting
    verdict: Verdict | None  # measured, or inferred from others; None: neither
    row: Row | None
    is_unclear: bool = False  # without trials, where a smaller one holds and a larger one fails

    @property
    def is_measured(self) -> bool:
        """Whether its own trials decide it."""
        return self.row is not None and self.row.verdict.decides

    @property
    def is_doubtful(self) -> bool:
        """Whether it was measured and its trials do not decide."""
        return self.row is not None and not self.row.verdict.decides


def tally(cells: Sequence[Cell]) -> dict[str, int]:
    """Count the cells: measured, inferred, undecided, unclear, and not needed."""
    measured = sum(cell.is_measured for cell in cells)
    doubtful = sum(cell.is_doubtful and cell.verdict is None for cell in cells)
    unclear = sum(cell.is_unclear for cell in cells)
    known = sum(cell.verdict is not None for cell in cells)
    return {
        "measured": measured,
        "inferred": known - measured,
        "undecided": doubtful,
        "unclear": unclear,
        "not needed": len(cells) - known - doubtful - unclear,
    }


@dataclass(frozen=True)
class GridCost:
    """What one whole trial for each of so many settings would cost."""

    cells: int
    trial_s: float

    def compared(self, what: str, load_s: float) -> str:
        """Say what was spent instead, as a share of it."""
        whole_s = self.cells * self.trial_s
        return (
            f"{what} took {formats.duration(load_s)} of load; one "
            f"trial for each of all {self.cells} steps would take {formats.duration(whole_s)} "
            f"({load_s / whole_s:.1%} of it spent)."
        )
