"""What is said of a measurement, in the words that all rooms share.

A search sees of the world only what stands here: it knows neither containers nor records.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from loadtests.question import SLO, Setting


class Verdict(StrEnum):
    """What one trial, or all trials of one setting, say about the SLO."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    INVALID = "invalid"

    @property
    def decides(self) -> bool:
        """Whether it is evidence for or against a setting."""
        return self in (Verdict.HOLDS, Verdict.FAILS)


@dataclass(frozen=True)
class Finding:
    """What one more trial of a setting told: the verdict of all its trials so far, and its own."""

    setting: Setting
    verdict: Verdict
    reason: str = ""
    oom_killed: bool = False  # it failed for memory, so CPU would not have helped
    load_s: float = 0.0  # seconds this trial was under load
    users: int = 0  # of the load asked; told apart only where users are what is searched
    rate_per_s: float | None = None  # of an open load, likewise
    own: Verdict | None = None  # by this trial alone, whatever its CPU speed; None: as `verdict`
    speed: float = 1.0  # of its CPU, relative to the reference; 1 where it is not known
    slow_share: float | None = None  # of its requests, slow or failed; None: not measured
    cpu_used: float | None = None  # share of the CPU granted, in steady state; None: not measured
    is_long: bool = False  # its steady state was a long one
    died: bool = False  # a replica died otherwise in one of its trials, or was never ready
    is_believed: bool = False  # `verdict` is what a model believes, not what its trials say

    @property
    def is_fatal(self) -> bool:
        """Whether a replica was killed or died, or none was ready: no other trial makes it hold."""
        return self.oom_killed or self.died

    @property
    def told(self) -> str:
        """What is said of its setting: what it did, or only what is expected of it."""
        if self.is_believed:
            holds = self.verdict is Verdict.HOLDS
            return "is expected to hold" if holds else "is expected to hold too seldom"
        return "held" if self.verdict is Verdict.HOLDS else "failed"

    @property
    def trial_verdict(self) -> Verdict:
        """What this trial told by itself."""
        return self.verdict if self.own is None else self.own


@dataclass(frozen=True)
class Step:
    """One step of a live staircase, as the load generator and the kernel saw it.

    Times are seconds since the first user; of a step that was computed they are left at 0.
    """

    cpus: float  # limit of each replica, cores
    users: int
    requests: int  # that ended in its steady state, and users who still waited too long
    slow: int  # of these, slower than the SLO's latency, or failed
    failures: int
    cpu_cores: float | None  # used by all replicas, mean over its steady state; None: not reported
    start_s: float = 0.0
    steady_start_s: float = 0.0
    steady_end_s: float = 0.0
    rate_per_s: float | None = None  # arrivals of an open load; None: it was closed

    def passes(self, slo: SLO) -> bool:
        """Say whether the step met the SLO, by its plain shares: a screen, no verdict."""
        return (
            self.requests > 0
            and self.slow <= slo.slow_share * self.requests
            and self.failures <= slo.error_rate * self.requests
        )


@dataclass(frozen=True)
class Forecast:
    """Where the least setting is expected, before any trial; one replica's share."""

    cpus: float
    memory_mib: float
    edge_cpus: float | None = None  # where it turns, at the reference speed; None: not known


def contradictions(
    holding: Iterable[Setting], failing: Iterable[Setting]
) -> list[tuple[Setting, Setting]]:
    """Return all pairs of which the smaller setting holds and a larger one fails.

    They contradict the assumption that more CPU and more memory never make a service worse. One of
    the two was noise, or the service is one that more makes worse; until that is known the smaller
    one is no answer.
    """
    failed = list(failing)
    return [(held, fails) for held in holding for fails in failed if fails.grants_at_least(held)]
