"""The searches in one figure: how often right, against how long the service is under load."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.comparison.conditions import USUAL
from loadtests.comparison.score import Score, best_rival
from loadtests.comparison.strategies import GRID, OURS
from loadtests.report.plots import canvas, labels
from loadtests.report.style import ALARM, FAINT, MIDDLE, MUTED, PAPER

WIDTH_IN = 10.0
HEIGHT_IN = 5.2
TICKS_S = (60, 120, 300, 600, 1200, 1800, 3600, 7200)
CLEARANCE = 0.012  # kept free of labels beyond the ends of an interval, share


@canvas.styled
def strategies_figure(scores: Mapping[str, Score], services: int) -> Figure:
    """Draw the share of right answers (with interval) against mean seconds under load (log)."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(
        figure,
        strategies_message(scores),
        f"{services} simulated services, {USUAL.label}, by time under load.",
    )
    axes = figure.subplots()
    _axes(axes, scores)
    points, bars = [], []
    for name, score in scores.items():
        point = (score.load_s, score.right.estimate)
        bar = (score.load_s, score.right.low, score.right.high)
        _draw(axes, point, bar, is_ours=name == OURS.name)
        points.append(point)
        bars.append((score.load_s, score.right.low - CLEARANCE, score.right.high + CLEARANCE))
    axes.text(0.012, 0.975, "better ↖", transform=axes.transAxes, color=MUTED, va="top")
    labels.place(axes, points, list(scores), bars=bars)
    for text in axes.texts:
        if text.get_text().startswith(OURS.name):
            text.set_color(ALARM)
    return figure


def strategies_message(scores: Mapping[str, Score]) -> str:
    """Say how this project's search compares with its best rival and with measuring everything."""
    ours, grid = scores[OURS.name], scores[GRID.name]
    name = best_rival(scores)
    rival = scores[name]
    return (
        f"Right on {formats.share(ours.right.estimate)} of the services in "
        f"{formats.share(ours.share_of_grid)} of the full grid's time; {name} on "
        f"{formats.share(rival.right.estimate)} in {formats.share(rival.share_of_grid)}, the full "
        f"grid on {formats.share(grid.right.estimate)}"
    )


def _axes(axes: Axes, scores: Mapping[str, Score]) -> None:
    seconds = [score.load_s for score in scores.values()]
    low, high = min(seconds) / 1.8, max(seconds) * 1.35
    ticks = [tick for tick in TICKS_S if low <= tick <= high]
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels(
        [formats.duration(tick).removesuffix(" 00 s").removesuffix(" 00 min") for tick in ticks]
    )
    axes.set_xlabel("mean time under load per service (log)")
    least = min(score.right.low for score in scores.values())
    axes.set_ylim(max(0.0, least - 0.06), 1.0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.set_ylabel("services whose least setting was found, with 95% interval")


def _draw(
    axes: Axes, point: tuple[float, float], bar: tuple[float, float, float], is_ours: bool
) -> None:
    x, low, high = bar
    colour = ALARM if is_ours else MIDDLE
    axes.plot([x, x], [low, high], color=colour if is_ours else FAINT, linewidth=1.8, zorder=2)
    axes.plot(*point, "D" if is_ours else "o", color=colour, markersize=11 if is_ours else 8,
              markeredgecolor=PAPER, markeredgewidth=1.2, zorder=4)  # fmt: skip
