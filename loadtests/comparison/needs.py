"""Invented services: what each needs, in several shapes; in all of them more never makes it worse.

That is what every search here assumes. Of real services it has to be checked.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from loadtests.errors import QuestionError
from loadtests.search.space import (
    LEAST_CPUS,
    LEAST_MEMORY_MIB,
    MOST_MEMORY_MIB,
    Space,
    ladder,
)

MOST_CPUS = 8.0
CPU_STEPS = (8, 12)  # fewest and most
MEMORY_STEPS = (7, 10)
# A need may lie below the first step, so that the first step can be the answer.
BELOW_FIRST_STEP = 0.8
# Of the scarce: a need of CPU from the last but one step to beyond the last.
BEYOND_LAST_STEP = 1.3
# Requests begin to queue, and to take memory, below this many times the CPU that is needed.
QUEUES_BELOW = 3.0


@dataclass(frozen=True)
class Need:
    """What a service needs to hold its load, were there no noise."""

    cpus: float  # with ample memory
    memory_mib: float  # with ample CPU
    queued: float = 0.0  # more memory as CPU gets scarce, as a share, in the limit
    slower_below: tuple[tuple[float, float], ...] = ()  # MiB; below it so many times the CPU

    def __post_init__(self) -> None:
        """Refuse a service for which more would be worse."""
        factors = [factor for _, factor in self.slower_below]
        if not (self.cpus > 0 and self.memory_mib > 0 and self.queued >= 0):
            raise QuestionError(
                f"{self} needs CPU and memory above 0, and queues of no less than 0"
            )
        if any(factor < 1 for factor in factors):
            raise QuestionError(f"slower_below has factors {factors}; give 1 or more")

    def cpus_with(self, memory_mib: float) -> float:
        """Return the CPU needed with so much memory, cores."""
        factors = (factor for below, factor in self.slower_below if memory_mib < below)
        return self.cpus * math.prod(factors)

    def memory_with(self, cpus: float) -> float:
        """Return the memory needed with so much CPU, MiB."""
        scarcity = max(0.0, 1 - cpus / (QUEUES_BELOW * self.cpus))
        return self.memory_mib * (1 + self.queued * scarcity)

    def used_when_ample(self, cpus: float) -> float:
        """Return the memory it comes to use where there is plenty, MiB."""
        return max([self.memory_with(cpus), *(below for below, _ in self.slower_below)])


Shape = Callable[[np.random.Generator, float, float, float], Need]


def _rectangular(_: np.random.Generator, cpus: float, memory_mib: float, __: float) -> Need:
    return Need(cpus, memory_mib)


def _sloped(rng: np.random.Generator, cpus: float, memory_mib: float, _: float) -> Need:
    return Need(cpus, memory_mib, queued=float(rng.uniform(0.3, 3.0)))


def _stepped(rng: np.random.Generator, cpus: float, memory_mib: float, most_mib: float) -> Need:
    below = sorted(_log_uniform(rng, memory_mib, most_mib) for _ in range(3))
    factors = rng.uniform(1.2, 1.6, size=3).tolist()
    return Need(cpus, memory_mib, slower_below=tuple(zip(below, factors, strict=True)))


def _cliff(rng: np.random.Generator, cpus: float, memory_mib: float, most_mib: float) -> Need:
    second_worker_mib = _log_uniform(rng, memory_mib, most_mib)
    return Need(cpus, memory_mib, slower_below=((second_worker_mib, float(rng.uniform(1.8, 3.0))),))


SCARCE = "scarce"
# Name: its share of the services, what it is like, how it is made.
SHAPES: dict[str, tuple[float, str, Shape]] = {
    "rectangular": (0.30, "CPU and memory are needed independently of each other", _rectangular),
    "sloped": (0.25, "scarce CPU costs memory, because requests queue", _sloped),
    "stepped": (0.20, "each of three larger caches saves CPU", _stepped),
    "cliff": (0.20, "memory for a second worker saves half the CPU or more", _cliff),
    SCARCE: (0.05, "rectangular, but only the most CPU there is holds, or nothing", _rectangular),
}


def draw_space(rng: np.random.Generator) -> Space:
    """Return some consecutive steps of CPU and of memory."""
    cpus = _stretch(rng, ladder(LEAST_CPUS, MOST_CPUS), CPU_STEPS)
    memory = _stretch(rng, ladder(LEAST_MEMORY_MIB, MOST_MEMORY_MIB), MEMORY_STEPS)
    return Space(tuple(cpus), tuple(int(step) for step in memory))


def _stretch(rng: np.random.Generator, steps: list[float], count: tuple[int, int]) -> list[float]:
    size = int(rng.integers(count[0], count[1] + 1))
    first = int(rng.integers(0, len(steps) - size + 1))
    return steps[first : first + size]


def draw_need(rng: np.random.Generator, space: Space) -> Need:
    """Return a service that needs something in the range of a space, log-uniform."""
    name = str(rng.choice(list(SHAPES), p=[share for share, _, _ in SHAPES.values()]))
    low, high = space.cpus[0] * BELOW_FIRST_STEP, space.cpus[-1]
    if name == SCARCE:
        low, high = space.cpus[-2], space.cpus[-1] * BEYOND_LAST_STEP
    memory_mib = _log_uniform(rng, space.memory_mib[0] * BELOW_FIRST_STEP, space.memory_mib[-1])
    return SHAPES[name][2](rng, _log_uniform(rng, low, high), memory_mib, space.memory_mib[-1])


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))
