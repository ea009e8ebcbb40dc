"""Throughput and p95 against users: the curve with a knee, as a live staircase showed it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.loss import Loss
from loadtests.analysis.users_curve import UsersCurve
from loadtests.report.plots import canvas, scales
from loadtests.report.style import DARK, FAINT, LIGHT, LOOKS, MIDDLE, PAPER
from loadtests.verdicts import Verdict

WIDTH_IN = 9.0
HEIGHT_IN = 6.0


@canvas.styled
def users_curve_figure(curve: UsersCurve) -> Figure:
    """Draw throughput (requests/s) and response times (ms) against users, the knee marked."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, users_curve_message(curve), _under(curve))
    if not curve.levels:
        return canvas.nothing(figure, "no level was measured")
    throughput, latency = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.4))
    users = [level.users for level in curve.levels]
    _throughput(throughput, curve)
    _latency(latency, curve)
    for axes in (throughput, latency):
        if curve.knee_users is not None:
            axes.axvline(curve.knee_users, color=DARK, linewidth=1.0, linestyle=(0, (4, 2)))
    if curve.loss is not None:
        users.append(curve.loss.users)
        _loss(throughput, latency, curve.loss)
    latency.set_xticks(users, [f"{n:,}" for n in users])
    latency.set_xlim(0, 1.05 * max(users))
    latency.set_xlabel("concurrent users")
    figure.align_ylabels([throughput, latency])
    figure.legend(handles=_handles(curve), loc="outside lower left", ncols=4)
    return figure


def users_curve_message(curve: UsersCurve) -> str:
    """Say where the knee is, else how many users met the SLO."""
    if not curve.levels:
        return "No level was measured"
    label, held = curve.setting.label, curve.held
    if curve.knee_users is not None:
        return f"{label} is saturated from about {curve.knee_users:,.0f} users on"
    met = "no number of users" if held is None else f"up to {held:,} users"
    if curve.loss is not None:
        return (
            f"{label} met the SLO with {met}; with {curve.loss.users:,} a replica {curve.loss.how}"
        )
    return f"{label} met the SLO with {met}; no knee was reached"


def users_curve_figure_alt(curve: UsersCurve) -> str:
    """Say in words what `users_curve_figure` shows."""
    return (
        "Charts of throughput and response times against concurrent users. "
        f"{users_curve_message(curve)}. {_under(curve)} {'; '.join(curve.clauses())}."
    )


def _under(curve: UsersCurve) -> str:
    return (
        f"SLO: {formats.slo(curve.slo)}. A live staircase, users added level by level in the same "
        "containers; it screens."
    )


def _throughput(axes: Axes, curve: UsersCurve) -> None:
    known = [(level.users, level.rps) for level in curve.levels if level.rps is not None]
    most = max(level.users for level in curve.levels)
    ends = np.array([0.0, most])
    axes.plot(ends, [curve.asked_per_s(n) for n in ends], color=FAINT, linewidth=1.0)
    if curve.knee_users is not None:
        axes.axhline(curve.most_per_s, color=FAINT, linewidth=1.0)
    axes.plot(*zip(*known, strict=True), color=MIDDLE, marker="o", markersize=5)
    axes.set_ylim(0, 1.15 * max(curve.most_per_s, 1e-9))
    axes.set_ylabel("throughput\n(requests/s)")


def _latency(axes: Axes, curve: UsersCurve) -> None:
    values = [value for level in curve.levels for value in (level.p50_ms, level.p95_ms)]
    scale = scales.latency_scale(values, curve.slo)
    scales.latency_axis(axes, scale)
    axes.axhline(curve.slo.latency_ms, **canvas.SLO_LINE)
    users = [level.users for level in curve.levels]
    axes.plot(users, [scale.place(level.p50_ms) for level in curve.levels], color=LIGHT)
    axes.plot(users, [scale.place(level.p95_ms) for level in curve.levels], color=MIDDLE)
    for level in curve.levels:
        look = LOOKS[Verdict.HOLDS if level.passes else Verdict.FAILS]
        axes.plot(
            [level.users], [scale.place(level.p95_ms)], look.marker, color=look.colour, zorder=5
        )
        if why := curve.hidden_miss(level):
            axes.annotate(
                why, (level.users, scale.place(level.p95_ms)), xytext=(0, -8), fontsize=8.5,
                textcoords="offset points", ha="center", va="top", color=look.ink, zorder=4,
                bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            )  # fmt: skip
    axes.set_ylabel("response time\n(ms, log)")


def _loss(throughput: Axes, latency: Axes, loss: Loss) -> None:
    """Mark the users with which the staircase ended."""
    look = LOOKS[Verdict.FAILS]
    for axes in (throughput, latency):
        axes.axvline(loss.users, color=look.colour, linewidth=1.2, linestyle=(0, (1, 1.5)))
    throughput.annotate(
        loss.how.removeprefix("was "), (loss.users, 0.5), xytext=(-5, 0), rotation=90,
        xycoords=throughput.get_xaxis_transform(), textcoords="offset points",
        ha="right", va="center", color=look.ink, fontsize=8.5,
    )  # fmt: skip


def _handles(curve: UsersCurve) -> list[Line2D]:
    marked = [
        Line2D(
            [], [], linestyle="none", marker=LOOKS[verdict].marker, color=LOOKS[verdict].colour,
            label=f"p95: level {word}",
        )
        for verdict, word in ((Verdict.HOLDS, "met the SLO"), (Verdict.FAILS, "missed it"))
        if any(level.passes is (verdict is Verdict.HOLDS) for level in curve.levels)
    ]  # fmt: skip
    bound = Line2D([], [], color=FAINT, label="bounds: answers at once; most throughput")
    knee = Line2D([], [], color=DARK, linewidth=1.0, linestyle=(0, (4, 2)), label="knee")
    lines = [Line2D([], [], color=LIGHT, label="p50"), Line2D([], [], color=MIDDLE, label="p95")]
    more = [] if curve.knee_users is None else [knee]
    return [*lines, *marked, bound, *more, canvas.slo_handle(curve.slo)]
