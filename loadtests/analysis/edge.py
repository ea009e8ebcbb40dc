"""What the edge of the answer is like: does latency rise towards it, or is it a cliff?

Latency that rises step by step warns before a setting fails. At a cliff the least setting is at
ease, and the next smaller one is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadtests.analysis import formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.margins import at_slo_ms, margins
from loadtests.analysis.recommend import fails_below
from loadtests.question import ALL, SLO
from loadtests.verdicts import Verdict

# Of the limit: p95 up to the first is at ease, from the second on lost. A factor of four between
# neighbours is far beyond what p95 differs between trials of one setting away from the edge.
AT_EASE = 0.5
LOST = 2.0
# Of the CPU: settings farther apart are no neighbours, and what lies between may be either. Steps
# are 20 to 50% up, which is at most a third down.
ONE_STEP = 1 / 3
_SLACK = 1e-9


class Shape(StrEnum):
    """How a service goes from holding to failing as it is given less."""

    SMOOTH = "smooth"
    CLIFF = "cliff"
    UNKNOWN = "unknown"


WORDS = {Shape.SMOOTH: "a smooth edge", Shape.CLIFF: "a cliff", Shape.UNKNOWN: ""}


@dataclass(frozen=True)
class Edge:
    """The shape of the edge, and what shows it, as a clause."""

    shape: Shape
    why: str

    @property
    def sentence(self) -> str:
        """Say what the edge is like, and what shows it."""
        words = WORDS[self.shape] or "not known whether smooth or a cliff"
        return f"The edge: {words}, as {self.why}."


def edge(least: Row, rows: Sequence[Row], slo: SLO) -> Edge:
    """Return what the edge of CPU is like between the least setting and the next that fails.

    A cliff: p95 is within half of its limit at the least setting, and one step of CPU below it is
    beyond twice the limit, or so are failures, or nothing was left to measure. Smooth: p95 is
    between the two at either of them, or at a setting between them. Unknown: nothing with less CPU
    was measured to fail, or only several steps below, or the objective of one endpoint decides.
    Where only less memory fails by an OOM kill, that is a cliff by itself.
    """
    below = fails_below(rows, least)
    fails = below["cpus"]
    if fails is None:
        return _of_memory(below["memory_mib"])
    if (told := _of_another(least, fails)) is not None:
        return Edge(Shape.UNKNOWN, told)
    eased = margins(least, slo).latency
    if eased is None:
        return Edge(
            Shape.UNKNOWN, f"the p{slo.percentile:g} of {least.setting.label} was not measured"
        )
    between = [row for row in _between(least, fails, rows) if _is_between(row, slo)]
    shown = _compared(least, *between, fails, slo=slo)
    if eased > AT_EASE or between or not _is_lost(fails, slo):
        return Edge(Shape.SMOOTH, shown)
    if fails.setting.cpus + _SLACK < (1 - ONE_STEP) * least.setting.cpus:
        return Edge(Shape.UNKNOWN, f"{shown}, and nothing between was measured")
    return Edge(Shape.CLIFF, shown)


def _of_memory(killed: Row | None) -> Edge:
    """Return the edge where nothing with less CPU was measured to fail."""
    if killed is not None and killed.cause is CauseName.OUT_OF_MEMORY:
        at = f"{killed.setting.memory_mib} MiB"
        return Edge(Shape.CLIFF, f"it is OOM-killed at {at}, however fast it was before")
    return Edge(Shape.UNKNOWN, "nothing with less CPU was measured to fail")


def _of_another(*rows: Row) -> str | None:
    """Say that the edge is not told, where an endpoint makes it; None: all requests together do."""
    bound = (row.binding for row in rows)
    found = next((each for each in bound if each and each.objective.name != ALL), None)
    if found is None:
        return None
    return f"{found.objective.name} decides, and the edge is told of all requests together only"


def _is_lost(row: Row, slo: SLO) -> bool:
    """Say whether a failing setting is far beyond the limit, or left nothing to measure."""
    used = margins(row, slo)
    failing = used.failures is not None and used.failures >= LOST
    return failing or used.latency is None or used.latency >= LOST


def _is_between(row: Row, slo: SLO) -> bool:
    used = margins(row, slo).latency
    return used is not None and AT_EASE < used < LOST


def _between(least: Row, fails: Row, rows: Sequence[Row]) -> list[Row]:
    """Return what was measured with CPU between the two and memory enough, most CPU first."""
    inside = [
        row
        for row in rows
        if row.verdict is not Verdict.INVALID
        and row.setting.replicas == least.setting.replicas
        and fails.setting.cpus < row.setting.cpus < least.setting.cpus
        and row.setting.memory_mib >= least.setting.memory_mib
    ]
    return sorted(inside, key=lambda row: row.setting, reverse=True)


def _compared(*rows: Row, slo: SLO) -> str:
    """Tell latency on the way down: "p95 goes from 44 ms at 0.4 CPU to 1,200 at 0.3, ..."."""
    first, *between, last = (f"{_found(row, slo)} at {row.setting.cpus:g} CPU" for row in rows)
    over = f" over {formats.listing(between)}" if between else ""
    allowed = formats.milliseconds(slo.latency_ms)
    return f"p{slo.percentile:g} goes from {first}{over} to {last}, where {allowed} may be"


def _found(row: Row, slo: SLO) -> str:
    seen, failures = formats.latency(at_slo_ms(row, slo), row), margins(row, slo).failures
    if failures is not None and failures >= LOST:
        return f"{seen} ({formats.share(row.error_rate)} failed)"
    return seen
