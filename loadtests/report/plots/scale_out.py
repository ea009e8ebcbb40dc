"""Latency and failure curves against replica count, and vertical against horizontal at a cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO
from loadtests.report.plots import canvas
from loadtests.report.plots.canvas import LatencyScale
from loadtests.report.style import DARK, LIGHT, LOOKS, MIDDLE, MUTED, PAPER
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
PANELS_PER_LINE = 3
CURVES: tuple[tuple[str, str, Literal["-", "--"]], ...] = (
    ("p99_ms", DARK, "--"),
    ("p95_ms", MIDDLE, "-"),
    ("p50_ms", LIGHT, "-"),
)


@canvas.styled
def scale_out_figure(rows_by_size: Mapping[str, Sequence[Row]], slo: SLO) -> Figure:
    """Draw p50, p95 (with interval), p99 (ms) and failures against replicas, a panel a size.

    A size is what each replica is granted, as a label; its rows differ in replicas only.
    """
    sizes = {name: _in_order(rows) for name, rows in rows_by_size.items() if rows}
    bands = max(1, math.ceil(len(sizes) / PANELS_PER_LINE))
    figure = canvas.canvas(WIDTH_IN, 1.3 + 4.3 * bands)
    message = scale_out_message(rows_by_size)
    canvas.message(figure, message, f"SLO: {formats.slo(slo)}.")
    if not sizes:
        return canvas.nothing(figure, "no replica count was measured")
    rows = [row for each in sizes.values() for row in each]
    values = [v for r in rows for v in (r.p50_ms, r.p95_ms, r.p99_ms, *(r.p95_range_ms or ()))]
    scale = canvas.latency_scale(values, slo)
    columns = min(len(sizes), PANELS_PER_LINE)
    grid = figure.subplots(
        2 * bands, columns, squeeze=False, height_ratios=(2.1, 1) * bands, sharex=False
    )
    for place in range(bands * columns):
        band, column = divmod(place, columns)
        latency, failures = grid[2 * band][column], grid[2 * band + 1][column]
        if place >= len(sizes):
            latency.set_axis_off()
            failures.set_axis_off()
            continue
        name = list(sizes)[place]
        latency.set_title(f"each {name}", color=MUTED, fontweight="bold")
        _latency_panel(latency, sizes[name], scale, slo)
        _failure_panel(failures, sizes[name], slo)
        if column == 0:
            latency.set_ylabel("response time (ms, log)")
            failures.set_ylabel("failed requests\n(share)")
        else:
            latency.tick_params(labelleft=False)
            failures.tick_params(labelleft=False)
    curves = [
        Line2D([], [], color=colour, linestyle=dash, label=column.removesuffix("_ms"))
        for column, colour, dash in reversed(CURVES)
    ]
    handles = [*curves, *canvas.verdict_handles(rows), canvas.slo_handle(slo)]
    figure.legend(handles=handles, loc="outside lower left", ncols=8)
    return figure


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
        "Latency and failure curves against the number of replicas. "
        f"{scale_out_message(rows_by_size)}. SLO: {formats.slo(slo)}. "
        f"{found or 'Nothing measured'}."
    )


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.setting.replicas)


def _latency_panel(axes: Axes, rows: Sequence[Row], scale: LatencyScale, slo: SLO) -> None:
    canvas.latency_axis(axes, scale)
    axes.axhline(slo.latency_ms, **canvas.SLO_LINE)
    counts = [row.setting.replicas for row in rows]
    ranges = [(row.setting.replicas, row.p95_range_ms) for row in rows if row.p95_range_ms]
    for count, (low, high) in ranges:
        axes.plot(
            [count, count], [scale.place(low), scale.place(high)],
            color=MIDDLE, linewidth=7, alpha=0.28, solid_capstyle="butt", zorder=2,
        )  # fmt: skip
    for column, colour, dash in CURVES:
        places = [scale.place(getattr(row, column)) for row in rows]
        axes.plot(
            counts, places, color=colour, linestyle=dash, marker=".", markersize=5, clip_on=False
        )
    for row in rows:
        if row.p95_ms is not None:
            canvas.verdict_marker(axes, row.setting.replicas, scale.place(row.p95_ms), row)
            _name_cause(axes, row, scale.place(row.p95_ms), last=row is rows[-1])
    _replica_axis(axes, counts)
    axes.tick_params(axis="x", labelbottom=False)


def _name_cause(axes: Axes, row: Row, place: float, last: bool) -> None:
    why = formats.cause(row.cause)
    if row.verdict is Verdict.HOLDS or not why:
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


def _failure_panel(axes: Axes, rows: Sequence[Row], slo: SLO) -> None:
    canvas.share_axis(axes, slo)
    axes.axhline(slo.error_rate, **canvas.SLO_LINE)
    counts = [row.setting.replicas for row in rows]
    ratios = [math.nan if row.error_rate is None else row.error_rate for row in rows]
    axes.plot(counts, ratios, color=MIDDLE)
    for row, ratio in zip(rows, ratios, strict=True):
        if not math.isnan(ratio):
            canvas.verdict_marker(axes, row.setting.replicas, ratio, row, 7.5)
    _replica_axis(axes, counts)
    axes.set_xlabel("replicas")


def _replica_axis(axes: Axes, counts: Sequence[int]) -> None:
    axes.set_xticks(sorted(set(counts)))
    margin = max(0.5, 0.12 * (max(counts) - min(counts)))
    axes.set_xlim(min(counts) - margin, max(counts) + margin)
