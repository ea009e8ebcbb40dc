"""One cell of the map of settings, and the legend of all: what is known of a setting, and how.

Every state has words of its own in the cell, so that colours only repeat what is written.
"""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from loadtests.analysis import formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.frontier import Cell, Unknown
from loadtests.report.style import FAINT, INK, LOOKS, MUTED, PAPER, SELDOM
from loadtests.verdicts import Verdict

LETTERS_PT = 10.0
DASHED: tuple[int, tuple[float, float]] = (0, (2.2, 1.4))
OUTWEIGHED = "held, not shown to be reliable"
OUTWEIGHED_LINE = 2.0
SHORT = {
    CauseName.CPU_THROTTLED: "CPU",
    CauseName.REPLICA_DIED: "died",
    CauseName.NEVER_READY: "no start",
    CauseName.WRONG_ANSWERS: "answers",
    CauseName.SCRIPT_RAISED: "script",
    CauseName.REFUSED: "refused",
    CauseName.RESET: "reset",
    CauseName.SLOW: "slow",
    CauseName.QUEUEING: "queue",
    CauseName.HELD_BACK: "held back",
}


class _Look(NamedTuple):
    """How one cell is drawn."""

    face: str
    ink: str
    text: str
    hatch: str = ""
    weight: str = "normal"
    edge: str = PAPER
    line: float = 0.6


BLANKS = {
    Unknown.UNCLEAR: _Look(PAPER, MUTED, "unclear", "\\", edge=FAINT),
    Unknown.TOO_SELDOM: _Look(SELDOM, MUTED, "too seldom"),
    Unknown.OPEN: _Look(PAPER, MUTED, "open", edge=FAINT),
    Unknown.NOT_NEEDED: _Look(PAPER, FAINT, "", edge=FAINT),
}


def draw_cell(axes: Axes, x: float, y: float, cell: Cell) -> None:
    """Draw what is known of a setting at a place, counted in cells."""
    look = _look(cell)
    axes.add_patch(
        Rectangle(
            (x - 0.48, y - 0.46), 0.96, 0.92, facecolor=look.face, edgecolor=look.edge,
            linewidth=look.line, hatch=look.hatch, zorder=2,
        )
    )  # fmt: skip
    if look.text:
        axes.text(
            x, y, look.text, ha="center", va="center", color=look.ink, fontsize=LETTERS_PT,
            fontweight=look.weight, linespacing=1.2, zorder=7,
        )  # fmt: skip


def _look(cell: Cell) -> _Look:
    row = cell.row
    if row is None:
        if cell.verdict is None:
            return BLANKS[cell.unknown]
        look = LOOKS[cell.verdict]
        return _Look(look.tint, look.ink, str(cell.verdict))
    look = LOOKS[row.verdict]
    if cell.is_outweighed:
        text = f"held\n{formats.milliseconds(row.p95_ms)}"
        return _Look(look.tint, look.ink, text, "", "bold", look.colour, OUTWEIGHED_LINE)
    if cell.is_measured:
        return _Look(look.colour, PAPER, _measured(row), "", "bold")
    return _Look(look.tint, look.ink, str(row.verdict), look.hatch)


def _measured(row: Row) -> str:
    if row.verdict is Verdict.HOLDS:
        return f"holds\n{formats.milliseconds(row.p95_ms)}"
    named = formats.cause(row.cause)
    return f"fails\n{SHORT.get(row.cause, named) if row.cause else named}"


def legend_handles(cells: Sequence[Cell], has_least: bool, has_contradictions: bool) -> list[Patch]:
    """Return a line of the legend for each state that is drawn, and for each frame."""
    handles = []
    for verdict, look in LOOKS.items():
        own = [c for c in cells if c.row is not None and c.row.verdict is verdict]
        if any(cell.is_measured and not cell.is_outweighed for cell in own):
            handles.append(Patch(facecolor=look.colour, label=f"{verdict}, measured"))
        if any(cell.is_outweighed for cell in own):
            handles.append(
                Patch(facecolor=look.tint, edgecolor=look.colour, linewidth=2, label=OUTWEIGHED)
            )
        if any(cell.is_inferred and cell.verdict is verdict for cell in cells):
            handles.append(
                Patch(facecolor=look.tint, edgecolor=FAINT, label=f"{verdict}, inferred")
            )
        if any(cell.is_doubtful for cell in own):
            handles.append(
                Patch(facecolor=look.tint, edgecolor=MUTED, hatch=look.hatch, label=f"{verdict}")
            )
    drawn = {cell.unknown for cell in cells if cell.is_blank}
    for why, blank in BLANKS.items():
        if why in drawn:
            handles.append(
                Patch(facecolor=blank.face, edgecolor=FAINT, hatch=blank.hatch, label=why.value)
            )
    if has_least:
        handles.append(Patch(facecolor="none", edgecolor=INK, linewidth=2, label="the least"))
    if has_contradictions:
        handles.append(
            Patch(
                facecolor="none", edgecolor=INK, linewidth=2, linestyle=DASHED,
                label="contradicts the assumption",
            )
        )  # fmt: skip
    return handles
