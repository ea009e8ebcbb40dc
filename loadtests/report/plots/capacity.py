"""Capacity against replicas: what was measured, the law through it, and what linear would give."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from loadtests.analysis import formats
from loadtests.analysis.capacity_point import CapacityPoint, counts_of, too_few
from loadtests.analysis.scalability import ScalabilityLaw
from loadtests.analysis.scalability_gains import ordinal
from loadtests.analysis.scalability_words import LAW, rate
from loadtests.report.plots import canvas
from loadtests.report.plots.capacity_residuals import POINT, SPREAD, counts_axis, residual_panel
from loadtests.report.style import ALARM, DARK, LIGHT, MIDDLE, MUTED

WIDTH_IN = 10.0
HEIGHT_IN = 6.4
FURTHER = 1.35  # how far the law is drawn beyond the most that were measured
PLACES = 160  # of the curve
ROOM = 1.12  # above the highest capacity

CURVE: dict[str, Any] = {"color": MIDDLE, "linewidth": 2.0, "zorder": 4}
AHEAD: dict[str, Any] = {"color": LIGHT, "linewidth": 1.8, "linestyle": (0, (4, 2.5)), "zorder": 4}
BAND: dict[str, Any] = {"color": MIDDLE, "alpha": 0.20, "linewidth": 0, "zorder": 2}
BAND_AHEAD: dict[str, Any] = {"color": LIGHT, "alpha": 0.16, "linewidth": 0, "zorder": 2}
LINEAR: dict[str, Any] = {"color": MUTED, "linewidth": 1.1, "linestyle": (0, (1, 1.6)), "zorder": 3}


@canvas.styled
def capacity_figure(points: Sequence[CapacityPoint], law: ScalabilityLaw | None) -> Figure:
    """Draw capacity (requests/s) against replicas with the law and its band, residuals below.

    points: all that the law was fitted to, or one with its interval for each count. law: None
    where it was refused; then the points stand alone.
    """
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, capacity_message(points, law), _under(points, law))
    if not points:
        return canvas.nothing(figure, "no capacity was measured")
    if law is None:
        return _points_alone(figure, points)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    _law(above, law, points)
    _points(above, law.points, points)
    _peak(above, law)
    residual_panel(below, law)
    counts_axis(below, law)
    above.tick_params(axis="x", labelbottom=False)
    _capacity_axis(above)
    below.set_ylabel("residual\n(share of law)")
    figure.align_ylabels([above, below])
    figure.legend(handles=_handles(), loc="outside lower left", ncols=4)
    return figure


def capacity_message(points: Sequence[CapacityPoint], law: ScalabilityLaw | None) -> str:
    """Say how much the most replicas hold, against as many times one, and which still adds."""
    if law is None:
        return _most_held(points)
    last = law.counts[-1]
    times = last * law.efficiency(last).estimate
    said = f"{last} replicas hold {times:.1f} times what one does"
    adding = [gain for gain in law.gains if gain.adds]
    if not adding:
        return f"{said}; no replica after the first is shown to add anything"
    if adding[-1].replicas < last:
        return f"{said}; the {ordinal(adding[-1].replicas)} is the last shown to add anything"
    return f"{said}; the {ordinal(last)} still adds {law.gain(last).words}"


def capacity_figure_alt(points: Sequence[CapacityPoint], law: ScalabilityLaw | None) -> str:
    """Say in words what `capacity_figure` shows."""
    if law is None:
        told = "; ".join(map(_told, points)) or "Nothing measured"
        return (
            f"Chart of capacity against replicas. {_most_held(points)}. {told}. {too_few(points)}"
        ).rstrip()
    told = "; ".join(
        f"{_told(point)} (residual {residual:+,.3g})"
        for point, residual in zip(law.points, law.residuals_per_s, strict=True)
    )
    return (
        "Chart of capacity against replicas, with the scalability law through the points, its "
        "band, the line of linear scaling, and the residuals below. "
        f"{capacity_message(points, law)}. {told}. {' '.join(law.sentences)}"
    )


def _most_held(points: Sequence[CapacityPoint]) -> str:
    if not points:
        return "No capacity was measured"
    most = max(points, key=lambda point: point.rate_per_s)
    holder = formats.count(most.replicas, "replica")
    holds = "holds" if most.replicas == 1 else "hold"
    return f"{holder} {holds} the most, {rate(most.rate_per_s)} requests/s"


def _told(point: CapacityPoint) -> str:
    return f"{formats.count(point.replicas, 'replica')}: {rate(point.rate_per_s)} requests/s"


def _points_alone(figure: Figure, points: Sequence[CapacityPoint]) -> Figure:
    axes = figure.subplots()
    _points(axes, points, points)
    axes.set_xticks(counts_of(points))
    axes.margins(x=0.08)
    axes.set_ylim(0, ROOM * max(point.high_per_s or point.rate_per_s for point in points))
    axes.set_xlabel("replicas")
    _capacity_axis(axes)
    figure.legend(handles=[_measured()], loc="outside lower left")
    return figure


def _capacity_axis(axes: Axes) -> None:
    axes.set_ylabel("capacity (requests/s)")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def _under(points: Sequence[CapacityPoint], law: ScalabilityLaw | None) -> str:
    if law is None:
        return too_few(points)
    whole = LAW.replace(" ", "\xa0")  # in one line
    return f"{law.sentences[0].replace(LAW, whole)} Beyond what was measured it is dashed and pale."


def _law(axes: Axes, law: ScalabilityLaw, points: Sequence[CapacityPoint]) -> None:
    first, last = law.counts[0], law.counts[-1]
    end = max(last * FURTHER, last + 1)
    parts = [
        (np.linspace(first, last, PLACES), CURVE, BAND),
        (np.linspace(last, end, PLACES // 4), AHEAD, BAND_AHEAD),
    ]
    if first > 1:
        parts.append((np.linspace(1, first, PLACES // 4), AHEAD, BAND_AHEAD))
    highest = max(point.high_per_s or point.rate_per_s for point in (*law.points, *points))
    for places, line, band in parts:
        curve, low, high = law.curve(places)
        axes.plot(places, curve, **line)
        axes.fill_between(places, low, high, **band)
        highest = max(highest, float(high.max()))
    _linear(axes, law, end, highest)
    axes.set_ylim(0, ROOM * highest)
    axes.set_xlim(1 - 0.045 * end, end)


def _linear(axes: Axes, law: ScalabilityLaw, end: float, highest: float) -> None:
    """Draw what as many times one replica would hold, and name it where it leaves the panel."""
    lam = law.lam_per_s.estimate
    axes.plot([1, end], [lam, end * lam], **LINEAR)
    at = min(end, ROOM * highest / lam)
    # Beside the line where it leaves through the top, above it where it runs along the law.
    offset, side = ((-9, -4), "top") if at < end else ((-30, 2), "bottom")
    axes.annotate(
        "linear", (at, at * lam), xytext=offset, textcoords="offset points", ha="right",
        va=side, color=MUTED, fontsize=8.5,
    )  # fmt: skip


def _points(axes: Axes, each: Sequence[CapacityPoint], points: Sequence[CapacityPoint]) -> None:
    """Draw each point, and over how far those of a count lie apart, or its interval reaches."""
    for count in counts_of(each):
        rates = [point.rate_per_s for point in each if point.replicas == count]
        of = [point for point in points if point.replicas == count]
        bounds = [*rates]
        if len(of) == 1:
            bounds += [b for b in (of[0].low_per_s, of[0].high_per_s) if b is not None]
        axes.plot([count, count], [min(bounds), max(bounds)], **SPREAD)
        axes.plot([count] * len(rates), rates, **POINT)


def _peak(axes: Axes, law: ScalabilityLaw) -> None:
    """Mark the peak where the law has it among the counts that were measured."""
    at, last = law.peak.replicas, law.counts[-1]
    if at.estimate > last:
        return
    top = law.curve(np.array([at.estimate]))[0][0]
    axes.plot([at.estimate] * 2, [0, top], color=ALARM, linewidth=1.1, zorder=3)
    axes.plot([at.low, min(at.high, axes.get_xlim()[1])], [top] * 2, color=ALARM, **_REACH)
    shown = "peak" if law.peak.is_shown else "peak, not shown"
    axes.annotate(
        f"{shown}\n{_between(law)}", (at.estimate, 0), xytext=(6, 10), textcoords="offset points",
        va="bottom", color=ALARM, fontsize=8.5, linespacing=1.3,
    )  # fmt: skip


_REACH: dict[str, Any] = {"linewidth": 5, "alpha": 0.35, "solid_capstyle": "butt", "zorder": 3}


def _between(law: ScalabilityLaw) -> str:
    at = law.peak.replicas
    high = "no end" if np.isinf(at.high) else _place(at.high)
    return f"{_place(at.estimate)} ({_place(at.low)} to {high})"


def _place(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _measured() -> Line2D:
    look = {**POINT, "linestyle": "-", "color": DARK}
    return Line2D([], [], label="measured, with interval or spread", **look)


def _handles() -> list[Line2D | Patch]:
    return [
        _measured(),
        Line2D([], [], label="scalability law", **CURVE),
        Patch(label="its 95% interval", **BAND),
        Line2D([], [], label="beyond what was measured", **AHEAD),
    ]
