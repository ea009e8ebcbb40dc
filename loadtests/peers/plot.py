"""Contenders side by side in one figure: a figure of each, as a multiple of this project's own."""

import math
from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import NullLocator

from loadtests.peers.figures import Figure, Summary
from loadtests.peers.numbers import number
from loadtests.report.plots import canvas
from loadtests.report.style import ALARM, FAINT, INK, MIDDLE, MUTED, PAPER

WIDTH_IN = 10.0
ROW_IN, REST_IN = 0.42, 1.7  # height of a contender's row, and of all that is around them
ROOM = 1.35  # beyond the ends, as a factor


@canvas.styled
def ratios_figure(summaries: Sequence[Summary], figure: Figure) -> Drawing:
    """Draw how many times a contender's figure is of ours (log), with 95% intervals."""
    shown = _with(summaries, figure)
    drawing = canvas.canvas(WIDTH_IN, REST_IN + ROW_IN * max(1, len(shown)))
    if not shown:
        return canvas.nothing(drawing, "Nothing was measured of it.")
    better = "less" if figure.less_is_better else "more"
    canvas.message(
        drawing,
        ratios_message(summaries, figure),
        f"{figure.title}, as a multiple of {summaries[0].contender}; {better} is better. Mean of "
        "the ratios within rounds, with its 95% interval.",
    )
    axes = drawing.subplots()
    ordered = sorted(shown, key=lambda one: _ratio(one, figure), reverse=figure.less_is_better)
    for place, one in enumerate(ordered):
        found = one.ratios[figure.key]
        own = one is summaries[0]
        if found.low < found.high:
            axes.plot([found.low, found.high], [place, place], color=FAINT, linewidth=2.4)
        axes.plot(found.estimate, place, "D" if own else "o", color=ALARM if own else MIDDLE,
                  markersize=9, markeredgecolor=PAPER, zorder=4)  # fmt: skip
        axes.annotate(
            f"{number(found.estimate)}x",
            (found.estimate, place),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            color=INK,
        )
    axes.axvline(1, color=MUTED, linestyle=(0, (5, 3)), linewidth=1.1, zorder=1)
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
    reached = [end for one in shown for end in _ends(one, figure)]
    axes.set_xlim(min(reached) / ROOM, max(reached) * ROOM)
    axes.set_ylim(-0.6, len(ordered) - 0.2)
    axes.set_yticks(range(len(ordered)), [one.contender for one in ordered])
    return drawing


def ratios_message(summaries: Sequence[Summary], figure: Figure) -> str:
    """Say how far the contenders are from this project's own, the nearest and the farthest."""
    own, others = summaries[0], _with(summaries, figure)[1:]
    if not others:
        return f"{figure.title}: only {own.contender} was measured"
    least, most = (choose(others, key=lambda one: _ratio(one, figure)) for choose in (min, max))
    if least is most:
        return f"{figure.title}: {least.contender} has {_times(least, figure)} of {own.contender}"
    return (
        f"{figure.title}: between {_times(least, figure)} ({least.contender}) and "
        f"{_times(most, figure)} ({most.contender}) of {own.contender}"
    )


def ratios_alt(summaries: Sequence[Summary], figure: Figure) -> str:
    """Describe the figure in words."""
    shown = _with(summaries, figure)
    said = "; ".join(f"{one.contender} {_times(one, figure)}" for one in shown)
    return (
        f"{figure.title} as a multiple of {summaries[0].contender}: {said}."
        if shown
        else (f"{figure.title}: nothing was measured of it.")
    )


def _with(summaries: Sequence[Summary], figure: Figure) -> list[Summary]:
    return [one for one in summaries if figure.key in one.ratios]


def _ratio(one: Summary, figure: Figure) -> float:
    return one.ratios[figure.key].estimate


def _times(one: Summary, figure: Figure) -> str:
    return f"{number(_ratio(one, figure))}x"


def _ends(one: Summary, figure: Figure) -> tuple[float, ...]:
    found = one.ratios[figure.key]
    return tuple(end for end in (found.low, found.estimate, found.high) if math.isfinite(end))
