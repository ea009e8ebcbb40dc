"""What all figures share: the style, titles, the latency axis with its edges, the SLO."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from textwrap import fill
from typing import Any, Literal, ParamSpec, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO
from loadtests.report.style import EDGE_WASH, FAINT, INK, LOOKS, MUTED, PAPER, RC, WASH
from loadtests.verdicts import Verdict

Which = Literal["x", "y"]
SLO_LINE: dict[str, Any] = {"color": INK, "linestyle": (0, (5, 3)), "linewidth": 1.1}
LIMIT_LINE: dict[str, Any] = {"color": MUTED, "linestyle": (0, (1, 1.5)), "linewidth": 1.4}
INTERVAL_BAR: dict[str, Any] = {"linewidth": 6, "alpha": 0.35, "solid_capstyle": "butt"}
BAND = 0.17  # of a latency axis (in decades) for each place beyond its last latency
WASHES = {formats.NO_ANSWER: EDGE_WASH, formats.NOT_MEASURED: WASH}

_P = ParamSpec("_P")


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Run a drawing function in this project's style, and settle its layout within it."""

    @wraps(draw)
    def inside(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with mpl.rc_context(cast("Any", RC)):  # the stubs list every key as a literal
            figure = draw(*args, **kwargs)
            figure.draw_without_rendering()  # ticks take their style when first drawn
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


@dataclass(frozen=True)
class LatencyScale:
    """A logarithmic range in ms, with bands beyond it for what has no latency."""

    low: float
    high: float  # of what was answered
    beyond: tuple[str, ...]  # the bands in use, nearest first: "no answer", "not measured"

    @property
    def top(self) -> float:
        """The end of the axis, all bands included."""
        return self.band(len(self.beyond))[0]

    def band(self, number: int) -> tuple[float, float]:
        """Return where a band begins and ends."""
        width = (self.high / self.low) ** BAND
        return self.high * width**number, self.high * width ** (number + 1)

    def edge(self, name: str) -> float:
        """Return the middle of a band."""
        return math.sqrt(math.prod(self.band(self.beyond.index(name))))

    def place(self, value: float | None) -> float:
        """Return where a latency is drawn; infinity lies on its edge, None nowhere."""
        if value is None or math.isnan(value):
            return math.nan
        return self.edge(formats.NO_ANSWER) if math.isinf(value) else max(value, self.low)

    def place_row(self, row: Row) -> float:
        """Return where the mark of a row is drawn: at its p95, or on the edge without one."""
        return self.edge(formats.NOT_MEASURED) if row.p95_ms is None else self.place(row.p95_ms)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Return tick places and labels: decades, finer when there are few of them."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        steps = (1,) if last - first >= 3 else (1, 3)
        every = [s * 10.0**d for d in range(first, last + 1) for s in steps]
        places = [p for p in every if self.low <= p <= self.high]
        labels = [f"{p:,.10g}" for p in places]
        return [*places, *map(self.edge, self.beyond)], [*labels, *self.beyond]


def row_scale(
    rows: Sequence[Row], slo: SLO, percentiles: Sequence[str] = ("p95_ms",)
) -> LatencyScale:
    """Choose the range that shows the percentiles of all rows, the interval of p95 and the SLO."""
    values = [getattr(row, name) for row in rows for name in percentiles]
    values += [bound for row in rows for bound in row.p95_range_ms or ()]
    return latency_scale(values, slo, unmeasured=any(row.p95_ms is None for row in rows))


def latency_scale(
    values: Iterable[float | None], slo: SLO, *, unmeasured: bool = False
) -> LatencyScale:
    """Choose the range that shows every latency (ms) and the SLO, and the bands it needs."""
    seen = [v for v in values if v is not None and not math.isnan(v)]
    finite = [v for v in seen if math.isfinite(v) and v > 0] + [slo.latency_ms]
    low, high = min(finite) / 1.7, max(finite) * 1.9
    unanswered = any(math.isinf(v) for v in seen)
    bands = ((formats.NO_ANSWER, unanswered), (formats.NOT_MEASURED, unmeasured))
    return LatencyScale(low, high, tuple(name for name, used in bands if used))


def latency_axis(axes: Axes, scale: LatencyScale, which: Which = "y") -> None:
    """Make one axis of a panel the latency axis, in ms, with its bands shaded."""
    places, labels = scale.ticks()
    if which == "x":
        labels = [label.replace(" ", "\n") for label in labels]
    if which == "y":
        axes.set_yscale("log")
        axes.set_ylim(scale.low, scale.top)
    else:
        axes.set_xscale("log")
        axes.set_xlim(scale.low, scale.top)
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(FixedLocator(places))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels(labels)
    span = axes.axhspan if which == "y" else axes.axvspan
    for number, name in enumerate(scale.beyond):
        span(*scale.band(number), facecolor=WASHES[name], edgecolor="none", zorder=0)


def share_axis(axes: Axes, slo: SLO, which: Which = "y") -> None:
    """Make one axis an error rate from 0% to 100%, its small values spread out."""
    thresh = max(slo.error_rate, 1e-4)
    ticks = [0.0, *(t for t in (0.0001, 0.001, 0.01, 0.1, 1.0) if t >= thresh)]
    if which == "y":
        axes.set_yscale("symlog", linthresh=thresh, linscale=1.0)
        axes.set_ylim(-0.25 * thresh, 2.2)
    else:
        axes.set_xscale("symlog", linthresh=thresh, linscale=1.0)
        axes.set_xlim(-0.25 * thresh, 2.2)
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels([formats.share(t) for t in ticks])


def interval_bar(axes: Axes, x: tuple[float, float], y: tuple[float, float], row: Row) -> None:
    """Draw an interval from (x[0], y[0]) to (x[1], y[1]) in the colour of its row's verdict."""
    axes.plot(x, y, color=LOOKS[row.verdict].colour, zorder=3, **INTERVAL_BAR)


def interval_handle() -> Line2D:
    """Return the legend's entry for `interval_bar`."""
    return Line2D([], [], color=MUTED, label="95% interval of p95", **INTERVAL_BAR)


def verdict_marker(axes: Axes, x: float, y: float, row: Row, size: float = 9.0) -> None:
    """Draw one point in the look of its verdict: open when the trials do not decide."""
    look = LOOKS[row.verdict]
    decided = row.verdict in (Verdict.HOLDS, Verdict.FAILS)
    axes.plot(
        [x],
        [y],
        look.marker,
        markersize=size,
        markerfacecolor=look.colour if decided else PAPER,
        markeredgecolor=PAPER if decided else look.colour,
        markeredgewidth=0.9 if decided else 1.8,
        clip_on=False,
        zorder=6,
    )


def no_latency(row: Row) -> str:
    """Say why the mark of a row lies on the edge: "stopped at 16 s"; empty where it does not."""
    if row.p95_ms is not None or row.stopped_at_s is None:
        return ""
    return formats.stopped(row.stopped_at_s)


def same_trials(rows: Iterable[Row]) -> bool:
    """Say whether all rows have as many trials; else each mark has to say its number."""
    return len({len(row.trials) for row in rows}) <= 1


def slo_and_marks(rows: Sequence[Row], slo: SLO) -> str:
    """Say the SLO and what a mark is: "Each mark is the p95 of 1 trial in steady state."."""
    said = f"SLO: {formats.slo(slo)}."
    if not rows:
        return said
    trials = f" of {formats.count(len(rows[0].trials), 'trial')}" if same_trials(rows) else ""
    return f"{said} Each mark is the p95{trials} in steady state."


def ring(axes: Axes, x: float, y: float, size: float, width: float) -> None:
    """Draw an open circle around a point (sizes in points)."""
    axes.plot(
        [x],
        [y],
        "o",
        markersize=size,
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=width,
        clip_on=False,
        zorder=5,
    )


def verdict_handles(rows: Iterable[Row]) -> list[Line2D]:
    """Return legend entries for the verdicts that occur, in their usual order."""
    present = {row.verdict for row in rows}
    return [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=LOOKS[v].marker,
            markersize=7,
            markerfacecolor=LOOKS[v].colour if v in (Verdict.HOLDS, Verdict.FAILS) else PAPER,
            markeredgecolor=LOOKS[v].colour,
            label=v.value,
        )
        for v in Verdict
        if v in present
    ]


def slo_handle(slo: SLO) -> Line2D:
    """Return the legend entry of the SLO's line."""
    return Line2D([], [], label=f"SLO {formats.latency_slo(slo)}", **SLO_LINE)


def no_frame(axes: Axes) -> None:
    """Take away everything but the data of a panel."""
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelcolor=FAINT)
