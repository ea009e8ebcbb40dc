"""Response times of one trial, endpoint by endpoint: the same axes, so that they compare."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.by_objective import binding
from loadtests.analysis.endpoints import EndpointRow, Endpoints, part_of
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.latency import RANK_SLACK, columns, percentile
from loadtests.question import ALL
from loadtests.report.plots import canvas, scales, timeline
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import ALARM, DARK, LIGHT, LOOKS, MIDDLE, MUTED, PAPER
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
PANEL_IN = 1.75
ABREAST = 2
MOST_PANELS = 8
# A percentile is drawn of at least so many requests; where a second has fewer, of several seconds.
REQUESTS_A_POINT = 20
FEW = 300  # requests, up to which each is a dot
_ANSWERED: dict[str, Any] = {"color": MIDDLE, "marker": ".", "linestyle": "none"}
_FAILED: dict[str, Any] = {"color": ALARM, "marker": "x", "linestyle": "none"}
_WAITING: dict[str, Any] = {**_ANSWERED, "marker": "^", "markerfacecolor": PAPER}


@canvas.styled
def endpoints_figure(evidence: Evidence, judgement: Judgement, found: Endpoints) -> Figure:
    """Draw p50 and p95 over time (ms), a panel for each endpoint, with its objectives."""
    rows, _ = _shown(found)
    high = math.ceil(len(rows) / ABREAST)
    figure = canvas.canvas(WIDTH_IN, PANEL_IN * high + 1.5)
    canvas.message(figure, endpoints_message(judgement), _under(evidence, found))
    curves = [_curve(part_of(evidence, row.name)) for row in rows]
    scale = _scale(evidence, rows, curves)
    grid = figure.subplots(high, ABREAST, sharex=True, sharey=True, squeeze=False)
    end = timeline.end_s(evidence.trial)
    for axes in grid.flat[len(rows) :]:
        axes.set_axis_off()
    for axes, row, curve in zip(grid.flat, rows, curves, strict=False):
        timeline.shade_steady_state(axes, evidence.trial, end)
        _panel(axes, row, curve, scale)
        for limit_ms in _limits_ms(row):
            axes.axhline(limit_ms, **canvas.SLO_LINE)
        if not row.results:
            axes.axhline(evidence.trial.question.slo.latency_ms, **canvas.LIMIT_LINE)
    grid[0, 0].set_xlim(0, end)
    for axes in grid[:, 0]:
        axes.set_ylabel("response\ntime (ms, log)")
    for axes in grid.flat[max(0, len(rows) - ABREAST) : len(rows)]:
        axes.tick_params(axis="x", labelbottom=True)
        axes.set_xlabel("seconds since the first user")
    figure.legend(handles=_handles(rows, curves), loc="outside lower left", ncols=7)
    return figure


def endpoints_message(judgement: Judgement) -> str:
    """Say which objective decides; without objectives, which endpoint hides in the total."""
    found = binding(judgement)
    if found is not None:
        by = "; the nearest to its limit is" if found.verdict is Verdict.HOLDS else " by"
        return f"{found.verdict.value.capitalize()}{by} {formats.binding(found)}"
    hidden = [reason for reason in judgement.reasons if "hidden in the total" in reason]
    if hidden:
        return hidden[0].removeprefix("Noted: ").partition(";")[0] + ", hidden in the total"
    return "Response times by endpoint"


def endpoints_figure_alt(evidence: Evidence, judgement: Judgement, found: Endpoints) -> str:
    """Say in words what `endpoints_figure` shows."""
    rows, _ = _shown(found)
    told = "; ".join(
        f"{formats.endpoint(row.name)} ({formats.share(row.share)} of requests): p50 "
        f"{_ms(row.p50_ms)}, p95 {_ms(row.p95_ms)}{_said(row)}"
        for row in rows
    )
    return (
        f"Charts of response times over time, one per endpoint. {endpoints_message(judgement)}. "
        f"{_under(evidence, found)} {told}."
    )


def _ms(value: float | None) -> str:
    return formats.NOT_MEASURED if value is None else formats.milliseconds(value)


def _said(row: EndpointRow) -> str:
    return "" if row.verdict is None else f", {row.verdict.value}"


def _under(evidence: Evidence, found: Endpoints) -> str:
    _, left_out = _shown(found)
    said = f"SLO: {formats.slo(evidence.trial.question.slo)}."
    return f"{said} {formats.count(left_out, 'endpoint')} not drawn." if left_out else said


def _shown(found: Endpoints) -> tuple[Sequence[EndpointRow], int]:
    """Return the endpoints to draw, those with objectives before others, and how many are not."""
    first = sorted(found.rows, key=lambda row: not (row.name == ALL or row.results))
    drawn = {row.name for row in first[:MOST_PANELS]}
    rows = [row for row in found.rows if row.name in drawn]
    return rows, found.left_out + len(found.rows) - len(rows)


def _limits_ms(row: EndpointRow) -> list[float]:
    limits = (each.objective.latency_ms for each in row.results)
    return [limit for limit in limits if limit is not None]


def _curve(part: Evidence) -> pd.DataFrame:
    """Return p50 and p95 over time, and each request by itself where they are few.

    Columns: time_s, p50_ms, p95_ms; or time_s, each_ms (inf where it failed), waiting (it was
    unanswered at the end, and each_ms is its age).
    """
    start_s, latency_ms, ok, in_flight = columns(part)
    if len(start_s) <= FEW:
        each_ms = np.where(ok | in_flight, latency_ms, math.inf)
        return pd.DataFrame({"time_s": start_s, "each_ms": each_ms, "waiting": in_flight})
    known = ~in_flight | (latency_ms > part.trial.question.slo.latency_ms)
    order = np.argsort(start_s[known], kind="stable")
    start_s, felt_ms = start_s[known][order], np.where(ok, latency_ms, math.inf)[known][order]
    end_s = max(1.0, part.trial.phases.steady_end_s)
    width_s = max(1.0, math.ceil(REQUESTS_A_POINT * end_s / len(start_s) - RANK_SLACK))
    bins = np.floor(start_s / width_s).astype(np.int64)
    lines = [
        ((number + 0.5) * width_s, percentile(felt_ms[inside], 50), percentile(felt_ms[inside], 95))
        for number in range(int(bins.max()) + 1)
        if (inside := bins == number).any()
    ]
    return pd.DataFrame(lines, columns=["time_s", "p50_ms", "p95_ms"])


def _scale(
    evidence: Evidence, rows: Sequence[EndpointRow], curves: Sequence[pd.DataFrame]
) -> LatencyScale:
    values = [
        float(v)
        for curve in curves
        for v in curve.drop(columns=["time_s", "waiting"], errors="ignore").to_numpy().flat
    ]
    limits = [limit for row in rows for limit in _limits_ms(row)]
    return scales.latency_scale([*values, *limits], evidence.trial.question.slo)


def _panel(axes: Axes, row: EndpointRow, curve: pd.DataFrame, scale: LatencyScale) -> None:
    scales.latency_axis(axes, scale)
    if "each_ms" in curve:
        failed = np.isinf(curve["each_ms"])
        drawn = (
            (~failed & ~curve["waiting"], _ANSWERED),
            (failed, _FAILED),
            (curve["waiting"], _WAITING),
        )
        for these, marks in drawn:
            at = [scale.place(value) for value in curve["each_ms"][these]]
            axes.plot(curve["time_s"][these], at, markersize=4, **marks)
    else:
        for name, colour, width in (("p95_ms", DARK, 1.4), ("p50_ms", LIGHT, 2.6)):
            at = [scale.place(value) for value in curve[name]]
            axes.plot(curve["time_s"], at, color=colour, linewidth=width)
    if curve.empty:
        axes.text(
            0.5, 0.4, "no request was made", ha="center", color=MUTED, transform=axes.transAxes
        )
    asked = "; ".join(formats.limits(each.objective) for each in row.results)
    title = f"{formats.endpoint(row.name)}, {formats.share(row.share)}"
    axes.set_title(f"{title}: {asked}" if asked else title)
    if row.verdict is not None:
        look = LOOKS[row.verdict]
        axes.set_title(f"{look.sign} {row.verdict.value}", loc="right", color=look.ink)


def _handles(rows: Sequence[EndpointRow], curves: Sequence[pd.DataFrame]) -> list[Line2D]:
    """Return the legend's entries for what was drawn."""
    few = [curve for curve in curves if "each_ms" in curve]
    drawn = (
        ("p95", len(few) < len(curves), {"color": DARK, "linewidth": 1.4}),
        ("p50", len(few) < len(curves), {"color": LIGHT, "linewidth": 2.6}),
        ("one request", bool(few), _ANSWERED),
        ("one that failed", any(np.isinf(curve["each_ms"]).any() for curve in few), _FAILED),
        ("unanswered at the end", any(curve["waiting"].any() for curve in few), _WAITING),
        ("its objective", any(row.results for row in rows), canvas.SLO_LINE),
        ("SLO of all requests", not all(row.results for row in rows), canvas.LIMIT_LINE),
    )
    return [Line2D([], [], label=label, **look) for label, used, look in drawn if used]
