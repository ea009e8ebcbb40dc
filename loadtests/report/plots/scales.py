"""The axes that figures share: latency with its bands beyond, and the error rate."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO
from loadtests.report.style import EDGE_WASH, WASH

Which = Literal["x", "y"]
BAND = 0.17  # for each place beyond the last latency, as a share of the axis up to it
WASHES = {formats.NO_ANSWER: EDGE_WASH, formats.NOT_MEASURED: WASH}


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
