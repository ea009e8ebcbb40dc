"""How the replicas of an invented service share its load, and what that costs.

The law that the search goes by is only roughly theirs: what another replica costs bends, the
busiest has more than its share, and the ramp-up tells of memory with an error.
"""

import math
from dataclasses import dataclass

import numpy as np

from loadtests.errors import QuestionError
from loadtests.search.replica_law import ReplicaMemory

MOST_REPLICAS = 6
# What the second replica adds to the CPU that the load takes: from, to, and how many services.
OVERHEADS = ((-0.08, 0.0, 0.2), (0.0, 0.2, 0.55), (0.2, 0.6, 0.25))
BENDS = (0.7, 1.0)  # power of the replicas beyond the first
UNEVEN = (1.0, 1.1)  # load of the busiest replica over an even share
BASE_SHARES = (0.2, 0.95)  # of the memory of one replica, there without users
BASE_SEEN = 0.08  # standard deviation of that share as the ramp-up tells it
_SHARING = 3_000_000  # seeds it apart from everything else of a service


@dataclass(frozen=True)
class Sharing:
    """What several replicas need, relative to one."""

    overhead: float = 0.0  # of the second, as a share of the CPU of one
    bend: float = 1.0
    uneven: float = 1.0
    base_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what no replicas could be."""
        if not (self.overhead > -1 and self.uneven >= 1 and 0 <= self.base_share <= 1):
            raise QuestionError(f"{self}: no replicas share a load like that")

    def cpu_times(self, replicas: int) -> float:
        """Return the CPU limits that all need together, relative to one."""
        if replicas == 1:
            return 1.0
        return self.uneven * (1 + self.overhead * math.pow(replicas - 1, self.bend))

    def memory_times(self, replicas: int) -> float:
        """Return the memory that the busiest needs, relative to one."""
        if replicas == 1:
            return 1.0
        return self.base_share + (1 - self.base_share) * self.uneven / replicas

    def memory_seen(self, seed: int, peak_mib: float) -> ReplicaMemory:
        """Return what the ramp-up of one replica tells that took so much at its peak."""
        error = BASE_SEEN * np.random.default_rng((seed, _SHARING, 1)).normal()
        share = float(np.clip(self.base_share + error, 0.0, 1.0))
        return ReplicaMemory(share * peak_mib, (1 - share) * peak_mib)


ALONE = Sharing()


def draw_sharing(seed: int) -> Sharing:
    """Return how the replicas of a drawn service share its load."""
    rng = np.random.default_rng((seed, _SHARING))
    kind = rng.choice(len(OVERHEADS), p=[share for _, _, share in OVERHEADS])
    low, high, _ = OVERHEADS[kind]
    return Sharing(
        float(rng.uniform(low, high)),
        float(rng.uniform(*BENDS)),
        float(rng.uniform(*UNEVEN)),
        float(rng.uniform(*BASE_SHARES)),
    )
