"""Predicted against measured: every held-out trial, one panel a figure, one mark a predictor."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis.held_out import HeldOut
from loadtests.analysis.held_out_sentences import KNEE, WHAT, error
from loadtests.analysis.prediction_score import P95_GOAL, Compared, Figure, Score
from loadtests.analysis.predictors import NAMES
from loadtests.report.plots import canvas
from loadtests.report.style import ALARM, DARK, FAINT, LIGHT, MUTED, PAPER, WASH

WIDTH_IN = 10.0
HEIGHT_IN = 4.4  # of one row of panels, and what stands around them
ROW_IN = 4.0  # each further row
COLUMNS = 2
BAND = 1 + P95_GOAL  # beside the line of right predictions
MARGIN = 1.35  # free on both sides of the values
_LOOKS = dict(zip(NAMES, ((LIGHT, "o"), (ALARM, "D"), (DARK, "^"), (MUTED, "s")), strict=True))
_TITLES = {
    (Figure.P95, True): "p95 below the knee (ms)",
    (Figure.P95, False): "p95 beyond the knee (ms)",
    (Figure.CAPACITY, True): "capacity (requests/s)",
    (Figure.MEMORY, True): "memory peak (MiB)",
}


@canvas.styled
def predictions_figure(found: HeldOut) -> Drawing:
    """Draw every prediction of a held-out trial against what was measured, on log axes."""
    shown = {
        title: compared
        for (what, counts), title in _TITLES.items()
        if (compared := [each for each in found.of(what) if each.counts is counts])
    }
    rows = math.ceil(len(shown) / COLUMNS)
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN + (rows - 1) * ROW_IN)
    canvas.message(figure, predictions_message(found), _under(found))
    panels = figure.subplots(rows, COLUMNS, squeeze=False).flat
    for axes, (title, compared) in zip(panels, shown.items(), strict=False):
        _draw(axes, compared)
        axes.set_title(title)
        axes.set_xlabel("measured (log)")
        axes.set_ylabel("predicted (log)")
    for axes in panels[len(shown) :]:
        axes.remove()
    figure.legend(handles=_handles(found), loc="outside lower left", ncols=4)
    return figure


def predictions_message(found: HeldOut) -> str:
    """Say which predictor came nearest to each figure, and by how much it was off."""
    nearest: dict[Figure, tuple[float, Score]] = {}
    for score in found.scores():
        median = score.median
        if median is not None and median.estimate < nearest.get(score.figure, (math.inf,))[0]:
            nearest[score.figure] = median.estimate, score
    if not nearest:
        return "Too few trials were held out to say what predictions are worth"
    said = [
        f"{WHAT[figure].removeprefix('the ')} within {error(figure, value)} ({score.predictor})"
        for figure, (value, score) in nearest.items()
    ]
    return f"Held-out trials, median error: {'; '.join(said)}"


def predictions_figure_alt(found: HeldOut) -> str:
    """Say in words what `predictions_figure` shows."""
    each = [
        f"{one.trial.setting.label}, {one.trial.workload.label}, {one.figure.value} by "
        f"{one.predictor}: {one.predicted.estimate:,.3g} predicted, "
        f"{one.measured.estimate:,.3g} measured"
        for one in found.compared
    ]
    return (
        f"Points of predicted against measured values. {predictions_message(found)}. "
        f"{_under(found)} {'; '.join(each)}."
    )


def _under(found: HeldOut) -> str:
    said = (
        "Each mark is a held-out trial, predicted from trials of other settings. On the line a "
        f"prediction is right, in the band within a factor of {BAND:g}."
    )
    if any(not each.counts for each in found.compared):
        said += f" Open marks lie beyond the knee and count for no goal; {KNEE}."
    return said


def _draw(axes: Axes, compared: Sequence[Compared]) -> None:
    values = [v for each in compared for v in (each.predicted.estimate, each.measured.estimate)]
    positive = [value for value in values if value > 0 and math.isfinite(value)]
    low, high = min(positive) / MARGIN, max(positive) * MARGIN
    ends = [low, high]
    axes.fill_between(
        ends, [e / BAND for e in ends], [e * BAND for e in ends], color=WASH, zorder=0
    )
    axes.plot(ends, ends, color=FAINT, linewidth=1.0, zorder=1)
    for each in compared:
        _mark(axes, each)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    ticks = _ticks(low, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_ticklabels([f"{tick:,g}" for tick in ticks])


def _mark(axes: Axes, each: Compared) -> None:
    colour, marker = _LOOKS[each.predictor]
    x, y = each.measured.estimate, each.predicted.estimate
    if each.predicted.low > 0 and math.isfinite(each.predicted.high):
        axes.plot([x, x], [each.predicted.low, each.predicted.high], color=colour, alpha=0.35,
                  linewidth=1.2, zorder=2)  # fmt: skip
    axes.plot([x], [y], marker, markersize=6.5, zorder=3, linestyle="none",
              markerfacecolor=colour if each.counts else PAPER,
              markeredgecolor=PAPER if each.counts else colour,
              markeredgewidth=0.8 if each.counts else 1.4)  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    """Return few round places: decades, finer where there are not two of them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        places = [step * 10.0**decade for decade in decades for step in steps]
        inside = [place for place in places if low <= place <= high]
        if len(inside) >= 3:
            return inside
    return inside


def _handles(found: HeldOut) -> list[Line2D | Patch]:
    present = {each.predictor for each in found.compared}
    return [
        *(
            Line2D([], [], linestyle="none", marker=marker, color=colour, label=name)
            for name, (colour, marker) in _LOOKS.items()
            if name in present
        ),
        Line2D([], [], color=FAINT, linewidth=1.0, label="predicted as measured"),
        Patch(facecolor=WASH, edgecolor=FAINT, label=f"within a factor of {BAND:g}"),
    ]
