"""Cost against latency: what each setting costs per hour and how fast it answers, with the SLO."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.cost import EQUAL_COST
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import of_verdict, violations
from loadtests.question import SLO
from loadtests.report.plots import canvas, labels, marks, scales
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import INK
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
HEIGHT_IN = 5.8
MARK_PT = 9.0
FRAME_PT = 14.0  # of the square around the mark of several replicas
MOST_NAMED = 6  # settings that are named under the figure; more are counted
MARGIN = 1.25  # free on both sides of the costs
FRAME: dict[str, Any] = {
    "marker": "s",
    "linestyle": "none",
    "markersize": FRAME_PT,
    "markerfacecolor": "none",
    "markeredgecolor": INK,
    "markeredgewidth": 1.1,
}


@canvas.styled
def cost_figure(
    rows: Sequence[Row], prices: Mapping[Row, float], slo: SLO, currency: str = "USD"
) -> Figure:
    """Draw p95 (ms, log, with interval) of each setting against its cost per hour.

    Several replicas have a square around their mark. What has no latency or is contradicted is
    named under the message.
    """
    shown = _shown(rows, prices)
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, cost_message(rows, prices, currency), _under(rows, prices, slo))
    if not shown:
        return canvas.nothing(figure, "no setting has both a latency and a price")
    axes = figure.subplots()
    scale = scales.row_scale(shown, slo)
    scales.latency_axis(axes, scale)
    axes.axhline(slo.latency_ms, **canvas.SLO_LINE)
    for row in shown:
        _draw(axes, row, prices[row], scale)
    _cost_axis(axes, [prices[row] for row in shown])
    axes.set_xlabel(f"cost per hour ({currency}, log)")
    axes.set_ylabel("p95 in steady state (ms, log)")
    figure.legend(handles=_handles(shown, slo), loc="outside lower left", ncols=7)
    labels.place(
        axes,
        [(prices[row], scale.place_row(row)) for row in shown],
        [_label(row) for row in shown],
        [_radius_pt(row) for row in shown],
        [(prices[row], *_interval(row, scale)) for row in shown if row.p95_range_ms],
    )
    return figure


def cost_message(rows: Sequence[Row], prices: Mapping[Row, float], currency: str) -> str:
    """Say which setting is the cheapest that holds, with one replica and with several."""
    contradicted = [pair.smaller for pair in violations(rows)]
    held = [r for r in of_verdict(rows, Verdict.HOLDS) if r in prices and r not in contradicted]
    one = min((r for r in held if r.setting.replicas == 1), key=prices.__getitem__, default=None)
    many = min((r for r in held if r.setting.replicas > 1), key=prices.__getitem__, default=None)
    if one is None and many is None:
        return "No priced setting is shown to hold"
    if one is None or many is None:
        only = min(held, key=prices.__getitem__)
        other = "several replicas" if many is None else "one replica"
        return (
            f"{_priced(only, prices, currency)} is the cheapest that holds; "
            f"nothing measured with {other} holds"
        )
    if math.isclose(prices[one], prices[many], rel_tol=EQUAL_COST):
        return (
            f"At equal cost (within {formats.share(EQUAL_COST)}) both hold: "
            f"{_priced(one, prices, currency)} and {_priced(many, prices, currency)}"
        )
    cheap, dear = (one, many) if prices[one] < prices[many] else (many, one)
    other = "several replicas" if dear is many else "one replica"
    return (
        f"{_priced(cheap, prices, currency)} is the cheapest that holds; "
        f"with {other} it is {_priced(dear, prices, currency)}"
    )


def cost_figure_alt(
    rows: Sequence[Row], prices: Mapping[Row, float], slo: SLO, currency: str = "USD"
) -> str:
    """Say in words what `cost_figure` shows."""
    found = "; ".join(
        f"{formats.row_sentence(row)} at {prices[row]:.3g} {currency} per hour"
        for row in _shown(rows, prices)
    )
    return (
        "Points of p95 against cost per hour, of one replica and of several. "
        f"{cost_message(rows, prices, currency)}. {_under(rows, prices, slo)} "
        f"{found or 'Nothing to draw'}."
    )


def _shown(rows: Sequence[Row], prices: Mapping[Row, float]) -> list[Row]:
    """Return the rows with a latency and a price, the cheapest first."""
    drawn = [row for row in dict.fromkeys(rows) if row in prices and row.p95_ms is not None]
    return sorted(drawn, key=prices.__getitem__)


def _under(rows: Sequence[Row], prices: Mapping[Row, float], slo: SLO) -> str:
    """Say the SLO and what a mark is; name what is not drawn, and what is contradicted."""
    known = list(dict.fromkeys(rows))
    said = [marks.slo_and_marks(_shown(rows, prices), slo)]
    unmeasured = [_unmeasured(row) for row in known if row.p95_ms is None]
    unpriced = [row.setting.label for row in known if row not in prices]
    smaller = list(dict.fromkeys(pair.smaller.setting.label for pair in violations(known)))
    for what, names in (
        ("Not measured, so not drawn", unmeasured),
        ("Without a price, so not drawn", unpriced),
        ("Contradicted by a larger setting that fails", smaller),
    ):
        if names:
            more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
            said.append(f"{what}: {formats.listing(names[:MOST_NAMED] + more)}.")
    return " ".join(said)


def _unmeasured(row: Row) -> str:
    why = marks.no_latency(row) or str(row.verdict)
    return f"{row.setting.label} ({why})"


def _cost_axis(axes: Axes, costs: Sequence[float]) -> None:
    low, high = min(costs) / MARGIN, max(costs) * MARGIN
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    ticks = [step * 10.0**decade for decade in decades for step in (1, 2, 5)]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:.3g}")


def _interval(row: Row, scale: LatencyScale) -> tuple[float, float]:
    low, high = row.p95_range_ms or (math.nan, math.nan)
    return scale.place(low), scale.place(high)


def _draw(axes: Axes, row: Row, price: float, scale: LatencyScale) -> None:
    at = scale.place_row(row)
    if row.p95_range_ms is not None:
        marks.interval_bar(axes, (price, price), _interval(row, scale), row)
    if row.setting.replicas > 1:
        axes.plot([price], [at], zorder=5, clip_on=False, **FRAME)
    marks.verdict_marker(axes, price, at, row, MARK_PT)


def _radius_pt(row: Row) -> float:
    return FRAME_PT / 2 + 1 if row.setting.replicas > 1 else labels.MARK_PT


def _label(row: Row) -> str:
    why = "" if row.verdict is Verdict.HOLDS else formats.cause(row.cause)
    return f"{row.setting.label}\n{why}" if why else row.setting.label


def _handles(rows: Sequence[Row], slo: SLO) -> list[Line2D]:
    handles = marks.verdict_handles(rows)
    if any(row.setting.replicas > 1 for row in rows):
        handles.append(Line2D([], [], label="several replicas", **FRAME))
    return [*handles, marks.interval_handle(), canvas.slo_handle(slo)]


def _priced(row: Row, prices: Mapping[Row, float], currency: str) -> str:
    p95 = formats.milliseconds(row.p95_ms)
    return f"{row.setting.label} ({prices[row]:.3g} {currency}/h, p95 {p95})"
