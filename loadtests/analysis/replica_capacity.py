"""The highest rate that each number of replicas holds, by live staircases of users.

Of each staircase the level with the most throughput among those that met the SLO counts. It
screens, as staircases do: no fresh containers at each level, and few seconds of it. What it finds
is compared between numbers of replicas, which all were looked at in the same way, several times and
interleaved; at one speed of the CPU, as that drifts from one staircase to the next.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import geometric_mean

from loadtests.analysis import formats, hosts
from loadtests.analysis.between_trials import pooled_log_intervals, spread_factor
from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.generator_health import GENERATOR_BUSY, GENERATOR_CORES
from loadtests.analysis.speed import relative_speed
from loadtests.analysis.staircase import LevelRow, at_level, level_rows
from loadtests.verdicts import Step


@dataclass(frozen=True)
class Climb:
    """One live staircase of one number of replicas."""

    evidence: Evidence

    @property
    def replicas(self) -> int:
        """How many there were."""
        return self.evidence.trial.setting.replicas

    @cached_property
    def levels(self) -> list[tuple[Step, LevelRow]]:
        """Its levels with what was seen of each, fewest users first."""
        return [*zip(self.evidence.trial.steps, level_rows(self.evidence), strict=True)]

    @property
    def _passed(self) -> list[tuple[float, Step]]:
        return [(row.rps, step) for step, row in self.levels if row.passes and row.rps is not None]

    @property
    def best(self) -> Step | None:
        """The level with the most throughput among those that met the SLO; None: none did."""
        return max(self._passed, key=lambda each: each[0], default=(0.0, None))[1]

    @property
    def rate_per_s(self) -> float | None:
        """Requests answered a second at its best level; None where no level met the SLO."""
        return max((rps for rps, _ in self._passed), default=None)

    @property
    def failed(self) -> tuple[Step, LevelRow] | None:
        """The first level above all that met the SLO; None: there was none above."""
        most = max((step.users for _, step in self._passed), default=0)
        return next(((step, row) for step, row in self.levels if step.users > most), None)

    @property
    def failed_per_s(self) -> float | None:
        """What was answered a second at that level; None: there was none, or it answered none."""
        return None if self.failed is None else self.failed[1].rps

    @property
    def at_best(self) -> Evidence | None:
        """The record of its best level, as that of a trial; None where none met the SLO."""
        return None if self.best is None else at_level(self.evidence, self.best)

    @cached_property
    def speed(self) -> float | None:
        """How fast the CPU was at its best level, relative to the reference; None: not known."""
        return None if self.at_best is None else relative_speed(self.at_best)

    @property
    def doubt(self) -> str | None:
        """Say why its rate is not what the replicas hold at most; None: it is."""
        if self.best is None:
            return "not even its first level met the SLO"
        if self.failed is None:
            return "its last level met the SLO, so more may be held"
        busy = _generator_cores(self.evidence, self.failed[0])
        if busy is not None and busy > GENERATOR_BUSY * GENERATOR_CORES:
            return f"the load generator itself used {busy:.2f} of its core where it failed"
        return None


@dataclass(frozen=True)
class Capacities:
    """All staircases of replicas of one size."""

    climbs: tuple[Climb, ...]

    @cached_property
    def is_at_reference(self) -> bool:
        """Whether rates are those at the reference speed, as the speed of every staircase tells."""
        return all(climb.speed for climbs in self.used.values() for climb in climbs)

    def rate_per_s(self, climb: Climb) -> float:
        """Return the rate of a staircase that is used, at the reference speed where that is known.

        CPU is what holds it back, so that with a CPU twice as fast it would be twice as much.
        """
        return self._at_reference(climb, climb.rate_per_s or math.nan)

    def _at_reference(self, climb: Climb, rate_per_s: float) -> float:
        return rate_per_s / climb.speed if self.is_at_reference and climb.speed else rate_per_s

    @cached_property
    def used(self) -> dict[int, list[Climb]]:
        """Those whose rate is the most that is held, by the number of replicas, fewest first."""
        counts = sorted({climb.replicas for climb in self.climbs})
        sound = [climb for climb in self.climbs if climb.doubt is None]
        by_count = {count: [c for c in sound if c.replicas == count] for count in counts}
        return {count: climbs for count, climbs in by_count.items() if climbs}

    @property
    def points(self) -> tuple[CapacityPoint, ...]:
        """The highest rate of each count, with the 95% interval between staircases.

        The geometric mean, its bounds by the spread within all counts together. The upper bound is
        at least what was answered at the level above, which failed: the edge lies below that.
        Without bounds where no count was looked at twice: one staircase tells of no spread.
        """
        used = self.used
        rates = [[self.rate_per_s(climb) for climb in climbs] for climbs in used.values()]
        found = []
        for (count, climbs), between in zip(used.items(), pooled_log_intervals(rates), strict=True):
            if between is None:
                found.append(CapacityPoint(count, self.rate_per_s(climbs[0])))
                continue
            above = [
                self._at_reference(climb, rps) for climb in climbs if (rps := climb.failed_per_s)
            ]
            high = max(between.high, geometric_mean(above) if above else 0.0)
            found.append(CapacityPoint(count, between.estimate, between.low, high))
        return tuple(found)

    @property
    def each(self) -> tuple[CapacityPoint, ...]:
        """Every staircase that is used as a point of its own, as a law of scaling is fitted to.

        With bounds by the spread between staircases, the same factor for all; without where no
        count was looked at twice.
        """
        rates = [[self.rate_per_s(climb) for climb in climbs] for climbs in self.used.values()]
        factor = spread_factor(rates)
        return tuple(
            CapacityPoint(count, rate)
            if factor is None
            else CapacityPoint(count, rate, rate / factor, rate * factor)
            for count, climbed in zip(self.used, rates, strict=True)
            for rate in climbed
        )

    def sentences(self) -> list[str]:
        """Say what each count held, and which staircases say less."""
        held = [
            f"{formats.count(point.replicas, 'replica')}: {_rate(point)}, by "
            f"{formats.count(len(self.used[point.replicas]), 'staircase')}"
            for point in self.points
        ]
        doubts = [
            f"A staircase of {climb.evidence.trial.setting.label} is left out: {climb.doubt}."
            for climb in self.climbs
            if climb.doubt is not None
        ]
        at = ", at the reference speed of the CPU" if self.is_at_reference else ""
        said = [f"The highest rates that are held{at}: {'; '.join(held)}."] if held else []
        return [*said, *doubts, *self._full()]

    def _full(self) -> list[str]:
        """Say from which count on the host had no CPU left, so that it held back, and no replica.

        Their limits are a share of CPUs that load generator and replicas have in common.
        """
        full = []
        for count, climbs in self.used.items():
            shares = [
                share
                for climb in climbs
                if climb.at_best is not None
                and (share := hosts.full_host_share(climb.at_best)) is not None
            ]
            if shares and max(shares) > 0.5:
                full.append(count)
        if not full:
            return []
        return [
            f"With {formats.count(min(full), 'replica')} or more the CPUs of this machine were "
            "full for more than half of the time: there the machine holds back, which more "
            "machines would not."
        ]


def _rate(point: CapacityPoint) -> str:
    if point.low_per_s is None or point.high_per_s is None:
        return f"{point.rate_per_s:,.0f} requests/s, without an interval"
    return (
        f"{point.rate_per_s:,.0f} requests/s (95% interval {point.low_per_s:,.0f} to "
        f"{point.high_per_s:,.0f})"
    )


def _generator_cores(evidence: Evidence, step: Step) -> float | None:
    seconds = evidence.generator
    inside = (seconds["time_s"] > step.steady_start_s) & (seconds["time_s"] <= step.steady_end_s)
    known = seconds.loc[inside, "cpu_cores"].dropna()
    return float(known.mean()) if len(known) else None
