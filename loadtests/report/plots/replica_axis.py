"""What the least setting of every number of replicas costs, measured or by the law."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.question import Setting
from loadtests.report.plots import canvas
from loadtests.report.style import FAINT, INK, LOOKS, MIDDLE, MUTED, PAPER
from loadtests.search.replica_counts import CountNeeds
from loadtests.verdicts import Verdict

WIDTH_IN = 9.0
HEIGHT_IN = 3.9
MARK_PT = 9.0
BAR_PT = 6.0
OPEN_END = 1.25  # of the dearest cost drawn, where no step is surely enough


@canvas.styled
def replica_axis_figure(
    needs: Sequence[CountNeeds], best: Setting | None, prices: Prices
) -> Figure:
    """Draw the cost per hour of the least setting of each number of replicas, with what may be."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, replica_axis_message(needs, best, prices), _under(needs))
    drawn = [need for need in needs if need.expected is not None]
    if not drawn:
        return canvas.nothing(figure, "no number of replicas is expected to hold")
    axes = figure.subplots()
    top = OPEN_END * max(_costs(drawn, prices))
    for need in drawn:
        _draw(axes, need, prices, top)
    if best is not None:
        axes.axhline(prices.per_hour(best), color=FAINT, linewidth=1.0, zorder=1)
    counts = [need.replicas for need in needs]
    axes.set_xlim(min(counts) - 0.5, max(counts) + 0.5)
    axes.set_xticks(counts)
    axes.set_ylim(0, top * 1.12)
    axes.set_xlabel("replicas")
    axes.set_ylabel(f"{prices.currency} per hour")
    figure.legend(handles=_handles(), loc="outside lower left", ncols=3)
    return figure


def replica_axis_message(needs: Sequence[CountNeeds], best: Setting | None, prices: Prices) -> str:
    """Say which number of replicas is the least, and what the next cheapest costs."""
    if best is None:
        return "No number of replicas was measured to hold"
    said = f"{formats.count(best.replicas, 'replica')} cost least: {best.label}"
    if best.replicas == 1:
        said = f"One replica costs least: {best.label}"
    others = [
        need.expected
        for need in needs
        if need.expected is not None and need.replicas != best.replicas
    ]
    if not others:
        return said
    next_best = min(others, key=prices.per_hour)
    more = prices.per_hour(next_best) / prices.per_hour(best) - 1
    held = any(need.held == next_best for need in needs)
    how = "was measured to hold at" if held else "is expected to cost"
    return f"{said}; {next_best.label} {how} {more:+.0%}"


def replica_axis_figure_alt(
    needs: Sequence[CountNeeds], best: Setting | None, prices: Prices
) -> str:
    """Say in words what `replica_axis_figure` shows."""
    told = "; ".join(_told(need, prices) for need in needs)
    return (
        "Chart of the cost per hour of the least setting of every number of replicas. "
        f"{replica_axis_message(needs, best, prices)}. {told}."
    )


def _told(need: CountNeeds, prices: Prices) -> str:
    replicas = formats.count(need.replicas, "replica")
    if need.expected is None:
        return f"{replicas}: no step is expected to hold"
    cost = formats.money(prices.per_hour(need.expected), prices.currency)
    if need.held is not None:
        return f"{replicas}: {need.held.label} was measured to hold, {cost}"
    low = "" if need.perhaps is None else f"perhaps {need.perhaps.label}, "
    high = "no step surely" if need.surely is None else f"surely {need.surely.label}"
    return f"{replicas}: {need.expected.label} by the law, {cost} ({low}{high})"


def _costs(needs: Sequence[CountNeeds], prices: Prices) -> list[float]:
    return [
        prices.per_hour(setting)
        for need in needs
        for setting in (need.expected, need.perhaps, need.surely)
        if setting is not None
    ]


def _draw(axes: Axes, need: CountNeeds, prices: Prices, top: float) -> None:
    if need.expected is None:
        return
    cost = prices.per_hour(need.expected)
    low = cost if need.perhaps is None else prices.per_hour(need.perhaps)
    high = top if need.surely is None else prices.per_hour(need.surely)
    look, measured = LOOKS[Verdict.HOLDS], need.held is not None
    axes.plot(
        [need.replicas] * 2, [low, high], color=MIDDLE, linewidth=BAR_PT, alpha=0.35, zorder=2
    )
    axes.plot(
        need.replicas, cost, look.marker, markersize=MARK_PT, zorder=4, markeredgewidth=1.6,
        markerfacecolor=look.colour if measured else PAPER,
        markeredgecolor=PAPER if measured else MIDDLE,
    )  # fmt: skip
    each = f"{need.expected.cpus:g} CPU\n{need.expected.memory_mib} MiB"
    axes.annotate(
        each, (need.replicas, cost), xytext=(11, 0), textcoords="offset points", va="center",
        color=INK if measured else MUTED, fontsize=9,
    )  # fmt: skip


def _under(needs: Sequence[CountNeeds]) -> str:
    beyond = [str(need.replicas) for need in needs if need.expected is None]
    said = "Filled: measured to hold. Open: by the law, from what one replica needs."
    return f"{said} No step is expected to hold with {formats.listing(beyond)}." if beyond else said


def _handles() -> list[Line2D]:
    look = LOOKS[Verdict.HOLDS]
    return [
        Line2D([], [], linestyle="none", marker=look.marker, markersize=7,
               markerfacecolor=look.colour, markeredgecolor=look.colour, label="measured to hold"),
        Line2D([], [], linestyle="none", marker=look.marker, markersize=7, markerfacecolor=PAPER,
               markeredgecolor=MIDDLE, label="by the law"),
        Line2D([], [], color=MIDDLE, linewidth=BAR_PT, alpha=0.35,
               label="from perhaps enough to surely enough"),
    ]  # fmt: skip
