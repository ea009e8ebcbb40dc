"""How far the trials of one setting lie apart, beside how sure each of them is by itself.

The interval within a trial tells of its own steady state; the next trial may lie outside.
Long trials and short ones are told apart: a longer steady state evens more out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.analysis.summary import Judged, measure_row
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class SpreadTrial:
    """One trial as a row, and the length of its steady state as it was asked for."""

    row: Row
    steady_s: float

    @property
    def is_valid(self) -> bool:
        """Whether it is evidence."""
        return self.row.verdict is not Verdict.INVALID


@dataclass(frozen=True)
class SameLength:
    """The valid trials of one length."""

    steady_s: float
    rows: tuple[Row, ...]

    @property
    def held(self) -> int:
        """How many of them hold."""
        return sum(row.verdict is Verdict.HOLDS for row in self.rows)

    @property
    def p95_ms(self) -> tuple[float, float, float] | None:
        """The least, the median and the most p95 of them; None where none has one."""
        known = sorted(row.p95_ms for row in self.rows if row.p95_ms is not None)
        return (known[0], float(median(known)), known[-1]) if known else None

    @property
    def widest_ms(self) -> tuple[float, float] | None:
        """The interval of the p95 of that trial which is least sure by itself; None: none has."""
        known = [row.p95_range_ms for row in self.rows if row.p95_range_ms is not None]
        return max(known, key=_times, default=None)

    @property
    def name(self) -> str:
        """Say how many and how long: "2 trials of 30 s"."""
        return f"{formats.count(len(self.rows), 'trial')} of {self.steady_s:g} s"

    @property
    def clause(self) -> str:
        """Say where their p95 lie, and how wide one of them is by itself."""
        p95, widest = self.p95_ms, self.widest_ms
        if p95 is None or widest is None:
            return f"{self.name}: p95 not measured"
        low, middle, high = (formats.milliseconds(value) for value in p95)
        within = f"{formats.milliseconds(widest[0])} to {formats.milliseconds(widest[1])}"
        if len(self.rows) == 1:
            return f"{self.name}: p95 {middle} (95% interval {within})"
        more = "more" if _times((p95[0], p95[2])) > _times(widest) else "no more"
        return (
            f"{self.name}: p95 {low} to {high}, median {middle}, which is {more} than the widest "
            f"interval within one, {within}"
        )


@dataclass(frozen=True)
class Spread:
    """All trials of one setting, in the order in which they were measured."""

    trials: tuple[SpreadTrial, ...]

    @property
    def lengths(self) -> list[SameLength]:
        """The valid trials by their length, the shortest first."""
        valid = [trial for trial in self.trials if trial.is_valid]
        return [
            SameLength(steady_s, tuple(t.row for t in valid if t.steady_s == steady_s))
            for steady_s in sorted({trial.steady_s for trial in valid})
        ]

    @property
    def sentence(self) -> str:
        """Say how far the trials lie apart, those of each length by themselves."""
        if not self.lengths:
            return "No valid trial was measured."
        return f"{'; '.join(length.clause for length in self.lengths)}."


def spread(trials: Sequence[Judged]) -> Spread:
    """Return all trials of one setting side by side, invalid ones too."""
    in_order = sorted(trials, key=lambda each: each[0].trial.started_wall_s)
    return Spread(
        tuple(
            SpreadTrial(measure_row(evidence, judgement), evidence.trial.question.workload.steady_s)
            for evidence, judgement in in_order
        )
    )


def _times(bounds: tuple[float, float]) -> float:
    """Return how many times the upper bound is the lower one; latencies differ by factors."""
    low, high = bounds
    if math.isinf(high):
        return 1.0 if math.isinf(low) else math.inf
    return high / low if low else math.inf
