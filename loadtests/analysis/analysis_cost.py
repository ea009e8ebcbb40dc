"""What it costs to analyse so many trials: time, memory, and whether the time is linear."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from loadtests.analysis.growth import Growth, growth


@dataclass(frozen=True)
class Analysed:
    """One process that read, judged and drew so many trials."""

    trials: int
    wall_s: float  # from its start to its end, imports included
    cpu_s: float  # that it took of a CPU meanwhile, whatever else wanted it
    peak_mib: float  # resident memory at its highest
    steps_s: Mapping[str, float]  # seconds of each part of the work, in order
    pages: int  # trials drawn by themselves: one a setting


@dataclass(frozen=True)
class Goals:
    """What so many trials may cost."""

    trials: int
    wall_s: float
    peak_mib: float


@dataclass(frozen=True)
class AnalysisCost:
    """Several sizes, each several times."""

    measured: tuple[Analysed, ...]
    goals: Goals

    @property
    def sizes(self) -> list[int]:
        """How many trials there were, the fewest first."""
        return sorted({each.trials for each in self.measured})

    def of(self, trials: int) -> list[Analysed]:
        """Return what was measured of a size."""
        return [each for each in self.measured if each.trials == trials]

    def wall_s(self, trials: int) -> float:
        """Return the median time of a size, in seconds."""
        return median(each.wall_s for each in self.of(trials))

    def cpu_s(self, trials: int) -> float:
        """Return the median CPU time of a size, in seconds."""
        return median(each.cpu_s for each in self.of(trials))

    def peak_mib(self, trials: int) -> float:
        """Return the most memory that any process of a size took, in MiB."""
        return max(each.peak_mib for each in self.of(trials))

    def steps_s(self, trials: int) -> dict[str, float]:
        """Return the median seconds of each part of the work."""
        names = self.of(trials)[0].steps_s
        return {name: median(each.steps_s[name] for each in self.of(trials)) for name in names}

    @property
    def growth(self) -> Growth:
        """How CPU time grows with the number of trials; raises ValueError for too few sizes.

        Not the time from start to end, which is also of what else the machine had to do.
        """
        return growth([m.trials for m in self.measured], [m.cpu_s for m in self.measured])

    @property
    def met(self) -> bool | None:
        """Whether every process of the goals' size kept them; None: that size was not measured."""
        told = self.of(self.goals.trials)
        if not told:
            return None
        return all(
            each.wall_s <= self.goals.wall_s and each.peak_mib <= self.goals.peak_mib
            for each in told
        )
