"""What is said of a measurement, in the words that all rooms share.

A search sees of the world only what stands here: it knows neither containers nor records.
"""

from dataclasses import dataclass
from enum import StrEnum

from loadtests.question import Setting


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
    """What one more trial of a setting told: the verdict of all its trials so far."""

    setting: Setting
    verdict: Verdict
    reason: str = ""
    oom_killed: bool = False  # it failed for memory, so CPU would not have helped
    load_s: float = 0.0  # seconds this trial was under load
    users: int = 0  # of the load asked; told apart only where users are what is searched


@dataclass(frozen=True)
class LevelSeen:
    """What the load generator and the kernel told of one level of a live staircase."""

    cpus: float  # limit of each replica, cores
    users: int
    requests: int  # that ended in the level's steady state
    slow: int  # of these, slower than the SLO or failed; users still stuck count too
    failures: int
    cpu_cores: float | None  # used by all replicas, mean over the steady state; None: not reported

    def passes(self, slow_share: float, error_rate: float) -> bool:
        """Say whether the level kept the SLO, by its plain shares: a screen, no verdict."""
        return (
            self.requests > 0
            and self.slow <= slow_share * self.requests
            and self.failures <= error_rate * self.requests
        )


@dataclass(frozen=True)
class Forecast:
    """Where the least setting is expected, before any cold trial; one replica's share."""

    cpus: float
    memory_mib: float
