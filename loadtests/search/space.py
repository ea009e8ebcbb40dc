"""The settings there are to choose from: steps of CPU and of memory, for one replica count."""

import itertools
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from loadtests.errors import QuestionError
from loadtests.question import Setting

# Steps of 20 to 50%, the numbers people write: below, two neighbours could hardly be told apart.
SERIES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
LEAST_CPUS = 0.05
LEAST_MEMORY_MIB = 50
MOST_MEMORY_MIB = 4000


def ladder(low: float, high: float) -> list[float]:
    """Return the numbers of SERIES, over all decades, from low to high inclusive."""
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    numbers = (round(step * 10.0**decade, 6) for decade in decades for step in SERIES)
    return [number for number in numbers if low <= number <= high]


@dataclass(frozen=True)
class Space:
    """A grid of settings: every step of CPU (cores) with every step of memory (MiB)."""

    cpus: tuple[float, ...]
    memory_mib: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse steps that do not rise; Setting refuses those that no engine could grant."""
        for name, steps in (("cpu_steps", self.cpus), ("memory_steps", self.memory_mib)):
            if not steps or any(a >= b for a, b in itertools.pairwise(steps)):
                raise QuestionError(
                    f"{name} is {list(steps)!r}; it must be numbers, each above the one before"
                )
        _ = self.cells

    @classmethod
    def of_host(cls, cpus: int, memory_mib: int) -> "Space":
        """Return the usual steps, as far as a host with that many CPUs and MiB grants them."""
        top = min(MOST_MEMORY_MIB, memory_mib // 2)
        memory = ladder(LEAST_MEMORY_MIB, top)
        return cls(tuple(ladder(LEAST_CPUS, cpus)), tuple(int(step) for step in memory))

    @cached_property
    def cells(self) -> tuple[Setting, ...]:
        """Every setting of the grid."""
        return tuple(Setting(c, m) for c in self.cpus for m in self.memory_mib)

    @property
    def ample(self) -> Setting:
        """The largest setting."""
        return self.cell(len(self.cpus) - 1, self.last_memory_step)

    @property
    def last_memory_step(self) -> int:
        """The step of all the memory there is."""
        return len(self.memory_mib) - 1

    def cell(self, cpu_step: int, memory_step: int) -> Setting:
        """Return the setting at a step of CPU and a step of memory, counted from 0."""
        return Setting(self.cpus[cpu_step], self.memory_mib[memory_step])

    def steps(self, setting: Setting) -> tuple[int, int]:
        """Return at which steps of CPU and memory a setting of the grid lies."""
        return self.cpus.index(setting.cpus), self.memory_mib.index(setting.memory_mib)

    def granting(self, cpus: float, memory_mib: float) -> tuple[int, int]:
        """Return the least steps that grant so much of both; the last where none does."""
        return _at_least(self.cpus, cpus), _at_least(self.memory_mib, memory_mib)


def _at_least(steps: Sequence[float], wanted: float) -> int:
    return min(bisect_left(steps, wanted), len(steps) - 1)
