"""Capacity against replicas as a table: measured, by the law, what each adds, how far off."""

from collections.abc import Sequence
from statistics import mean

from loadtests.analysis.capacity_point import CapacityPoint, counts_of
from loadtests.analysis.scalability import ScalabilityLaw
from loadtests.analysis.scalability_words import rate
from loadtests.report.markup import Fragment, render
from loadtests.report.tables import Cell, Column, table

CAPTION = "Capacity against replicas, as measured and by the scalability law"

_MEASURED = (
    Column("replicas", "number"),
    Column("capacity (requests/s)", "number"),
    Column("its interval or spread", "number"),
    Column("points", "number"),
)
_BY_LAW = (
    Column("by the law (95% interval)", "number"),
    Column("the last replica adds (95%)", "number"),
    Column("share of linear", "number"),
    Column("residual (requests/s)", "number"),
)

_MISSING = '<span class="missing">{{ text }}</span>'


def capacity_table(
    points: Sequence[CapacityPoint], law: ScalabilityLaw | None, caption: str = CAPTION
) -> Fragment:
    """Return one line per measured count: capacity (requests/s), its law, gain and residual.

    points: all that the law was fitted to, or one with its interval for each count. Without a law
    (None), what was measured stands alone.
    """
    columns = (*_MEASURED, *(_BY_LAW if law is not None else ()))
    lines = [
        _measured(count, points, points if law is None else law.points)
        + (() if law is None else _by_law(count, points, law))
        for count in counts_of(points)
    ]
    return table(caption, columns, lines, empty="no capacity was measured")


def _measured(
    count: int, points: Sequence[CapacityPoint], each: Sequence[CapacityPoint]
) -> tuple[Cell, ...]:
    of = _of(count, points)
    return str(count), rate(_mean(of)), _spread(of), str(len(_of(count, each)))


def _by_law(count: int, points: Sequence[CapacityPoint], law: ScalabilityLaw) -> tuple[Cell, ...]:
    by_law = law.predict(count).capacity
    measured = _mean(_of(count, points))
    return (
        f"{rate(by_law.estimate)} ({rate(by_law.low)} to {rate(by_law.high)})",
        _gain(law, count),
        f"{law.efficiency(count).estimate:.0%}",
        _signed(measured - by_law.estimate),
    )


def _of(count: int, points: Sequence[CapacityPoint]) -> list[CapacityPoint]:
    return [point for point in points if point.replicas == count]


def _mean(points: Sequence[CapacityPoint]) -> float:
    return mean(point.rate_per_s for point in points)


def _spread(points: Sequence[CapacityPoint]) -> Cell:
    """Write the least and most of several points, or the interval of the only one."""
    if len(points) > 1:
        rates = [point.rate_per_s for point in points]
        return f"{rate(min(rates))} to {rate(max(rates))}"
    low, high = points[0].low_per_s, points[0].high_per_s
    if low is None or high is None:
        return render(_MISSING, text="one point")
    return f"{rate(low)} to {rate(high)}"


def _gain(law: ScalabilityLaw, count: int) -> Cell:
    if count == law.counts[0]:
        return ""
    gain = law.gain(count)
    return gain.words if gain.adds or gain.takes else f"{gain.words}, not shown"


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{rate(abs(value))}"
