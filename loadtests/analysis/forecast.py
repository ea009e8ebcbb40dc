"""Where the least CPU is expected, with its interval, by the levels of a live staircase.

By the utilisation law a load needs X D / U cores: throughput times CPU a request, over the share of
its CPU that the service may use (Denning & Buzen 1978). D is no constant: a request takes less CPU
the more wait for an answer, since they are served in one wake-up. So log D is fitted against
log(1 + users in flight) and read where the SLO ends.

Of six things that D was fitted against, users in flight told a left-out level best: off by 7%
(root mean square over 19 levels of four recorded staircases), the share of throttled periods by
12%, powers of the use by 14% to 42%, a constant by 17%. Levels below the first that fails are no
help: what times out is served in vain, and D goes up again. Nor is D divided by the generator's CPU
a request, which takes less itself the more it receives at once: that was off by 11%.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.speed import reference_of
from loadtests.analysis.staircase import LevelRow, level_rows
from loadtests.question import SLO

CONFIDENCE = 0.9  # of the interval, two-sided
# What is believed before any level, from the four recorded staircases: the line's slope was -0.03
# to -0.07, of a service that saves nothing it is 0; levels were off the line by 6%.
SLOPE, SLOPE_ERROR = -0.05, 0.03
LEVEL_ERROR, LEVELS_BELIEVED = 0.06, 4  # the second: how many levels that belief counts for
# Trials in fresh containers, within 25 minutes of a staircase, took so much more or less CPU a
# request than its line said (root mean square of logs, 20 trials of the four runs): the CPU's speed
# drifts.
FRESH = 0.08
FEW_LEVELS = 3  # fewer say next to nothing of the slope


@dataclass(frozen=True)
class CpuForecast:
    """The least CPU limit of a replica that is expected to hold, and what that rests on."""

    cpus: Interval  # with its 90% interval
    use: float  # share of the limit that is used there
    cpu_ms_per_request: float  # there
    rps: float  # answered there, by all replicas
    passed: float  # least limit that passed
    failed: float | None  # most below it that failed; None: none did
    levels: int  # that it was fitted to
    speed: float | None = None  # of the CPU then, relative to the reference; None: not known

    @property
    def reference_cpus(self) -> Interval:
        """The same at the reference speed, at which trials are judged; as measured if unknown."""
        speed, cpus = self.speed or 1.0, self.cpus
        return Interval(cpus.estimate * speed, cpus.low * speed, cpus.high * speed)

    @property
    def sentence(self) -> str:
        """Say what is forecast, and from what."""
        levels = "1 level" if self.levels == 1 else f"{self.levels} levels"
        edge = f"{self.passed:g} CPU passed"
        edge += ", nothing below it failed" if self.failed is None else f", {self.failed:g} failed"
        return (
            f"The least CPU is forecast to be {self.cpus.estimate:.2f} ({CONFIDENCE:.0%} interval "
            f"{self.cpus.low:.2f} to {self.cpus.high:.2f}) for {self.rps:,.0f} requests/s: by "
            f"{levels} a request takes {self.cpu_ms_per_request:.3f} ms of CPU at {self.use:.0%} "
            f"use; {edge}.{self._at_reference}{self._why_wide}"
        )

    @property
    def _at_reference(self) -> str:
        if self.speed is None:
            return ""
        cpus = self.reference_cpus
        return (
            f" The CPU did {self.speed:.2f} times the work a second that it does at the reference "
            f"speed; at that it is {cpus.estimate:.2f} ({cpus.low:.2f} to {cpus.high:.2f}), with "
            f"{self.cpu_ms_per_request * self.speed:.3f} ms a request."
        )

    @property
    def _why_wide(self) -> str:
        if self.levels >= FEW_LEVELS:
            return ""
        return (
            " The interval is wide: so few levels do not tell how much less CPU a request takes "
            "when many wait."
        )


@dataclass(frozen=True)
class _Point:
    """What a level tells of CPU a request."""

    in_flight: float  # users of a replica
    cpu_s: float  # core seconds a request


@dataclass(frozen=True)
class _Spread:
    """Student's t about an estimate, in log."""

    centre: float
    error: float
    freedom: float

    def between(self, low: float, high: float) -> tuple[float, float, float]:
        """Return median and bounds of what lies from `low` to `high`."""
        if self.centre < low:  # the upper tail has no digits left where the lower has many
            mirrored = _Spread(-self.centre, self.error, self.freedom).between(-high, -low)
            return -mirrored[0], -mirrored[2], -mirrored[1]
        t = stats.t(self.freedom, self.centre, self.error)
        begin, end = t.cdf(low), t.cdf(high)
        tail = (1 - CONFIDENCE) / 2
        median, bottom, top = t.ppf(begin + np.array([0.5, tail, 1 - tail]) * (end - begin))
        return float(median), float(bottom), float(top)


def forecast_cpus(evidence: Evidence) -> CpuForecast | None:
    """Forecast the least CPU of a replica from the record of a staircase that takes CPU away.

    None where there is no edge to forecast: the ample level failed, or its CPU was not reported.
    """
    trial = evidence.trial
    found = forecast_from(level_rows(evidence), trial.question.slo, trial.setting.replicas)
    if found is None or trial.reference_us is None or (seen_us := reference_of(evidence)) is None:
        return found
    return replace(found, speed=trial.reference_us / seen_us)


def forecast_from(levels: Sequence[LevelRow], slo: SLO, replicas: int = 1) -> CpuForecast | None:
    """Forecast from the levels in the order climbed; None as `forecast_cpus`."""
    if not levels or not levels[0].passes:
        return None
    ample, *more = levels
    if not ample.cpu_cores or not ample.rps:
        return None
    # An ample limit that was given back works off a backlog: its use is not that of the load.
    climbed = [ample, *(level for level in more if level.cpus != ample.cpus)]
    above, below = _edge(climbed)
    points = [
        _Point(level.in_flight / replicas, level.cpu_cores / level.rps)
        for level in climbed
        if (level.passes or level is below) and level.cpu_cores and level.rps
    ]
    # With p95 at the SLO's latency the mean is about half of it; in flight by Little's law.
    in_flight = ample.rps / replicas * slo.latency_ms / 1000 / 2
    # Who waits does not ask; where half of all would wait, the load is no longer that of the SLO.
    rps = ample.rps * (1 - min(0.5, in_flight * replicas / ample.users))
    use, use_error = _use_at_edge(above, below, in_flight, replicas)
    demand = _demand(points, in_flight)
    spread = _Spread(
        demand.centre + math.log(rps / use / replicas),
        math.hypot(demand.error, use_error),
        demand.freedom,
    )
    low = -math.inf if below is None else math.log(below.cpus)
    estimate, bottom, top = spread.between(low, math.log(above.cpus))
    fresh = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * FRESH
    return CpuForecast(
        cpus=Interval(
            math.exp(estimate),
            math.exp(estimate - math.hypot(estimate - bottom, fresh)),
            math.exp(estimate + math.hypot(top - estimate, fresh)),
        ),
        use=use,
        cpu_ms_per_request=1000 * math.exp(demand.centre),
        rps=rps,
        passed=above.cpus,
        failed=None if below is None else below.cpus,
        levels=len(points),
    )


def _edge(climbed: Sequence[LevelRow]) -> tuple[LevelRow, LevelRow | None]:
    """Return the least level that passed with all above it, and the one below it that failed."""
    above = climbed[0]
    for level in sorted(climbed, key=lambda level: -level.cpus):
        if not level.passes:
            return above, level
        above = level
    return above, None


def _use_at_edge(
    above: LevelRow, below: LevelRow | None, in_flight: float, replicas: int
) -> tuple[float, float]:
    """Return the share of its CPU that the service uses where the SLO ends, and its error in log.

    It lies anywhere between that of the levels beside the edge. Where none failed it is that of a
    single server with so many in flight, q / (1 + q) (M/M/1, Kleinrock 1975, 3.2).
    """
    if below is not None and above.cpu_cores and below.cpu_cores:
        # The engine grants whole periods, so a level may come out a little above its limit.
        passing, failing = (
            min(1.0, cores / (level.cpus * replicas))
            for level, cores in ((above, above.cpu_cores), (below, below.cpu_cores))
        )
        if passing < failing:
            return math.sqrt(passing * failing), math.log(failing / passing) / math.sqrt(12)
    return in_flight / (1 + in_flight), 0.0


def _demand(points: Sequence[_Point], in_flight: float) -> _Spread:
    """Return core seconds a request in log, with so many users in flight.

    A straight line by least squares, joined with what is believed of its slope and spread before
    (conjugate linear regression: Gelman et al., "Bayesian Data Analysis", 14.8).
    """
    at = np.log1p([point.in_flight for point in points])
    logs = np.log([point.cpu_s for point in points])
    about_at, about_logs = at - at.mean(), logs - logs.mean()
    weight = (LEVEL_ERROR / SLOPE_ERROR) ** 2
    squares = float((about_at**2).sum()) + weight
    slope = (float((about_at * about_logs).sum()) + weight * SLOPE) / squares
    residuals = float(((about_logs - slope * about_at) ** 2).sum()) + weight * (slope - SLOPE) ** 2
    freedom = LEVELS_BELIEVED + len(points) - 1
    deviation = math.sqrt((LEVELS_BELIEVED * LEVEL_ERROR**2 + residuals) / freedom)
    beyond = math.log1p(in_flight) - float(at.mean())
    return _Spread(
        float(logs.mean()) + slope * beyond,
        deviation * math.sqrt(1 / len(points) + beyond**2 / squares),
        freedom,
    )
