"""The frontier: the grid around what was measured, what holds and fails, how that is known.

Inferred cells rest on an assumption, which the figure names; cells that contradict it are marked.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.analysis.frontier import Cell, tally
from loadtests.analysis.recommend import Violation, violations
from loadtests.question import SLO, Setting
from loadtests.report.plots import canvas
from loadtests.report.plots.cells import DASHED, LETTERS_PT, draw_cell, legend_handles
from loadtests.report.style import INK, MUTED

CELL_WIDTH_IN = 1.15
CELL_HEIGHT_IN = 0.5
LEAST_WIDTH_IN = 8.2
NEAR_CPUS, NEAR_MEMORY = 2, 1  # steps that are drawn on each side of a measured one
GAP = 0.6  # of a cell, where steps are left out
ASSUMPTION = "Inferred cells assume that more CPU or memory never makes a service worse."
MOST_TOLD = 2  # contradictions, or settings that held by luck, told in full
MOST_COLUMNS = 4  # of the legend: more do not fit into the least width


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
        draw_cell(axes, columns[cell.setting.cpus], lines[cell.setting.memory_mib], cell)
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
    handles = legend_handles(drawn, least is not None, bool(contradicting))
    assumed = ASSUMPTION if any(cell.is_inferred for cell in drawn) else None
    figure.legend(
        handles=handles, loc="outside lower left", ncols=min(ceil(len(handles) / 2), MOST_COLUMNS),
        fontsize=LETTERS_PT, handlelength=1.4, columnspacing=1.2, alignment="left",
        title=assumed, title_fontsize=LETTERS_PT,
    )  # fmt: skip
    return figure


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
    assumed = f"{ASSUMPTION} " if any(cell.is_inferred for cell in cells) else ""
    return (
        f"Grid of CPU and memory limits. {frontier_message(least)}. {_under(cells, slo)} "
        f"{assumed}Measured: {measured}."
    )


def _under(cells: Sequence[Cell], slo: SLO) -> str:
    counts = [f"{count} {name}" for name, count in tally(cells).items() if count]
    pairs = _violations(cells)
    said = f"SLO: {formats.slo(slo)}. {len(cells)} settings: {', '.join(counts)}." + "".join(
        f" {pair.smaller.setting.label} holds, yet the larger {pair.larger.setting.label} fails."
        for pair in pairs[:MOST_TOLD]
    )
    if len(pairs) > MOST_TOLD:
        said += f" So do {len(pairs) - MOST_TOLD} more pairs."
    said += _outweighed([cell for cell in cells if cell.is_outweighed])
    if len(_drawn(cells)) == len(cells):
        return said
    cpus, memory = [c.setting.cpus for c in cells], [c.setting.memory_mib for c in cells]
    return (
        f"{said} Only steps near measured ones are drawn; all range from {min(cpus):g} to "
        f"{max(cpus):g} CPU and from {min(memory):,} to {max(memory):,} MiB."
    )


def _outweighed(cells: Sequence[Cell]) -> str:
    """Name what held by its own trials and yet is not said to hold."""
    if not cells:
        return ""
    told = [cell.setting.label for cell in cells[:MOST_TOLD]]
    if len(cells) > MOST_TOLD:
        told.append(f"{len(cells) - MOST_TOLD} more")
    return (
        f" {formats.listing(told)} held, but by all trials {'is' if len(cells) == 1 else 'are'} "
        "not shown to hold often enough."
    )
