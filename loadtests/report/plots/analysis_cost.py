"""Time and memory of an analysis against the number of trials."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis.analysis_cost import AnalysisCost
from loadtests.report.plots import canvas
from loadtests.report.style import DARK, FAINT, MIDDLE

WIDTH_IN = 10.0
HEIGHT_IN = 3.8


@canvas.styled
def analysis_cost_figure(found: AnalysisCost) -> Figure:
    """Draw CPU time (s) with its line, and memory (MiB), of each process; goals as lines."""
    figure, line = canvas.canvas(WIDTH_IN, HEIGHT_IN), found.growth
    largest, goals = found.sizes[-1], found.goals
    canvas.message(
        figure,
        f"{largest:,} trials are read, judged and drawn in {found.wall_s(largest):.0f} s, "
        f"{found.cpu_s(largest):.0f} s of CPU, with {found.peak_mib(largest):,.0f} MiB",
        f"Each mark is a process. The line: {line.fixed_s:.1f} s and {1000 * line.each_s:.1f} ms a "
        f"trial, {line.shape}.",
    )
    time, memory = figure.subplots(1, 2)
    sizes = [each.trials for each in found.measured]
    ends = np.array([0, line.largest])
    time.plot(ends, [line.at(end) for end in ends], color=FAINT, linewidth=1.2, zorder=1)
    _panel(time, sizes, [each.cpu_s for each in found.measured], DARK, goals.wall_s)
    _panel(memory, sizes, [each.peak_mib for each in found.measured], MIDDLE, goals.peak_mib)
    time.set_ylabel("CPU time (s)")
    memory.set_ylabel("memory at most (MiB)")
    return figure


def _panel(axes: Axes, sizes: list[int], values: list[float], colour: str, goal: float) -> None:
    axes.plot(sizes, values, "o", color=colour, markersize=6, zorder=3)
    axes.axhline(goal, label="goal", **canvas.LIMIT_LINE)
    axes.set_xlabel("trials")
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1.12 * max(goal, *values))
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    axes.legend(loc="lower right")
