"""The frontier: every setting of the grid, what holds, what fails, how that is known."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from loadtests.analysis import words
from loadtests.analysis.evidence import Row
from loadtests.analysis.frontier import Cell, tally
from loadtests.analysis.plots import canvas
from loadtests.analysis.style import FAINT, INK, LOOKS, MUTED, PAPER
from loadtests.judged import Verdict
from loadtests.question import Objective

CELL_WIDTH_IN = 0.86
CELL_HEIGHT_IN = 0.46
LEAST_WIDTH_IN = 7.5
SHORT = {
    "cpu_throttled": "CPU",
    "out_of_memory": "memory",
    "replica_died": "died",
    "slow": "slow",
    "queueing": "queue",
}


@canvas.styled
def frontier_figure(cells: Sequence[Cell], least: Row | None, objective: Objective) -> Figure:
    """Draw the grid of CPU (cores) and memory (MiB): one square a setting, the least ringed."""
    cpus = sorted({cell.setting.cpus for cell in cells})
    memory = sorted({cell.setting.memory_mib for cell in cells})
    width = max(LEAST_WIDTH_IN, 1.2 + CELL_WIDTH_IN * len(cpus))
    figure = canvas.canvas(width, 2.3 + CELL_HEIGHT_IN * len(memory))
    canvas.message(figure, frontier_message(least), _under(cells, objective))
    axes = figure.subplots()
    for cell in cells:
        at = cpus.index(cell.setting.cpus), memory.index(cell.setting.memory_mib)
        _draw(axes, *at, cell)
    if least is not None and least.setting.cpus in cpus:
        x, y = cpus.index(least.setting.cpus), memory.index(least.setting.memory_mib)
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=2.4, zorder=6)
        )
    axes.set_xlim(-0.5, len(cpus) - 0.5)
    axes.set_ylim(-0.5, len(memory) - 0.5)
    axes.set_xticks(range(len(cpus)), [f"{step:g}" for step in cpus])
    axes.set_yticks(range(len(memory)), [f"{step:,}" for step in memory])
    axes.set_xlabel("CPU limit (cores)")
    axes.set_ylabel("memory limit (MiB)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.legend(handles=_handles(cells, least), loc="outside lower left", ncols=6)
    return figure


def frontier_message(least: Row | None) -> str:
    """Say the answer: the least setting that holds."""
    if least is None:
        return "No setting is shown to hold"
    p95 = words.milliseconds(least.p95_ms)
    return f"The least that holds: {least.setting.label}, with a p95 of {p95}"


def frontier_figure_alt(cells: Sequence[Cell], least: Row | None, objective: Objective) -> str:
    """Say in words what `frontier_figure` shows."""
    measured = "; ".join(words.row_sentence(cell.row) for cell in cells if cell.row) or "none"
    return (
        f"Grid of CPU and memory limits. {frontier_message(least)}. {_under(cells, objective)} "
        f"Measured: {measured}."
    )


def _under(cells: Sequence[Cell], objective: Objective) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in tally(cells).items() if count)
    return f"Objective: {words.objective(objective)}. {len(cells)} settings: {counts}."


def _draw(axes: Axes, x: int, y: int, cell: Cell) -> None:
    if cell.verdict is None:
        look = LOOKS[Verdict.UNDECIDED] if cell.is_doubtful else None
        face, ink = (look.tint, look.ink) if look else (PAPER, FAINT)
        hatch, text = (look.hatch if look else ""), (str(cell.row.verdict) if cell.row else "")
        weight = "normal"
    else:
        look = LOOKS[cell.verdict]
        face = look.colour if cell.is_shown else look.tint
        ink, hatch = (PAPER if cell.is_shown else look.ink), ""
        text, weight = (_shown(cell), "bold") if cell.is_shown else ("", "normal")
    axes.add_patch(
        Rectangle(
            (x - 0.48, y - 0.46), 0.96, 0.92, facecolor=face, edgecolor=PAPER if text else FAINT,
            linewidth=0.6, hatch=hatch, zorder=2,
        )
    )  # fmt: skip
    if text:
        axes.text(
            x, y, text, ha="center", va="center", color=ink, fontsize=8, fontweight=weight,
            linespacing=1.2, zorder=7,
        )  # fmt: skip


def _shown(cell: Cell) -> str:
    row = cell.row
    assert row is not None  # noqa: S101  (is_shown says so)
    if row.verdict is Verdict.HOLDS:
        return f"holds\n{words.milliseconds(row.p95_ms)}"
    return f"fails\n{SHORT.get(row.cause or '', words.cause(row.cause))}"


def _handles(cells: Sequence[Cell], least: Row | None) -> list[Patch]:
    holds, fails, doubt = (LOOKS[v] for v in (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED))
    handles = [
        Patch(facecolor=holds.colour, label="holds, shown"),
        Patch(facecolor=holds.tint, edgecolor=FAINT, label="holds, follows"),
        Patch(facecolor=fails.colour, label="fails, shown"),
        Patch(facecolor=fails.tint, edgecolor=FAINT, label="fails, follows"),
    ]
    if any(cell.is_doubtful for cell in cells):
        handles.append(
            Patch(facecolor=doubt.tint, edgecolor=MUTED, hatch=doubt.hatch, label="undecided")
        )
    if any(cell.verdict is None and not cell.is_doubtful for cell in cells):
        handles.append(
            Patch(facecolor=PAPER, edgecolor=FAINT, label="not asked: dearer, or left open")
        )
    if least is not None:
        handles.append(Patch(facecolor="none", edgecolor=INK, linewidth=2, label="the least"))
    return handles
