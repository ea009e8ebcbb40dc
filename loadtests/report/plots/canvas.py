"""What all figures share: the style, the message above, and the SLO."""

import re
from collections.abc import Callable
from functools import wraps
from textwrap import fill
from typing import Any, ParamSpec, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from loadtests.analysis import formats
from loadtests.question import SLO
from loadtests.report.style import FAINT, INK, MUTED, RC

SLO_LINE: dict[str, Any] = {"color": INK, "linestyle": (0, (5, 3)), "linewidth": 1.1}
LIMIT_LINE: dict[str, Any] = {"color": MUTED, "linestyle": (0, (1, 1.5)), "linewidth": 1.4}

_P = ParamSpec("_P")


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Run a drawing function in this project's style, and settle its layout within it."""

    @wraps(draw)
    def inside(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with mpl.rc_context(cast("Any", RC)):  # the stubs list every key as a literal
            figure = draw(*args, **kwargs)
            figure.draw_without_rendering()  # ticks take their style when first drawn
            figure.set_layout_engine("none")  # all is in its place: half of a drawing's time
        return figure

    return inside


def canvas(width_in: float, height_in: float) -> Figure:
    """Return an empty figure (inches) that keeps its parts from overlapping."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.08, h_pad=0.07, hspace=0.02, wspace=0.03)  # type: ignore[call-arg]
    return figure


def message(figure: Figure, text: str, under: str = "") -> None:
    """Write the figure's message as its title, and a quieter line under it, both broken to fit."""
    width_in = figure.get_figwidth()
    lines = fill(_unbroken(under), int(width_in * 12.5))
    room = "\n " * (lines.count("\n") + 1) if lines else ""
    title = figure.suptitle(
        fill(_unbroken(text), int(width_in * 9.4)) + room, x=0.012, ha="left", linespacing=1.25
    )
    if lines:
        figure.add_artist(
            Annotation(
                lines,
                (0, 0),
                xycoords=title,
                va="bottom",
                color=MUTED,
                fontsize=9.5,
                linespacing=1.4,
            )
        )


def _unbroken(text: str) -> str:
    """Keep the name of a setting on one line."""
    return re.sub(r"(\d+ x )?[\d.]+ CPU / \d+ MiB", lambda m: m[0].replace(" ", "\xa0"), text)


def nothing(figure: Figure, text: str) -> Figure:
    """Say on an otherwise empty figure that there is nothing to draw."""
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=axes.transAxes)
    return figure


def slo_handle(slo: SLO) -> Line2D:
    """Return the legend entry of the SLO's line."""
    return Line2D([], [], label=f"SLO {formats.latency_slo(slo)}", **SLO_LINE)


def no_frame(axes: Axes) -> None:
    """Take away everything but the data of a panel."""
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelcolor=FAINT)
