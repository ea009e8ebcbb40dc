"""What a service's CPU per request does when a CPU second changes its worth, gauge by gauge."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.speed import FIXED_WORK, GENERATOR_CPU, PINNED_WORK, SpeedTrial, explain
from loadtests.report.plots import canvas
from loadtests.report.style import ALARM, DARK, FAINT, LIGHT, PAPER

WIDTH_IN = 10.0
HEIGHT_IN = 4.4
_COLOURS = (DARK, LIGHT, ALARM)
_MARKERS = ("o", "s", "D")


@canvas.styled
def gauges_figure(trials: Sequence[SpeedTrial]) -> Figure:
    """Draw the service's CPU per request against each gauge, relative to its setting's mean."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    gauges = [
        g for g in (GENERATOR_CPU, FIXED_WORK, PINNED_WORK) if any(g in t.gauges for t in trials)
    ]
    found = [explain(trials, gauge) for gauge in gauges]
    best = min(found, key=lambda each: each.normalised)
    canvas.message(
        figure,
        f"CPU per request spreads by {formats.share(best.raw)} between trials of one setting; "
        f"divided by the {best.gauge} by {formats.share(best.normalised)}",
        "Each mark is a trial, relative to the mean of its setting. On the line service and gauge "
        "slow down by the same factor.",
    )
    neighbours = list(dict.fromkeys(trial.neighbour for trial in trials))
    panels = figure.subplots(1, len(gauges), sharey=True, squeeze=False)[0]
    for axes, each in zip(panels, found, strict=True):
        _draw(axes, trials, each.gauge, neighbours)
        axes.set_title(f"{each.gauge}: {formats.share(each.normalised)} left")
        axes.set_xlabel("gauge, relative")
    panels[0].set_ylabel("service's CPU per request, relative")
    figure.legend(handles=_handles(neighbours), loc="outside lower left", ncols=4)
    return figure


def _draw(axes: Axes, trials: Sequence[SpeedTrial], gauge: str, neighbours: Sequence[str]) -> None:
    axes.axline((1.0, 1.0), slope=1.0, color=FAINT, linewidth=1.0, zorder=1)
    for trial, (x, y) in zip(*_relative(trials, gauge), strict=True):
        kind = neighbours.index(trial.neighbour) % len(_COLOURS)
        axes.plot([x], [y], _MARKERS[kind], markersize=6, color=_COLOURS[kind], zorder=3,
                  markeredgecolor=PAPER, markeredgewidth=0.8)  # fmt: skip


def _relative(
    trials: Sequence[SpeedTrial], gauge: str
) -> tuple[list[SpeedTrial], list[tuple[float, float]]]:
    """Return the trials that know the gauge, with gauge and service relative to their setting."""
    known = [trial for trial in trials if gauge in trial.gauges]
    places = []
    for trial in known:
        mine = [t for t in known if t.setting == trial.setting]
        middle = np.exp(
            np.mean([np.log([t.gauges[gauge], t.service_cpu_ms]) for t in mine], axis=0)
        )
        places.append((trial.gauges[gauge] / middle[0], trial.service_cpu_ms / middle[1]))
    return known, places


def _handles(neighbours: Sequence[str]) -> list[Line2D]:
    marks = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, label=f"beside: {name}")
        for name, marker, colour in zip(neighbours, _MARKERS, _COLOURS, strict=False)
    ]
    return [*marks, Line2D([], [], color=FAINT, linewidth=1.0, label="same factor")]
