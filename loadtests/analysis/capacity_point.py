"""How much load a number of replicas held: the points that a law of scaling is fitted to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis import formats

# Three coefficients leave three degrees of freedom to tell noise by (Gunther, "Guerrilla Capacity
# Planning", 2007, asks for half a dozen points too).
FEWEST_COUNTS = 6


@dataclass(frozen=True)
class CapacityPoint:
    """The highest rate that so many replicas held, in requests/s, with its 95% interval."""

    replicas: int
    rate_per_s: float
    low_per_s: float | None = None  # None, as its upper bound: how sure it is was not measured
    high_per_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no capacity: nothing held is not a rate of zero."""
        if self.replicas < 1:
            raise ValueError(f"a capacity of {self.replicas!r} replicas; there must be at least 1")
        if not (math.isfinite(self.rate_per_s) and self.rate_per_s > 0):
            raise ValueError(f"a capacity of {self.rate_per_s!r} requests/s; it must be above 0")
        if (self.low_per_s is None) != (self.high_per_s is None):
            raise ValueError("a capacity needs both bounds of its interval, or none")
        if self.low_per_s is None or self.high_per_s is None:
            return
        if not 0 <= self.low_per_s <= self.rate_per_s <= self.high_per_s < math.inf:
            raise ValueError(
                f"a capacity of {self.rate_per_s:g} requests/s lies outside its interval, "
                f"{self.low_per_s:g} to {self.high_per_s:g}"
            )


def counts_of(points: Sequence[CapacityPoint]) -> tuple[int, ...]:
    """Return the replica counts that have a point, the least first."""
    return tuple(sorted({point.replicas for point in points}))


def too_few(points: Sequence[CapacityPoint]) -> str:
    """Say why no law can be fitted to points, naming the counts there are; empty where one can."""
    counts = counts_of(points)
    if len(counts) >= FEWEST_COUNTS:
        return ""
    there = f"there are {len(counts)}: {formats.listing([str(n) for n in counts])}"
    return (
        f"The scalability law needs the capacity of at least {FEWEST_COUNTS} different replica "
        f"counts; {there if counts else 'there are none'}."
    )
