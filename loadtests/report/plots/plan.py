"""A plan against users: what was measured drawn solid, what is extrapolated dashed and paler."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.plan_sentences import interval_of, money
from loadtests.analysis.planning import Fleet, Plan, TargetPlan
from loadtests.report.plots import canvas
from loadtests.report.style import DARK, FAINT, INK, LIGHT, MIDDLE, MUTED, PAPER, WASH

WIDTH_IN = 9.6
HEIGHT_IN = 6.6
LABEL_ROOM = 2.5  # below the lowest point
POINTS = 160  # over all decades: steps of a few per cent
MARGIN = 4.0  # of the axis beyond the largest target: room for its label
SOLID: dict[str, Any] = {"color": DARK, "linewidth": 2.2, "solid_capstyle": "butt"}
DASHED: dict[str, Any] = {"color": MIDDLE, "linewidth": 1.6, "linestyle": (0, (5, 3))}
BAND: dict[str, Any] = {"facecolor": MIDDLE, "alpha": 0.3, "linewidth": 0}
PALE_BAND: dict[str, Any] = {"facecolor": LIGHT, "alpha": 0.25, "linewidth": 0}
TARGET: dict[str, Any] = {
    "linestyle": "none", "marker": "o", "markersize": 7.5, "markerfacecolor": PAPER,
    "markeredgecolor": MIDDLE, "markeredgewidth": 1.8,
}  # fmt: skip


@canvas.styled
def plan_figure(plan: Plan) -> Figure:
    """Draw replicas, and cost an hour, against users, on log axes, with the targets marked."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, plan_message(plan), _under(plan))
    curve = _curve(plan)
    top, bottom = figure.subplots(2, 1, sharex=True)
    currency = plan.targets[0].best.machine.currency
    _panel(top, plan, curve, "replicas", [f"{t.best.replicas:,}" for t in plan.targets])
    _panel(bottom, plan, curve, "cost_hour", [_cost_label(t.best) for t in plan.targets])
    top.set_ylabel("replicas (log)")
    bottom.set_ylabel(f"cost an hour ({currency}, log)")
    bottom.set_xlabel("concurrent users (log)")
    figure.align_ylabels([top, bottom])
    figure.legend(handles=_handles(plan), loc="outside lower left", ncols=3)
    return figure


def plan_message(plan: Plan) -> str:
    """Say what the largest target takes."""
    last = max(plan.targets, key=lambda target: target.users)
    return (
        f"{last.users:,} users take {formats.count(last.best.replicas, 'replica')} on "
        f"{formats.count(last.best.machines, 'machine')}, for {money(last.best)} an hour"
    )


def _under(plan: Plan) -> str:
    asked = plan.asked
    spare = formats.listing(
        [
            formats.count(asked.machines_lost, "machine"),
            formats.count(asked.replicas_lost, "replica"),
        ]
    )
    return (
        f"Replicas of {plan.basis.size.label}, machines of the cheapest type at each point; "
        f"{spare} may be lost. Measured up to {plan.basis.workload.users:,} users."
    )


def plan_figure_alt(plan: Plan) -> str:
    """Say in words what `plan_figure` shows."""
    told = " ".join(_target(each) for each in plan.targets)
    return (
        "Charts of replicas and of cost an hour against users, on logarithmic axes. "
        f"{plan_message(plan)}. {_under(plan)} {told}"
    )


def _target(target: TargetPlan) -> str:
    best, low, high = target.best, target.low, target.high
    how = "Measured" if target.is_measured else "Extrapolated"
    between = (
        "interval not known"
        if low is None or high is None
        else f"interval {interval_of(low.replicas, high.replicas)}"
    )
    return (
        f"{how} for {target.users:,} users: {formats.count(best.replicas, 'replica')} "
        f"({between}), {money(best)} an hour."
    )


def _curve(plan: Plan) -> list[TargetPlan]:
    """Return plans over all decades, the end of what was measured among them."""
    measured = plan.basis.workload.users
    users = {measured, *plan.asked.targets}
    first, last = min(users) / 3, max(users) * MARGIN
    between = np.geomspace(max(1, first), last, POINTS).round().astype(int)
    return [plan.at(int(each)) for each in sorted({*between.tolist(), *users})]


def _panel(
    axes: Axes, plan: Plan, curve: Sequence[TargetPlan], what: str, texts: Sequence[str]
) -> None:
    measured = plan.basis.workload.users
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(curve[0].users, curve[-1].users)
    axes.axvspan(curve[0].users, measured, facecolor=WASH, edgecolor="none", zorder=0)
    inside = [each for each in curve if each.users <= measured]
    outside = [each for each in curve if each.users >= measured]
    for part, line, band in ((inside, SOLID, BAND), (outside, DASHED, PALE_BAND)):
        if not part:
            continue
        users = [each.users for each in part]
        # One count is needed up to the next: steps, no slope between.
        axes.plot(users, [_of(each.best, what) for each in part], drawstyle="steps-pre", **line)
        lows = [_of(each.low, what) for each in part]
        highs = [_of(each.high, what) for each in part]
        axes.fill_between(users, lows, highs, step="pre", zorder=1, **band)
    points = [(each.users, _of(each.best, what)) for each in plan.targets]
    for target, point in zip(plan.targets, points, strict=True):
        axes.axvline(target.users, color=FAINT, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        axes.plot(*point, zorder=6, **TARGET)
        low, high = _of(target.low, what), _of(target.high, what)
        if math.isfinite(low):
            axes.plot([target.users] * 2, [low, high], color=MIDDLE, linewidth=1.2, zorder=5)
    _numbers(axes)
    axes.autoscale_view(scalex=False)
    axes.set_ylim(axes.get_ylim()[0] / LABEL_ROOM, axes.get_ylim()[1])
    # Curves rise, so what stands below to the right hides none of them.
    for point, text in zip(points, texts, strict=True):
        axes.annotate(
            text, point, xytext=(9, -7), textcoords="offset points", va="top", fontsize=8.5,
            color=INK, linespacing=1.25, zorder=8,
        )  # fmt: skip
    for at, text, side in (
        (measured / 1.06, "measured", "right"),
        (measured * 1.06, "extrapolated", "left"),
    ):
        axes.annotate(
            text, (at, 1), xycoords=("data", "axes fraction"), xytext=(0, -4),
            textcoords="offset points", ha=side, va="top", fontsize=8.5, color=MUTED,
        )  # fmt: skip


def _of(fleet: Fleet | None, what: str) -> float:
    return math.nan if fleet is None else float(getattr(fleet, what))


def _cost_label(fleet: Fleet) -> str:
    return f"{money(fleet)}\n{fleet.machines:,} x {fleet.machine.name}"


def _numbers(axes: Axes) -> None:
    plain = FuncFormatter(lambda value, _place: f"{value:,.10g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(plain)
        axis.set_minor_locator(NullLocator())


def _handles(plan: Plan) -> list[Line2D | Patch]:
    known = any(each.low is not None for each in plan.targets)
    return [
        Line2D([], [], label="as many users were measured", **SOLID),
        Line2D([], [], label="extrapolated", **DASHED),
        Line2D([], [], label="asked for", **TARGET),
        Patch(label="95% interval between trials", **BAND),
        Patch(
            label="with the error of held-out trials" if known else "its error is not known",
            **(PALE_BAND if known else {"facecolor": PAPER, "edgecolor": MUTED}),
        ),
    ]
