"""What several replicas need where one is known: how a load is shared, and what sharing costs.

CPU by a law of one parameter: n replicas take 1 + w (n - 1) times the CPU of one for the same load.
Each wakes up by itself and serves fewer requests at a time, so w is above 0 where requests are
short: on two cores five replicas took 1.7 times the CPU of one, w = 0.17. It is below 0 where the
threads of one replica stand in each other's way. Memory by what is there without users, which every
replica has, and by connections, of which each has its share.
"""

from dataclasses import dataclass

import numpy as np

from loadtests.errors import QuestionError
from loadtests.search.curve import Floats

# What another replica may cost, as a share of the CPU of one, and how likely each was before any
# trial of several.
OVERHEADS = (
    (-0.1, 0.02), (-0.05, 0.04), (0.0, 0.10), (0.03, 0.10), (0.06, 0.10), (0.09, 0.10),
    (0.12, 0.10), (0.16, 0.10), (0.2, 0.09), (0.25, 0.08), (0.32, 0.07), (0.4, 0.05),
    (0.55, 0.03), (0.8, 0.02),
)  # fmt: skip
# No count keeps to the law exactly: how far off it may be, in log CPU, and how likely.
OFF_THE_LAW = ((-0.08, 0.2), (0.0, 0.6), (0.08, 0.2))
LAW_WIDTH = 0.05  # the same, as a logistic width, of a trial of another count
# How sure a ramp-up is of the memory that is there without users: standard deviation of its share.
BASE_ERROR = 0.12
BASES = 21
# Where nothing is known of it, a replica without users has at least this share.
LEAST_BASE = 0.1


def log_cpu_of_each(replicas: int, overheads: Floats) -> Floats:
    """Return the CPU each replica needs, relative to that of one alone, for each overhead; log."""
    shares: Floats = np.log1p(overheads * (replicas - 1)) - np.log(replicas)
    return shares


@dataclass(frozen=True)
class ReplicaMemory:
    """The memory of one replica as its ramp-up told: without users, and with all of them."""

    base_mib: float
    users_mib: float  # that all users together add
    uneven: float = 1.0  # connections of the busiest replica over an even share

    def __post_init__(self) -> None:
        """Refuse what no balance and no memory could be."""
        if not (self.base_mib >= 0 and self.users_mib >= 0 and self.base_mib + self.users_mib > 0):
            raise QuestionError(f"{self} has no memory; it must be MiB from 0, and one above")
        if self.uneven < 1:
            raise QuestionError(f"uneven is {self.uneven!r}; the busiest has 1 or more")

    @property
    def base_share(self) -> float:
        """The share of its memory that a replica has without users."""
        return self.base_mib / (self.base_mib + self.users_mib)

    def of_each(self, replicas: int) -> float:
        """Return the memory that the busiest of several replicas is expected to take, MiB."""
        users = self.users_mib * (self.uneven / replicas if replicas > 1 else 1.0)
        return self.base_mib + users


def base_shares(memory: ReplicaMemory | None) -> tuple[Floats, Floats]:
    """Return shares of memory that may be there without users, and how likely each is."""
    shares = np.linspace(0.0, 1.0, BASES)
    if memory is None:
        belief = (shares >= LEAST_BASE).astype(np.float64)
    else:
        off = (shares - memory.base_share) / BASE_ERROR
        belief = np.exp(-0.5 * off**2) + 0.01
    return shares, belief / belief.sum()


def memory_of_each(replicas: int, bases: Floats, uneven: float) -> Floats:
    """Return the memory each replica needs, relative to that of one alone, for each base share."""
    if replicas == 1:
        return np.ones_like(bases)
    return bases + (1 - bases) * uneven / replicas
