"""Vertical against horizontal: what each setting answers, against what it costs per hour."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import words
from loadtests.analysis.evidence import Row
from loadtests.analysis.plots import canvas, labels
from loadtests.analysis.style import INK, MUTED
from loadtests.judged import Verdict
from loadtests.question import Objective

WIDTH_IN = 10.0
HEIGHT_IN = 5.6


@canvas.styled
def equal_cost_figure(
    rows: Sequence[Row], prices: Mapping[Row, float], objective: Objective, currency: str = "USD"
) -> Figure:
    """Draw p95 (ms, with interval) against cost per hour; one replica apart from several.

    Rows without a price or without a latency are left out, and said to be.
    """
    shown = _shown(rows, prices)
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    left_out = len(set(rows)) - len(shown)
    note = f"Objective: {words.objective(objective)}."
    if left_out:
        note += f" Not drawn, without latency or price: {left_out}."
    canvas.message(figure, equal_cost_message(rows, prices, currency), note)
    if not shown:
        return canvas.nothing(figure, "no setting has both a latency and a price")
    axes = figure.subplots()
    values = [v for row in shown for v in (row.p95_ms, *(row.p95_range_ms or ()))]
    scale = canvas.latency_scale(values, objective)
    canvas.latency_axis(axes, scale)
    costs = [prices[row] for row in shown]
    spread = max(max(costs) - min(costs), 0.2 * max(costs), 1e-6)
    axes.set_xlim(min(costs) - 0.12 * spread, max(costs) + 0.2 * spread)
    axes.axhline(objective.latency_ms, **canvas.OBJECTIVE_LINE)
    points = [(prices[row], scale.place(row.p95_ms)) for row in shown]
    bars = []
    for row, (x, y) in zip(shown, points, strict=True):
        if row.p95_range_ms is not None:
            low, high = (scale.place(v) for v in row.p95_range_ms)
            bars.append((x, low, high))
            axes.plot([x, x], [low, high], color=MUTED, linewidth=1.2, alpha=0.6, zorder=2)
        canvas.verdict_marker(axes, x, y, row, 10)
        if row.setting.replicas > 1:
            canvas.ring(axes, x, y, 16, 1.1)
    axes.set_xlabel(f"cost per hour ({currency})")
    axes.set_ylabel("p95 of response times (ms, log)")
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:.3g}")
    several = Line2D(
        [], [], linestyle="none", marker="o", markersize=11, markerfacecolor="none",
        markeredgecolor=INK, label="several replicas",
    )  # fmt: skip
    handles = [*canvas.verdict_handles(shown), several, canvas.objective_handle(objective)]
    figure.legend(handles=handles, loc="outside lower left", ncols=8)
    radii = [9.0 if row.setting.replicas > 1 else labels.MARK_PT for row in shown]
    labels.place(axes, points, [row.setting.label for row in shown], radii, bars)
    return figure


def equal_cost_message(rows: Sequence[Row], prices: Mapping[Row, float], currency: str) -> str:
    """Say which way of growing is the cheapest that holds."""
    held = [row for row in rows if row in prices and row.verdict is Verdict.HOLDS]
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
    return (
        f"{_priced(cheap, prices, currency)} is the cheapest that holds; "
        f"the other way needs {_priced(dear, prices, currency)}"
    )


def equal_cost_figure_alt(
    rows: Sequence[Row], prices: Mapping[Row, float], objective: Objective, currency: str = "USD"
) -> str:
    """Say in words what `equal_cost_figure` shows."""
    shown = sorted(_shown(rows, prices), key=prices.__getitem__)
    found = "; ".join(f"{words.row_sentence(r)} at {prices[r]:.3g} {currency}/h" for r in shown)
    return (
        "Chart of p95 against cost per hour, one replica against several. "
        f"{equal_cost_message(rows, prices, currency)}. "
        f"Objective: {words.objective(objective)}. {found or 'Nothing to draw'}."
    )


def _shown(rows: Sequence[Row], prices: Mapping[Row, float]) -> list[Row]:
    return [
        row
        for row in dict.fromkeys(rows)
        if row in prices and row.p95_ms is not None and not math.isnan(row.p95_ms)
    ]


def _priced(row: Row, prices: Mapping[Row, float], currency: str) -> str:
    return f"{row.setting.label} ({prices[row]:.3g} {currency}/h)"
