"""Latency and error rate against the number of replicas: points, since nothing lies between."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO
from loadtests.report.plots import canvas, marks, scales
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import DARK, FAINT, LIGHT, LOOKS, MUTED, PAPER
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
PANELS_PER_LINE = 3
TICKS = {"p50_ms": LIGHT, "p99_ms": DARK}
TICK: dict[str, Any] = {
    "marker": "_", "linestyle": "none", "markersize": 13, "markeredgewidth": 2.4,
}  # fmt: skip
GUIDE: dict[str, Any] = {"color": FAINT, "linewidth": 0.8, "linestyle": (0, (1, 2))}


@canvas.styled
def scale_out_figure(rows_by_size: Mapping[str, Sequence[Row]], slo: SLO) -> Figure:
    """Draw p50, p95 (with interval), p99 (ms) and error rate against replicas, a panel per size.

    A size is what each replica is granted, as a label; its rows differ in replicas only.
    """
    sizes = {name: _in_order(rows) for name, rows in rows_by_size.items() if rows}
    bands = max(1, math.ceil(len(sizes) / PANELS_PER_LINE))
    figure = canvas.canvas(WIDTH_IN, 1.3 + 4.3 * bands)
    canvas.message(figure, scale_out_message(rows_by_size), _under(rows_by_size, slo))
    if not sizes:
        return canvas.nothing(figure, "no replica count was measured")
    rows = [row for each in sizes.values() for row in each]
    scale = scales.row_scale(rows, slo, ("p50_ms", "p95_ms", "p99_ms"))
    told = not marks.same_trials(rows)
    columns = min(len(sizes), PANELS_PER_LINE)
    grid = figure.subplots(
        2 * bands, columns, squeeze=False, height_ratios=(2.1, 1) * bands, sharex=False
    )
    for place in range(bands * columns):
        band, column = divmod(place, columns)
        latency, errors = grid[2 * band][column], grid[2 * band + 1][column]
        if place >= len(sizes):
            latency.set_axis_off()
            errors.set_axis_off()
            continue
        name = list(sizes)[place]
        latency.set_title(f"each {name}", color=MUTED, fontweight="bold")
        _latency_panel(latency, sizes[name], scale, slo)
        _error_panel(errors, sizes[name], slo, told)
        if column == 0:
            latency.set_ylabel("response time (ms, log)")
            errors.set_ylabel("error rate\n(whole trial)")
        else:
            latency.tick_params(labelleft=False)
            errors.tick_params(labelleft=False)
    figure.legend(handles=_handles(rows, slo), loc="outside lower left", ncols=8)
    return figure


def _under(rows_by_size: Mapping[str, Sequence[Row]], slo: SLO) -> str:
    return marks.slo_and_marks([row for rows in rows_by_size.values() for row in rows], slo)


def _handles(rows: Sequence[Row], slo: SLO) -> list[Line2D]:
    p50, p99 = (
        Line2D([], [], color=colour, label=column.removesuffix("_ms"), **TICK)
        for column, colour in TICKS.items()
    )
    guide = Line2D([], [], label="guide for the eye", **GUIDE)
    verdicts = marks.verdict_handles(rows)
    return [p50, *verdicts, marks.interval_handle(), p99, canvas.slo_handle(slo), guide]


def scale_out_message(rows_by_size: Mapping[str, Sequence[Row]]) -> str:
    """Say from how many replicas on each size holds."""
    parts = []
    for name, rows in rows_by_size.items():
        held = [row.setting.replicas for row in rows if row.verdict is Verdict.HOLDS]
        if held:
            least = min(held)
            parts.append(f"{name} holds with {least} replica{'s' if least > 1 else ''}")
        elif rows:
            parts.append(f"{name} is not shown to hold with any count")
    return "; ".join(parts) or "No replica count was measured"


def scale_out_figure_alt(rows_by_size: Mapping[str, Sequence[Row]], slo: SLO) -> str:
    """Say in words what `scale_out_figure` shows."""
    found = "; ".join(
        formats.row_sentence(row) for rows in rows_by_size.values() for row in _in_order(rows)
    )
    return (
        "Points of latency and error rate against the number of replicas. "
        f"{scale_out_message(rows_by_size)}. {_under(rows_by_size, slo)} "
        f"{found or 'Nothing measured'}."
    )


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.setting.replicas)


def _latency_panel(axes: Axes, rows: Sequence[Row], scale: LatencyScale, slo: SLO) -> None:
    scales.latency_axis(axes, scale)
    axes.axhline(slo.latency_ms, **canvas.SLO_LINE)
    for few, more in pairwise(rows):
        if _may_be_joined(few, more):
            counts = [few.setting.replicas, more.setting.replicas]
            axes.plot(counts, [scale.place_row(few), scale.place_row(more)], zorder=1, **GUIDE)
    for row in rows:
        at, place = row.setting.replicas, scale.place_row(row)
        if row.p95_range_ms is not None:
            low, high = (scale.place(bound) for bound in row.p95_range_ms)
            marks.interval_bar(axes, (at, at), (low, high), row)
        for column, colour in TICKS.items():
            value = getattr(row, column)
            if value is not None:
                axes.plot([at], [scale.place(value)], color=colour, zorder=4, clip_on=False, **TICK)
        marks.verdict_marker(axes, at, place, row)
        _explain(axes, row, place, last=row is rows[-1])
    _replica_axis(axes, rows)
    axes.tick_params(axis="x", labelbottom=False)


def _may_be_joined(few: Row, more: Row) -> bool:
    """Say whether a guide between two counts claims nothing: both measured, of one verdict."""
    measured = all(row.p95_ms is not None and math.isfinite(row.p95_ms) for row in (few, more))
    return measured and few.verdict is more.verdict and few.verdict.decides


def _explain(axes: Axes, row: Row, place: float, last: bool) -> None:
    """Write why a setting fails beside its mark, and why there is no latency."""
    why = "" if row.verdict is Verdict.HOLDS else formats.cause(row.cause)
    why = "\n".join(part for part in (why, marks.no_latency(row)) if part)
    if not why:
        return
    axes.annotate(
        why,
        (row.setting.replicas, place),
        xytext=(-10 if last else 10, 0),
        textcoords="offset points",
        ha="right" if last else "left",
        va="center",
        fontsize=8.5,
        color=LOOKS[row.verdict].ink,
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        zorder=7,
    )


def _error_panel(axes: Axes, rows: Sequence[Row], slo: SLO, with_trials: bool) -> None:
    scales.share_axis(axes, slo)
    axes.axhline(slo.error_rate, **canvas.SLO_LINE)
    for row in rows:
        if row.error_rate is not None and not math.isnan(row.error_rate):
            marks.verdict_marker(axes, row.setting.replicas, row.error_rate, row, 7.5)
    _replica_axis(axes, rows)
    if with_trials:
        names = [f"{r.setting.replicas}\n({formats.count(len(r.trials), 'trial')})" for r in rows]
        axes.set_xticks([row.setting.replicas for row in rows], names)
    axes.set_xlabel("replicas")


def _replica_axis(axes: Axes, rows: Sequence[Row]) -> None:
    counts = [row.setting.replicas for row in rows]
    axes.set_xticks(sorted(set(counts)))
    margin = max(0.5, 0.12 * (max(counts) - min(counts)))
    axes.set_xlim(min(counts) - margin, max(counts) + margin)
