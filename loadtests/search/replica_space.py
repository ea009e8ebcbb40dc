"""The settings there are to choose from on three axes: CPU, memory and the number of replicas."""

import itertools
from dataclasses import dataclass
from functools import cached_property

from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.space import Space


@dataclass(frozen=True)
class ReplicaSpace(Space):
    """A grid of settings: every step of CPU (cores) and memory (MiB) of a replica, every count."""

    replicas: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        """Refuse counts that do not rise from one replica, and steps as any space does."""
        rising = all(a < b for a, b in itertools.pairwise(self.replicas))
        if not (self.replicas[:1] == (1,) and rising):
            raise QuestionError(
                f"replicas are {list(self.replicas)!r}; they must rise from 1: one replica is what "
                "several are compared with"
            )
        super().__post_init__()

    @classmethod
    def of(cls, plane: Space, most: int) -> "ReplicaSpace":
        """Return a plane with every count of replicas from one up to the most."""
        return cls(plane.cpus, plane.memory_mib, tuple(range(1, most + 1)))

    @cached_property
    def cells(self) -> tuple[Setting, ...]:
        """Every setting of the grid."""
        return tuple(
            Setting(c, m, n) for n in self.replicas for c in self.cpus for m in self.memory_mib
        )

    @property
    def plane(self) -> Space:
        """The settings of one replica."""
        return Space(self.cpus, self.memory_mib)
