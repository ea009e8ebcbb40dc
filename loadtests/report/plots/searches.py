"""Whole searches of one question: the band of each and its answer, one line a search."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.searches import shared_band
from loadtests.analysis.searches_table import SearchLine
from loadtests.report.plots import canvas
from loadtests.report.style import ALARM, DARK, LIGHT, PAPER

WIDTH_IN = 10.0
HEIGHT_IN = 1.9
LINE_IN = 0.28  # for each search
MARGIN = 1.25  # on each side of the axis, as a factor
OPEN_END = 1.02  # of the axis, as a factor
_LOOKS = {True: (DARK, "o", "alone"), False: (ALARM, "s", "beside a neighbour that comes and goes")}


@canvas.styled
def searches_figure(searches: Sequence[SearchLine]) -> Figure:
    """Draw each search's band of CPU as a bar and its answer as a mark, the first on top."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN + LINE_IN * len(searches))
    canvas.message(
        figure,
        searches_message(searches),
        "A bar runs from the most CPU that is expected to fail nearly always to the least that is "
        "expected to hold so; an open end has an arrow. A mark is the least setting that was found "
        "to hold.",
    )
    axes = figure.subplots()
    places = _places(searches)
    low, high = min(places, default=0.1) / MARGIN, max(places, default=1.0) * MARGIN
    for line in searches:
        _draw(axes, line, low, high)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{place:g}" for place in places])
    axes.set_xlabel("CPU limit (cores, logarithmic)")
    axes.set_yticks([line.number for line in searches])
    axes.set_ylim(max(line.number for line in searches) + 0.6, 0.4)
    axes.set_ylabel("search")
    axes.grid(visible=False, axis="y")
    figure.legend(handles=_handles(searches), loc="outside lower left", ncols=4)
    return figure


def searches_message(searches: Sequence[SearchLine]) -> str:
    """Say whether the bands of all searches share some CPU; without bands, what was found."""
    count = "1 search" if len(searches) == 1 else f"{len(searches)} searches"
    if any(line.band is not None for line in searches):
        shared = shared_band(searches)
        if shared is None:
            return f"Two bands of {count} have no CPU in common"
        return f"The bands of {count} share {band_text(shared)}"
    answers = sorted({line.least_cpus for line in searches if line.least_cpus is not None})
    found = formats.listing([f"{cpus:g}" for cpus in answers])
    return f"{count}: the least CPU found is {found or 'none'}"


def searches_figure_alt(searches: Sequence[SearchLine]) -> str:
    """Describe the figure in words."""
    each = [
        f"search {line.number} ({'alone' if line.is_alone else 'beside a neighbour'}) "
        + ("has no band" if line.band is None else band_text(line.band))
        + ("" if line.least_cpus is None else f", least {line.least_cpus:g} CPU")
        for line in searches
    ]
    return f"{searches_message(searches)}. {'; '.join(each)}."


def band_text(band: tuple[float, float]) -> str:
    """Write a band: "0.2 to 0.3 CPU", "up to 0.3 CPU" where no step is known to fail."""
    low, high = band
    if low > 0 and math.isfinite(high):
        return f"{low:g} to {high:g} CPU"
    if low > 0:
        return f"{low:g} CPU and more"
    return f"up to {high:g} CPU" if math.isfinite(high) else "any CPU"


def _places(searches: Sequence[SearchLine]) -> list[float]:
    """Return every CPU limit that is drawn."""
    ends = [end for line in searches for end in line.band or ()]
    answers = [line.least_cpus for line in searches if line.least_cpus is not None]
    return sorted({place for place in (*ends, *answers) if place > 0 and math.isfinite(place)})


def _draw(axes: Axes, line: SearchLine, low: float, high: float) -> None:
    colour, marker, _ = _LOOKS[line.is_alone]
    at = line.number
    if line.band is not None:
        # An open end stops short of the axis's, so that its arrow hides no label.
        from_cpus = line.band[0] or low * OPEN_END
        to_cpus = min(line.band[1], high / OPEN_END)
        axes.plot([from_cpus, to_cpus], [at, at], color=LIGHT, linewidth=7.0,
                  solid_capstyle="butt", zorder=2)  # fmt: skip
        for end, arrow, is_open in (
            (from_cpus, "<", line.band[0] == 0),
            (to_cpus, ">", math.isinf(line.band[1])),
        ):
            if is_open:
                axes.plot([end], [at], arrow, color=LIGHT, markersize=9, zorder=2)
    if line.least_cpus is not None:
        axes.plot([line.least_cpus], [at], marker, color=colour, markersize=7, zorder=3,
                  markeredgecolor=PAPER, markeredgewidth=0.8)  # fmt: skip


def _handles(searches: Sequence[SearchLine]) -> list[Line2D]:
    kinds = dict.fromkeys(line.is_alone for line in searches)
    marks = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, label=f"least, {name}")
        for colour, marker, name in (_LOOKS[kind] for kind in kinds)
    ]
    has_band = any(line.band is not None for line in searches)
    bar = Line2D([], [], color=LIGHT, linewidth=7.0, label="band")
    return [*marks, bar] if has_band else marks
