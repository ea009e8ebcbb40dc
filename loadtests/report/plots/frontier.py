"""The frontier: the grid around what was measured, what holds and fails, how that is known.

Inferred cells rest on an assumption, which the figure names; cells that contradict it are marked.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from loadtests.analysis import formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.frontier import Cell, tally
from loadtests.analysis.recommend import Violation, violations
from loadtests.question import SLO, Setting
from loadtests.report.plots import canvas
from loadtests.report.style import FAINT, INK, LOOKS, MUTED, PAPER
from loadtests.verdicts import Verdict

CELL_WIDTH_IN = 1.15
CELL_HEIGHT_IN = 0.5
LEAST_WIDTH_IN = 8.2
NEAR_CPUS, NEAR_MEMORY = 2, 1  # steps that are drawn on each side of a measured one
GAP = 0.6  # of a cell, where steps are left out
LETTERS_PT = 10.0
ASSUMPTION = "Inferred cells assume that more CPU or memory never makes a service worse."
DASHED: tuple[int, tuple[float, float]] = (0, (2.2, 1.4))
MOST_PAIRS = 2  # contradictions told in full
MOST_COLUMNS = 4  # of the legend: more do not fit into the least width
UNCLEAR = "unclear"  # between two settings that contradict each other
UNCLEAR_HATCH = "\\"
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
}


@canvas.styled
def frontier_figure(cells: Sequence[Cell], least: Row | None, slo: SLO) -> Figure:
    """Draw the grid of CPU (cores) and memory (MiB): one cell a setting, the least framed.

    Dark cells are measured, pale ones inferred. Steps far from every measured one are left out,
    and their place is marked.
    """
    columns, lines = _columns(cells), _lines(cells)
    width = max(LEAST_WIDTH_IN, 1.2 + CELL_WIDTH_IN * len(columns))
    figure = canvas.canvas(width, 2.5 + CELL_HEIGHT_IN * len(lines))
    canvas.message(figure, frontier_message(least), _under(cells, slo))
    axes = figure.subplots()
    drawn = _drawn(cells)
    for cell in drawn:
        _draw(axes, columns[cell.setting.cpus], lines[cell.setting.memory_mib], cell)
    if least is not None and least.setting.cpus in columns and least.setting.memory_mib in lines:
        _frame(axes, columns[least.setting.cpus], lines[least.setting.memory_mib], "solid")
    contradicting = _contradicting(cells)
    for cell in drawn:
        if cell.setting in contradicting:
            _frame(axes, columns[cell.setting.cpus], lines[cell.setting.memory_mib], DASHED)
    axes.set_xlim(-0.5, max(columns.values(), default=0) + 0.5)
    axes.set_ylim(-0.5, max(lines.values(), default=0) + 0.5)
    _write_steps(axes.xaxis, columns, "⋯")
    _write_steps(axes.yaxis, lines, "⋮")
    axes.set_xlabel("CPU limit (cores)", fontsize=LETTERS_PT)
    axes.set_ylabel("memory limit (MiB)", fontsize=LETTERS_PT)
    canvas.no_frame(axes)
    axes.tick_params(labelsize=LETTERS_PT, labelcolor=MUTED)
    handles = _handles(drawn, least, contradicting)
    figure.legend(
        handles=handles, loc="outside lower left", ncols=min(ceil(len(handles) / 2), MOST_COLUMNS),
        fontsize=LETTERS_PT, handlelength=1.4, columnspacing=1.2, alignment="left",
        title=ASSUMPTION if any(map(_is_inferred, drawn)) else None, title_fontsize=LETTERS_PT,
    )  # fmt: skip
    return figure


def _is_inferred(cell: Cell) -> bool:
    return cell.verdict is not None and not cell.is_measured


def _violations(cells: Sequence[Cell]) -> list[Violation]:
    return violations([cell.row for cell in cells if cell.row is not None])


def _contradicting(cells: Sequence[Cell]) -> set[Setting]:
    """Return the measured settings of which a smaller one holds and a larger one fails."""
    pairs = _violations(cells)
    return {row.setting for pair in pairs for row in (pair.smaller, pair.larger)}


def _frame(axes: Axes, x: float, y: float, style: str | tuple[int, tuple[float, float]]) -> None:
    """Draw a frame around a cell."""
    frame = Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=2.6)
    axes.add_patch(frame)
    frame.set(zorder=6, clip_on=False, linestyle=style)


def _columns(cells: Sequence[Cell]) -> dict[float, float]:
    measured = {cell.setting.cpus for cell in cells if cell.row}
    return _places({cell.setting.cpus for cell in cells}, measured, NEAR_CPUS)


def _lines(cells: Sequence[Cell]) -> dict[float, float]:
    measured = {float(cell.setting.memory_mib) for cell in cells if cell.row}
    return _places({float(cell.setting.memory_mib) for cell in cells}, measured, NEAR_MEMORY)


def _drawn(cells: Sequence[Cell]) -> list[Cell]:
    columns, lines = _columns(cells), _lines(cells)
    return [c for c in cells if c.setting.cpus in columns and c.setting.memory_mib in lines]


def _places(steps: set[float], measured: set[float], near: int) -> dict[float, float]:
    """Return where each step is drawn that lies near a measured one; all, where there is none.

    A place is counted in cells; where steps are left out there is a gap.
    """
    ordered = sorted(steps)
    at = [ordered.index(step) for step in measured & steps] or range(len(ordered))
    kept = {n for n in range(len(ordered)) if any(abs(n - m) <= near for m in at)}
    kept |= {n for n in range(len(ordered)) if {n - 1, n + 1} <= kept}  # a gap of one is no gain
    gaps = {n: GAP * sum(m + 1 not in kept for m in kept if m < n) for n in kept}
    return {ordered[n]: place + gaps[n] for place, n in enumerate(sorted(kept))}


def _write_steps(axis: Axis, places: Mapping[float, float], gap: str) -> None:
    """Label the steps, and the gaps between them."""
    at = list(places.values())
    gaps = [(low + high) / 2 for low, high in pairwise(at) if high - low > 1]
    axis.set_ticks([*at, *gaps], [*(f"{step:,.6g}" for step in places), *(gap for _ in gaps)])


def frontier_message(least: Row | None) -> str:
    """Say the answer: the least setting that holds."""
    if least is None:
        return "No setting is shown to hold"
    p95 = formats.milliseconds(least.p95_ms)
    return f"The least that holds: {least.setting.label}, with a p95 of {p95}"


def frontier_figure_alt(cells: Sequence[Cell], least: Row | None, slo: SLO) -> str:
    """Say in words what `frontier_figure` shows."""
    measured = "; ".join(formats.row_sentence(cell.row) for cell in cells if cell.row) or "none"
    assumed = f"{ASSUMPTION} " if any(map(_is_inferred, cells)) else ""
    return (
        f"Grid of CPU and memory limits. {frontier_message(least)}. {_under(cells, slo)} "
        f"{assumed}Measured: {measured}."
    )


def _under(cells: Sequence[Cell], slo: SLO) -> str:
    counts = [f"{count} {name}" for name, count in tally(cells).items() if count]
    pairs = _violations(cells)
    said = f"SLO: {formats.slo(slo)}. {len(cells)} settings: {', '.join(counts)}." + "".join(
        f" {pair.smaller.setting.label} holds, yet the larger {pair.larger.setting.label} fails."
        for pair in pairs[:MOST_PAIRS]
    )
    if len(pairs) > MOST_PAIRS:
        said += f" So do {len(pairs) - MOST_PAIRS} more pairs."
    if len(_drawn(cells)) == len(cells):
        return said
    cpus, memory = [c.setting.cpus for c in cells], [c.setting.memory_mib for c in cells]
    return (
        f"{said} Only steps near measured ones are drawn; all range from {min(cpus):g} to "
        f"{max(cpus):g} CPU and from {min(memory):,} to {max(memory):,} MiB."
    )


def _draw(axes: Axes, x: float, y: float, cell: Cell) -> None:
    if cell.is_unclear:
        face, ink, hatch, text, weight = PAPER, MUTED, UNCLEAR_HATCH, UNCLEAR, "normal"
    elif cell.verdict is None:
        look = LOOKS[cell.row.verdict] if cell.row else None
        face, ink = (look.tint, look.ink) if look else (PAPER, FAINT)
        hatch, text = (look.hatch if look else ""), (str(cell.row.verdict) if cell.row else "")
        weight = "normal"
    else:
        look = LOOKS[cell.verdict]
        face = look.colour if cell.is_measured else look.tint
        ink, hatch = (PAPER if cell.is_measured else look.ink), ""
        text = _measured(cell.row) if cell.is_measured and cell.row else str(cell.verdict)
        weight = "bold" if cell.is_measured else "normal"
    edge = FAINT if face == PAPER else PAPER
    axes.add_patch(
        Rectangle(
            (x - 0.48, y - 0.46), 0.96, 0.92, facecolor=face, edgecolor=edge, linewidth=0.6,
            hatch=hatch, zorder=2,
        )
    )  # fmt: skip
    if text:
        axes.text(
            x, y, text, ha="center", va="center", color=ink, fontsize=LETTERS_PT, fontweight=weight,
            linespacing=1.2, zorder=7,
        )  # fmt: skip


def _measured(row: Row) -> str:
    if row.verdict is Verdict.HOLDS:
        return f"holds\n{formats.milliseconds(row.p95_ms)}"
    named = formats.cause(row.cause)
    return f"fails\n{SHORT.get(row.cause, named) if row.cause else named}"


def _handles(cells: Sequence[Cell], least: Row | None, contradicting: set[Setting]) -> list[Patch]:
    known = {(cell.verdict, cell.is_measured) for cell in cells}
    doubtful = {cell.row.verdict for cell in cells if cell.row and cell.verdict is None}
    handles = []
    for verdict, look in LOOKS.items():
        if (verdict, True) in known:
            handles.append(Patch(facecolor=look.colour, label=f"{verdict}, measured"))
        if (verdict, False) in known:
            handles.append(
                Patch(facecolor=look.tint, edgecolor=FAINT, label=f"{verdict}, inferred")
            )
        if verdict in doubtful:
            handles.append(
                Patch(facecolor=look.tint, edgecolor=MUTED, hatch=look.hatch, label=f"{verdict}")
            )
    unknown = [cell for cell in cells if cell.verdict is None and cell.row is None]
    if any(cell.is_unclear for cell in unknown):
        handles.append(Patch(facecolor=PAPER, edgecolor=FAINT, hatch=UNCLEAR_HATCH, label=UNCLEAR))
    if not all(cell.is_unclear for cell in unknown):
        handles.append(Patch(facecolor=PAPER, edgecolor=FAINT, label="not needed"))
    if least is not None:
        handles.append(Patch(facecolor="none", edgecolor=INK, linewidth=2, label="the least"))
    if contradicting:
        handles.append(
            Patch(
                facecolor="none", edgecolor=INK, linewidth=2, linestyle=DASHED,
                label="contradicts the assumption",
            )
        )  # fmt: skip
    return handles
