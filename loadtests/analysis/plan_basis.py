"""What a plan rests on: what one replica of the size to deploy was shown to carry, and needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.question import Setting, Workload

PER_FACTOR = 2.0


@dataclass(frozen=True)
class HeldOutError:
    """How far off predictions were for trials that they had not seen.

    Nobody knows how an error grows further out. Taken is that every further `per_factor` times the
    load multiplies it by as much again, as it does where capacity grows by a power of the load that
    is not known exactly.
    """

    relative: float  # of capacity: 0.1 is a tenth
    sentence: str  # where it comes from
    per_factor: float = PER_FACTOR

    def __post_init__(self) -> None:
        """Refuse what is no error."""
        if not (0 <= self.relative < 1 and self.per_factor > 1 and self.sentence.strip()):
            raise ValueError(f"a relative error is from 0 to below 1, with its source: {self}")

    def times(self, beyond: float) -> float:
        """Return by which factor capacity may be off at so many times the load measured."""
        steps = max(1.0, math.log(beyond) / math.log(self.per_factor)) if beyond > 1 else 0.0
        return float((1 + self.relative) ** steps)


@dataclass(frozen=True)
class Basis:
    """One replica of the size to deploy, as trials showed it, and the load they were about."""

    size: Setting  # of one replica
    headroom: Headroom  # that the size leaves
    workload: Workload
    replicas: int  # of the deployment that was measured, which carried all users of the workload
    cpu_ms: tuple[float, ...]  # CPU of all replicas a request, one a trial that holds
    at_reference: bool  # whether that is at the reference speed
    peak_mib: float  # of the fullest replica
    base_mib: Interval | None = None  # of a replica without users
    kib_per_user: Interval | None = None  # each connection more

    def __post_init__(self) -> None:
        """Refuse a basis that is none."""
        if not self.cpu_ms or min(self.cpu_ms) <= 0 or self.workload.is_open:
            raise ValueError(f"a plan rests on closed users and the CPU of trials: {self}")

    @property
    def users_shown(self) -> float:
        """Users that one replica was shown to carry."""
        return self.workload.users / self.replicas

    @property
    def rps_per_user(self) -> float:
        """Requests of one user a second, were answers to come at once."""
        return self.workload.expected_rps() / self.workload.users

    def workload_of(self, users: int) -> Workload:
        """Return the same load of so many users."""
        return replace(self.workload, users=users)

    @property
    def demand_ms(self) -> Interval:
        """CPU of a request (ms): the trials' geometric mean, and where one more trial would lie.

        Without bounds (NaN) where there is one trial, which has no spread. A prediction interval
        of Student's t for logarithms, as the CPU's speed multiplies (Hahn & Meeker, "Statistical
        Intervals", 1991).
        """
        return further_trial(self.cpu_ms)

    @property
    def users_by_cpu(self) -> Interval:
        """Users whose requests leave of one replica's CPU what the headroom asks for.

        By the utilisation law, U = X D (Denning & Buzen 1978).
        """
        demand = self.demand_ms
        spent = 1000 * self.size.cpus * (1 - self.headroom.cpu) / self.rps_per_user
        return Interval(spent / demand.estimate, spent / demand.high, spent / demand.low)

    @property
    def users_per_replica(self) -> Interval:
        """Users to plan for on one replica: never more than it was shown to carry."""
        by_cpu = self.users_by_cpu
        estimate, low, high = (
            min(self.users_shown, value) for value in (by_cpu.estimate, by_cpu.low, by_cpu.high)
        )
        known = math.isfinite(by_cpu.low)
        return Interval(estimate, low if known else math.nan, high if known else math.nan)

    def cores(self, users: float) -> Interval:
        """Return the cores in use with so many users, answers coming at once."""
        rps, demand = users * self.rps_per_user / 1000, self.demand_ms
        return Interval(rps * demand.estimate, rps * demand.low, rps * demand.high)

    def memory_mib(self, users: float, replicas: int) -> Interval | None:
        """Return the MiB in use with so many users on so many replicas; None: not known."""
        base, each = self.base_mib, self.kib_per_user
        if base is None or each is None:
            return None
        estimate = replicas * base.estimate + users * each.estimate / 1024
        half = math.hypot(
            replicas * (base.high - base.estimate), users * (each.high - each.estimate) / 1024
        )
        return Interval(estimate, estimate - half, estimate + half)


def further_trial(values: Sequence[float]) -> Interval:
    """Return the geometric mean of values and the 95% prediction interval of one more.

    Bounds are NaN for a single value, of which nobody knows how far the next one lies.
    """
    logs = np.log(np.asarray(values, np.float64))
    mean, size = float(logs.mean()), len(logs)
    if size < 2:
        return Interval(math.exp(mean), math.nan, math.nan)
    t = float(stats.t.ppf((1 + CONFIDENCE) / 2, size - 1))
    half = t * float(logs.std(ddof=1)) * math.sqrt(1 + 1 / size)
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(mean + half))
