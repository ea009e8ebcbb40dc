"""The grid of settings with what is known of each, and what measuring all of it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import Setting
from loadtests.verdicts import Verdict


class Unknown(StrEnum):
    """Why a setting is neither measured nor inferred, as the map of settings says it."""

    UNCLEAR = "unclear"  # a smaller one holds and a larger one fails
    TOO_SELDOM = "expected to hold too seldom"  # by all trials; its own, if any, say nothing
    OPEN = "left open"  # it may be the answer as well
    NOT_NEEDED = "not needed"  # it costs more than the answer


@dataclass(frozen=True)
class Cell:
    """One setting of the grid: what is known, and its own trials where it has any."""

    setting: Setting
    verdict: Verdict | None  # measured, or inferred from others; None: neither
    row: Row | None
    unknown: Unknown = Unknown.NOT_NEEDED  # why, where it is neither

    @property
    def is_measured(self) -> bool:
        """Whether its own trials decide it."""
        return self.row is not None and self.row.verdict.decides

    @property
    def is_doubtful(self) -> bool:
        """Whether it was measured and its trials do not decide."""
        return self.row is not None and not self.row.verdict.decides

    @property
    def is_inferred(self) -> bool:
        """Whether it has no trials, and others tell of it."""
        return self.row is None and self.verdict is not None

    @property
    def is_outweighed(self) -> bool:
        """Whether its own trials hold, but all together do not show it to do so often enough."""
        row = self.row
        return row is not None and row.verdict is Verdict.HOLDS and not row.is_reliable

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it was measured or can be inferred."""
        return self.verdict is None and self.row is None


def tally(cells: Sequence[Cell]) -> dict[str, int]:
    """Count the cells: measured, inferred, undecided, and the rest by why it is not known."""
    measured = sum(cell.is_measured for cell in cells)
    doubtful = sum(cell.is_doubtful for cell in cells)
    blank = [cell.unknown for cell in cells if cell.is_blank]
    return {
        "measured": measured,
        "inferred": sum(cell.is_inferred for cell in cells),
        "undecided": doubtful,
        **{why.value: blank.count(why) for why in Unknown},
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
