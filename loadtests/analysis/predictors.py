"""Three ways to say what a setting will do from trials of others, and a line for its memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats

from loadtests.analysis.calibration import UTILISATION
from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.observed import Observed, at_speed
from loadtests.analysis.plan_basis import further_trial
from loadtests.analysis.scalability import ScalabilityLaw, fit_scalability
from loadtests.errors import ScalabilityError
from loadtests.question import SLO, Setting, Workload

UTILISATION_LAW = "utilisation law"
SCALABILITY_LAW = "scalability law"
THROTTLED_QUEUE = "throttled queue"
MEMORY_LINE = "line of memory"
NAMES = (UTILISATION_LAW, SCALABILITY_LAW, THROTTLED_QUEUE, MEMORY_LINE)

# Of the CPU granted; up to here a trial shows what an answer takes where nobody waits for CPU.
AMPLE = 0.5


class Predictor(Protocol):
    """What is fitted to some trials, and asked about a setting that is none of theirs.

    It is asked at a speed of the CPU, relative to the reference, as trials are at several.
    """

    def p95_ms(self, setting: Setting, workload: Workload, speed: float = 1.0) -> Interval | None:
        """Return the 95th percentile of the steady state; None: it has nothing to say."""

    def capacity_rps(self, setting: Setting, slo: SLO, /, speed: float = 1.0) -> Interval | None:
        """Return the highest rate that meets the SLO; None: it has nothing to say."""


@dataclass(frozen=True)
class Unfitted:
    """Why a predictor says nothing: a clause."""

    why: str


def ample(trials: Sequence[Observed]) -> list[Observed]:
    """Return the trials in which nobody waited for CPU; where there are none, the nearest to it."""
    known = [trial for trial in trials if trial.p95_ms is not None and len(trial.quantiles_ms)]
    enough = [trial for trial in known if trial.use <= AMPLE]
    return enough or sorted(known, key=lambda trial: trial.use)[:1]


@dataclass(frozen=True)
class Stretch:
    """A latency that grows with use as that of a single server, R = R0 / (1 - U).

    Every percentile does where service times are exponential (M/M/1: Kleinrock 1975, 3.2).
    """

    alone_ms: Interval  # p95 without any queue

    @classmethod
    def of(cls, trials: Sequence[Observed]) -> "Stretch":
        """Take it from trials with CPU to spare; raises ValueError without any."""
        found = [
            trial.p95_ms.estimate * (1 - min(trial.use, UTILISATION))
            for trial in ample(trials)
            if trial.p95_ms is not None
        ]
        return cls(further_trial(found))

    def p95_ms(self, workload: Workload, most: Interval) -> Interval | None:
        """Return the p95 where at most so many requests/s can be answered.

        None where open arrivals are more than can be answered: latency grows without an end.
        """
        alone = self.alone_ms
        if workload.is_open and workload.expected_rps() >= most.low:
            return None
        return Interval(
            _stretched(alone.estimate, workload, most.estimate),
            _stretched(alone.low, workload, most.high),
            _stretched(alone.high, workload, most.low),
        )


def _stretched(alone_ms: float, workload: Workload, most_rps: float) -> float:
    """Return R0 / (1 - U); of users who wait, U = N / (R + Z) / X_most depends on R itself.

    The root of R^2 + R (Z - N / X_most - R0) - R0 Z = 0. It nears N / X_most - Z, the bound of
    Denning & Buzen (1978), where more is asked than can be answered.
    """
    if workload.is_open:
        return alone_ms / (1 - workload.expected_rps() / most_rps)
    think_ms, all_wait_ms = 1000 * workload.think_mean_s, 1000 * workload.users / most_rps
    half = (all_wait_ms + alone_ms - think_ms) / 2
    return half + math.hypot(half, math.sqrt(alone_ms * think_ms))


@dataclass(frozen=True)
class UtilisationLaw:
    """U = X D with one D for all (Denning & Buzen 1978), and the knee at a fixed use."""

    demand_s: Interval  # CPU seconds a request, and where one more trial's would lie
    stretch: Stretch

    def p95_ms(self, setting: Setting, workload: Workload, speed: float = 1.0) -> Interval | None:
        """Return the p95 by the use of the CPU granted."""
        return self.stretch.p95_ms(workload, self._answered_rps(at_speed(setting, speed), 1.0))

    def capacity_rps(self, setting: Setting, _slo: SLO, /, speed: float = 1.0) -> Interval | None:
        """Return the rate at which use reaches the knee, whatever the SLO."""
        return self._answered_rps(at_speed(setting, speed), UTILISATION)

    def _answered_rps(self, setting: Setting, use: float) -> Interval:
        cores, each = use * setting.total_cpus, self.demand_s
        return Interval(cores / each.estimate, cores / each.high, cores / each.low)


def utilisation_law(trials: Sequence[Observed]) -> UtilisationLaw | Unfitted:
    """Fit it: the geometric mean of what a request took."""
    if not ample(trials):
        return Unfitted("no trial tells how long an answer takes")
    return UtilisationLaw(further_trial([trial.demand_s for trial in trials]), Stretch.of(trials))


@dataclass(frozen=True)
class ScalabilityPrediction:
    """The scalability law (Gunther 1993) of replicas of one size; of others it says nothing."""

    size: Setting  # of one replica
    law: ScalabilityLaw
    stretch: Stretch | None  # None: no trial told how long an answer takes

    def p95_ms(self, setting: Setting, workload: Workload, speed: float = 1.0) -> Interval | None:
        """Return the p95 by the rate asked for as a share of the capacity."""
        most = self._most_rps(setting, speed)
        return None if self.stretch is None or most is None else self.stretch.p95_ms(workload, most)

    def capacity_rps(self, setting: Setting, _slo: SLO, /, speed: float = 1.0) -> Interval | None:
        """Return the law's capacity of so many replicas, whatever the SLO: it was fitted to one."""
        return self._most_rps(setting, speed)

    def _most_rps(self, setting: Setting, speed: float) -> Interval | None:
        if not self._is_of(setting):
            return None
        at = self.law.predict(setting.replicas).one_trial
        return Interval(at.estimate * speed, at.low * speed, at.high * speed)

    def _is_of(self, setting: Setting) -> bool:
        return (setting.cpus, setting.memory_mib) == (self.size.cpus, self.size.memory_mib)


def scalability_law(trials: Sequence[Observed]) -> ScalabilityPrediction | Unfitted:
    """Fit it to the size of which the most counts have a measured capacity."""
    sizes: dict[Setting, list[CapacityPoint]] = {}
    for trial in trials:
        if trial.capacity_rps is not None and trial.capacity_rps.estimate > 0:
            size = Setting(trial.setting.cpus, trial.setting.memory_mib)
            at_reference = trial.capacity_rps.estimate / trial.speed
            point = CapacityPoint(trial.setting.replicas, at_reference)
            sizes.setdefault(size, []).append(point)
    if not sizes:
        return Unfitted("the capacity of no number of replicas was measured")
    size = max(sizes, key=lambda each: len({point.replicas for point in sizes[each]}))
    try:
        law = fit_scalability(sizes[size])
    except ScalabilityError as why:
        return Unfitted(str(why).rstrip("."))
    return ScalabilityPrediction(size, law, Stretch.of(trials) if ample(trials) else None)


@dataclass(frozen=True)
class MemoryLine:
    """Memory of a replica at its peak against the users connected to it: a straight line."""

    base_mib: float
    each_mib: float  # a connected user
    error_mib: float  # residual standard deviation
    centre: float  # mean users of the trials, and the sum of squares about it
    squares: float
    trials: int

    def peak_mib(self, connections: float) -> Interval:
        """Return the peak with so many users, and where one more trial's would lie, at 95%."""
        estimate = self.base_mib + self.each_mib * connections
        freedom = self.trials - (2 if self.squares else 1)
        if freedom < 1:
            return Interval(estimate, math.nan, math.nan)
        beyond = (connections - self.centre) ** 2 / self.squares if self.squares else 0.0
        t = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom))
        half = t * self.error_mib * math.sqrt(1 + 1 / self.trials + beyond)
        return Interval(estimate, estimate - half, estimate + half)


def memory_line(trials: Sequence[Observed]) -> MemoryLine | Unfitted:
    """Fit it by least squares; where all replicas had as many users, their mean is all there is."""
    known = [
        (trial.connections, trial.memory_mib)
        for trial in trials
        if trial.connections is not None and trial.memory_mib is not None
    ]
    if not known:
        return Unfitted("no trial tells the memory of a replica")
    users, peaks = (np.array(each, np.float64) for each in zip(*known, strict=True))
    size, centre = len(known), float(users.mean())
    squares = float(((users - centre) ** 2).sum())
    if squares == 0:
        error = float(peaks.std(ddof=1)) if size > 1 else 0.0
        return MemoryLine(float(peaks.mean()), 0.0, error, centre, 0.0, size)
    line = stats.linregress(users, peaks)
    residuals = peaks - line.intercept - line.slope * users
    error = math.sqrt(float((residuals**2).sum()) / (size - 2)) if size > 2 else 0.0
    return MemoryLine(float(line.intercept), float(line.slope), error, centre, squares, size)
