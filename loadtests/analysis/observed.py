"""What a predictor may know of a trial: how much was asked, what it took, how long that lasted."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from loadtests.analysis import counters
from loadtests.analysis.calibration import UTILISATION
from loadtests.analysis.evidence import Evidence, Interval, Judgement
from loadtests.analysis.latency import Floats, steady_sample
from loadtests.analysis.replica_capacity import Climb
from loadtests.analysis.speed import relative_speed
from loadtests.analysis.summary import measure_row
from loadtests.question import SLO, Setting, Workload
from loadtests.verdicts import Verdict

# Of the CPU granted; from here on it is all in use. With less, replicas stand idle and are woken.
SATURATED = 0.98
# Of requests in the steady state; with more of them failing, throughput is not that of answers.
FAILED_AT_MOST = 0.01
# Quantiles that stand for a trial's latencies: a thousand, so that the last is the 99.95th.
LEVELS = 1000


@dataclass(frozen=True)
class Observed:
    """One trial of one setting, or the best level of a live staircase of users on it.

    None: not measured, or no measure of the setting, as the memory of a replica that was killed.
    """

    key: str
    setting: Setting
    workload: Workload
    slo: SLO
    rps: float  # requests that ended, by all replicas
    cores: float  # used by all replicas
    p95_ms: Interval | None = None
    memory_mib: float | None = None  # at its peak, of the fullest replica
    connections: float | None = None  # of one replica, with that memory
    capacity_rps: Interval | None = None  # the highest rate that it holds
    quantiles_ms: Floats = field(default_factory=lambda: np.empty(0), compare=False, repr=False)
    speed: float = 1.0  # of its CPU, relative to the reference; 1 where nothing tells

    @property
    def replica_rps(self) -> float:
        """Requests a second of one replica."""
        return self.rps / self.setting.replicas

    @property
    def replica_cores(self) -> float:
        """Cores that one replica used."""
        return self.cores / self.setting.replicas

    @property
    def demand_s(self) -> float:
        """CPU seconds of a request, as a CPU of the reference speed would have taken them."""
        return self.cores * self.speed / self.rps

    @property
    def use(self) -> float:
        """Share of the CPU granted that was used."""
        return self.cores / self.setting.total_cpus

    @property
    def below_knee(self) -> bool:
        """Whether it used less of its CPU than where queues are expected to form."""
        return self.use <= UTILISATION

    @property
    def is_saturated(self) -> bool:
        """Whether it used all of its CPU."""
        return self.use >= SATURATED


def observe(evidence: Evidence, judgement: Judgement) -> Observed | str:
    """Return what a trial tells predictors, or why it is no evidence for or against them."""
    trial, row = evidence.trial, measure_row(evidence, judgement)
    if judgement.verdict is Verdict.INVALID:
        return "invalid"
    if trial.steps:
        return "a live staircase"
    if trial.cpusets:
        return "without a CPU quota"
    if row.rps is None or row.cpu_cores is None or row.rps <= 0 or row.cpu_cores <= 0:
        return "without a measured throughput or CPU"
    healthy = all(replica.oom_kills == 0 for replica in trial.replicas)
    workload, slo = trial.question.workload, trial.question.slo
    found = Observed(
        trial.key,
        trial.setting,
        workload,
        slo,
        row.rps,
        row.cpu_cores,
        _finite(row.p95_ms, row.p95_range_ms),
        row.memory_peak_mib if healthy else None,
        _connections(evidence),
        quantiles_ms=_quantiles(evidence),
        speed=relative_speed(evidence) or 1.0,
    )
    # Where the SLO's latency is met, more may be held; where CPU is left, it is not for want of it.
    beyond = row.p95_ms is not None and row.p95_ms > slo.latency_ms
    answered = row.steady_error_rate is not None and row.steady_error_rate <= FAILED_AT_MOST
    if not (found.is_saturated and beyond and answered):
        return found
    return replace(found, capacity_rps=Interval(row.rps, row.rps, row.rps))


def observe_climb(climb: Climb) -> Observed | str:
    """Return what a live staircase of users tells: the highest rate held, and what that took."""
    if climb.doubt is not None or climb.at_best is None or climb.rate_per_s is None:
        return climb.doubt or "not even its first level met the SLO"
    at = climb.at_best
    cores = counters.cpu_cores(at)
    if cores is None or cores <= 0:
        return "without a measured CPU"
    rate = climb.rate_per_s
    trial = at.trial
    return Observed(
        trial.key,
        trial.setting,
        trial.question.workload,
        trial.question.slo,
        rate,
        cores,
        capacity_rps=Interval(rate, rate, max(rate, climb.failed_per_s or rate)),
        speed=climb.speed or 1.0,
    )


def at_speed(setting: Setting, speed: float) -> Setting:
    """Return the setting that does at the reference speed what this one does at another."""
    return setting if speed == 1 else replace(setting, cpus=setting.cpus * speed)


def _finite(p95_ms: float | None, bounds: tuple[float, float] | None) -> Interval | None:
    if p95_ms is None or bounds is None or not math.isfinite(p95_ms) or p95_ms <= 0:
        return None
    return Interval(p95_ms, *bounds)


def _connections(evidence: Evidence) -> float:
    """Return how many users were connected to one replica; of an open load who ever had to send."""
    trial = evidence.trial
    users, opened = trial.question.workload.users, trial.generator.connects
    if trial.question.workload.is_open and opened is not None:
        users = min(users, opened)
    return users / trial.setting.replicas


def _quantiles(evidence: Evidence) -> Floats:
    """Return quantiles of the latencies in steady state; empty where one in twenty failed."""
    latency_ms = steady_sample(evidence).latency_ms
    answered = latency_ms[np.isfinite(latency_ms)]
    if len(answered) == 0 or len(answered) < 0.95 * len(latency_ms):
        return np.empty(0)
    return quantiles_of(answered)


def quantiles_of(values: Floats) -> Floats:
    """Return the quantiles that stand for values, LEVELS of them."""
    levels = (np.arange(LEVELS) + 0.5) / LEVELS
    found: Floats = np.quantile(values, levels, method="inverted_cdf")
    return found
