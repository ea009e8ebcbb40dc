"""One setting measured twice, pair by pair: how much two trials of one setting differ."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from loadtests.analysis import formats
from loadtests.analysis.aa_comparison import Agreement, Pair
from loadtests.report.plots import canvas
from loadtests.report.style import ALARM, DARK, FAINT, LIGHT, PAPER

WIDTH_IN = 10.0
HEIGHT_IN = 4.4
APART = 0.14  # of a pair's place: half the distance of A and B


@canvas.styled
def agreement_figure(found: Agreement, what: str) -> Figure:
    """Draw p95 (ms, with its interval) of A and B of each pair; `what` names the setting."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, agreement_message(found), what)
    axes = figure.subplots()
    for place, pair in enumerate(found.pairs, start=1):
        _draw_pair(axes, place, pair)
    axes.set_xlabel("pair, in the order measured")
    axes.set_ylabel("p95 in steady state (ms)")
    axes.set_ylim(bottom=0)
    axes.set_xlim(0.4, len(found.pairs) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False, axis="x")
    figure.legend(handles=_handles(), loc="outside lower left", ncols=5)
    return figure


def agreement_message(found: Agreement) -> str:
    """Say how much two trials of one setting differ."""
    most = max((p.distance for p in found.pairs if math.isfinite(p.distance)), default=math.nan)
    return (
        f"The same setting measured twice: p95 differs by {formats.share(found.floor)} in the "
        f"median of {len(found.pairs)} pairs, by {formats.share(most)} at most"
    )


def _draw_pair(axes: Axes, place: int, pair: Pair) -> None:
    estimates = [interval.estimate for interval in pair.p95_ms]
    if not all(math.isfinite(estimate) for estimate in estimates):
        return
    at = (place - APART, place + APART)
    axes.plot(at, estimates, color=ALARM if pair.p95_differs else FAINT, linewidth=0.8, zorder=2)
    for x, interval, marker, colour in zip(at, pair.p95_ms, ("o", "s"), (DARK, LIGHT), strict=True):
        high = interval.high if math.isfinite(interval.high) else interval.estimate
        axes.plot([x, x], [np.fmin(interval.low, high), high], color=colour, linewidth=1.0)
        edge = ALARM if pair.p95_differs else PAPER
        axes.plot([x], [interval.estimate], marker, markersize=6, color=colour, zorder=3,
                  markeredgecolor=edge, markeredgewidth=1.2)  # fmt: skip


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], linestyle="none", marker="o", color=DARK, label="A, with 95% interval"),
        Line2D([], [], linestyle="none", marker="s", color=LIGHT, label="B, with 95% interval"),
        Line2D([], [], color=FAINT, linewidth=0.8, label="pair of trials"),
        Line2D([], [], color=ALARM, linewidth=0.8, label="claimed to differ, by requests alone"),
    ]
