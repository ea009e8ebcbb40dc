"""What the edge of the answer is like: does latency rise towards it, or is it a cliff?

Latency that rises step by step warns before a setting fails. At a cliff the least setting is at
ease, and the next smaller one is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadtests.analysis import formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.margins import margins
from loadtests.analysis.recommend import fails_below
from loadtests.question import SLO
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
    was measured to fail, or only several steps below. Where only less memory fails by an OOM kill,
    that is a cliff by itself.
    """
    below = fails_below(rows, least)
    fails, killed = below["cpus"], below["memory_mib"]
    if fails is None:
        if killed is not None and killed.cause is CauseName.OUT_OF_MEMORY:
            at = f"{killed.setting.memory_mib} MiB"
            return Edge(Shape.CLIFF, f"it is OOM-killed at {at}, however fast it was before")
        return Edge(Shape.UNKNOWN, "nothing with less CPU was measured to fail")
    eased = margins(least, slo).p95
    if eased is None:
        return Edge(Shape.UNKNOWN, f"the p95 of {least.setting.label} was not measured")
    between = [row for row in _between(least, fails, rows) if _is_between(row, slo)]
    shown = _compared(least, *between, fails, slo=slo)
    if eased > AT_EASE or between or not _is_lost(fails, slo):
        return Edge(Shape.SMOOTH, shown)
    if fails.setting.cpus + _SLACK < (1 - ONE_STEP) * least.setting.cpus:
        return Edge(Shape.UNKNOWN, f"{shown}, and nothing between was measured")
    return Edge(Shape.CLIFF, shown)


def _is_lost(row: Row, slo: SLO) -> bool:
    """Say whether a failing setting is far beyond the limit, or left nothing to measure."""
    used = margins(row, slo)
    failing = used.failures is not None and used.failures >= LOST
    return failing or used.p95 is None or used.p95 >= LOST


def _is_between(row: Row, slo: SLO) -> bool:
    p95 = margins(row, slo).p95
    return p95 is not None and AT_EASE < p95 < LOST


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
    """Tell p95 on the way down: "p95 goes from 44 ms at 0.4 CPU to 1,200 ms at 0.3 CPU, ..."."""
    first, *between, last = (f"{_found(row, slo)} at {row.setting.cpus:g} CPU" for row in rows)
    over = f" over {formats.listing(between)}" if between else ""
    allowed = formats.milliseconds(slo.latency_ms)
    return f"p95 goes from {first}{over} to {last}, where {allowed} may be"


def _found(row: Row, slo: SLO) -> str:
    p95, failures = formats.latency(row.p95_ms, row), margins(row, slo).failures
    if failures is not None and failures >= LOST:
        return f"{p95} ({formats.share(row.error_rate)} failed)"
    return p95
