"""The loads that a search of capacity asks one setting to hold, the least first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loadtests.question import Workload
from loadtests.search import capacity
from loadtests.search.capacity import Axis
from loadtests.studies.manifest import LogLine, SearchRecord


@dataclass(frozen=True)
class Ladder:
    """Rising numbers of users, or rates, up to the most that is asked for."""

    most: Workload
    steps: tuple[float, ...]

    @classmethod
    def up_to(cls, most: Workload) -> "Ladder":
        """Return the steps up to a load."""
        if most.rate_per_s is not None:
            return cls(most, tuple(capacity.rate_steps(most.rate_per_s)))
        return cls(most, tuple(capacity.user_steps(most.users)))

    @property
    def axis(self) -> Axis:
        """What there is more of from step to step."""
        return capacity.RATE if self.most.is_open else capacity.USERS

    def at(self, step: float) -> Workload:
        """Return the load of a step."""
        if self.most.is_open:
            return self.most.opened(self.most.arrivals, step)
        return replace(self.most, users=int(step))

    @property
    def users(self) -> list[int]:
        """How many users each step has; of an open load they stand ready."""
        return [self.at(step).users for step in self.steps]

    @property
    def rates(self) -> Sequence[float]:
        """How many arrivals per second each step has; none of a closed load."""
        return self.steps if self.most.is_open else ()

    def record(self, staircase: str, log: Sequence[LogLine]) -> SearchRecord:
        """Return what is kept of a search on these steps."""
        if self.most.is_open:
            return SearchRecord((), (), (), staircase, tuple(log), rate_steps=self.steps)
        return SearchRecord((), (), tuple(map(int, self.steps)), staircase, tuple(log))


def load_of(workload: Workload) -> float:
    """Return how much load it is: arrivals per second, or users."""
    return workload.users if workload.rate_per_s is None else workload.rate_per_s
