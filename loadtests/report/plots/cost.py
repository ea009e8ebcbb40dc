"""Vertical against horizontal: what each setting that holds costs per hour, and how it answers."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import of_verdict, violations
from loadtests.question import SLO
from loadtests.report.plots import canvas
from loadtests.report.plots.canvas import LatencyScale
from loadtests.report.style import DARK, LIGHT, MUTED
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
ROW_IN = 0.4
MOST_ROWS = 14  # the cheapest; dearer ones are counted only
COLOURS = {False: DARK, True: LIGHT}  # of one replica, of several


@canvas.styled
def equal_cost_figure(
    rows: Sequence[Row], prices: Mapping[Row, float], slo: SLO, currency: str = "USD"
) -> Figure:
    """Draw cost per hour and p95 (ms, with interval) of what holds, the cheapest first.

    Settings that fail are left out, as are those without a price, and said to be.
    """
    shown = _shown(rows, prices)
    figure = canvas.canvas(WIDTH_IN, 2.0 + ROW_IN * max(len(shown), 2))
    canvas.message(figure, equal_cost_message(rows, prices, currency), _under(rows, shown, slo))
    if not shown:
        return canvas.nothing(figure, "no setting that holds has both a latency and a price")
    cost, latency = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.15))
    scale = canvas.latency_scale([v for row in shown for v in _latencies(row)], slo)
    canvas.latency_axis(latency, scale, "x")
    latency.axvline(slo.latency_ms, **canvas.SLO_LINE)
    for place, row in enumerate(shown):
        _draw_cost(cost, place, row, prices[row])
        _draw_latency(latency, place, row, scale)
    cost.set_yticks(range(len(shown)), [row.setting.label for row in shown])
    cost.set_ylim(len(shown) - 0.4, -0.6)
    cost.set_xlim(0, 1.15 * max(prices[row] for row in shown))
    cost.xaxis.set_major_formatter(lambda v, _: f"{v:.3g}")
    cost.set_xlabel(f"cost per hour ({currency})")
    latency.set_xlabel("p95 of response times (ms, log)")
    latency.tick_params(axis="y", labelleft=False)
    for axes in (cost, latency):
        axes.grid(visible=False, axis="y")
    figure.legend(handles=_handles(shown, slo), loc="outside lower left", ncols=8)
    return figure


def equal_cost_message(rows: Sequence[Row], prices: Mapping[Row, float], currency: str) -> str:
    """Say which way of growing is the cheapest that holds."""
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
    if math.isclose(prices[one], prices[many], rel_tol=0.01):
        return (
            f"One replica and several cost the same: {_priced(one, prices, currency)} "
            f"and {_priced(many, prices, currency)} hold"
        )
    cheap, dear = (one, many) if prices[one] < prices[many] else (many, one)
    other = "several replicas" if dear is many else "one replica"
    return (
        f"{_priced(cheap, prices, currency)} is the cheapest that holds; "
        f"with {other} it is {_priced(dear, prices, currency)}"
    )


def equal_cost_figure_alt(
    rows: Sequence[Row], prices: Mapping[Row, float], slo: SLO, currency: str = "USD"
) -> str:
    """Say in words what `equal_cost_figure` shows."""
    shown = _shown(rows, prices)
    found = "; ".join(f"{formats.row_sentence(r)} at {prices[r]:.3g} {currency}/h" for r in shown)
    return (
        "Bars of cost per hour beside p95, the cheapest setting first, one replica and several. "
        f"{equal_cost_message(rows, prices, currency)}. "
        f"{_under(rows, shown, slo)} {found or 'Nothing to draw'}."
    )


def _shown(rows: Sequence[Row], prices: Mapping[Row, float]) -> list[Row]:
    """Return the cheapest rows that hold or may, have a price and a latency; cheapest first."""
    drawn = [
        row
        for row in dict.fromkeys(rows)
        if row.verdict is not Verdict.FAILS
        and row in prices
        and row.p95_ms is not None
        and not math.isnan(row.p95_ms)
    ]
    return sorted(drawn, key=prices.__getitem__)[:MOST_ROWS]


def _under(rows: Sequence[Row], shown: Sequence[Row], slo: SLO) -> str:
    """Say the SLO, and what was left out."""
    said = f"SLO: {formats.slo(slo)}."
    failing = sum(row.verdict is Verdict.FAILS for row in dict.fromkeys(rows))
    others = len(set(rows)) - failing - len(shown)
    if failing:
        said += f" Not drawn, as they fail: {failing}."
    if others:
        said += f" Not drawn, dearer or without latency or price: {others}."
    return said


def _latencies(row: Row) -> list[float | None]:
    return [row.p95_ms, *(row.p95_range_ms or ())]


def _draw_cost(axes: Axes, place: int, row: Row, price: float) -> None:
    axes.barh(place, price, 0.5, color=COLOURS[row.setting.replicas > 1])
    axes.annotate(
        f"{price:.3g}", (price, place), xytext=(5, 0), textcoords="offset points", va="center",
        color=MUTED, fontsize=8.5,
    )  # fmt: skip


def _draw_latency(axes: Axes, place: int, row: Row, scale: LatencyScale) -> None:
    if row.p95_range_ms is not None:
        low, high = (scale.place(v) for v in row.p95_range_ms)
        canvas.interval_bar(axes, (low, high), (place, place), row)
    canvas.verdict_marker(axes, scale.place(row.p95_ms), place, row)


def _handles(rows: Sequence[Row], slo: SLO) -> list[Patch | Line2D]:
    names = {False: "one replica", True: "several replicas"}
    ways = sorted({row.setting.replicas > 1 for row in rows})
    return [
        *(Patch(color=COLOURS[way], label=names[way]) for way in ways),
        *canvas.verdict_handles(rows),
        canvas.interval_handle(),
        canvas.slo_handle(slo),
    ]


def _priced(row: Row, prices: Mapping[Row, float], currency: str) -> str:
    return f"{row.setting.label} ({prices[row]:.3g} {currency}/h)"
