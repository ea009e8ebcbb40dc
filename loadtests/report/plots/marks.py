"""The marks of settings: a point in the look of its verdict, its interval, and what they mean."""

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO
from loadtests.report.style import INK, LOOKS, MUTED, PAPER
from loadtests.verdicts import Verdict

INTERVAL_BAR: dict[str, Any] = {"linewidth": 6, "alpha": 0.35, "solid_capstyle": "butt"}


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
