"""How reliably each setting holds: the chance of one more cold trial, at the reference speed.

The chance to hold is a logistic curve of log CPU (`cpu_curve`); killed for memory or not is a
second curve of the same kind, over log memory (`memory_curve`).
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

from loadtests.errors import QuestionError
from loadtests.question import SLO, Setting
from loadtests.search.cpu_curve import CpuTrials
from loadtests.search.curve import Curve
from loadtests.search.memory_curve import memory_curve
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast

MOST_RELIABILITY = 0.98
SURE = 0.95  # the band ends where the chance to hold is so high, and begins where that to fail is


@dataclass(frozen=True)
class Goal:
    """What is asked of an answer: how often a cold trial of it is to hold."""

    reliability: float = 0.9
    slow_share: float = SLO().slow_share  # of requests that the SLO lets be slow

    def __post_init__(self) -> None:
        """Refuse what no number of trials could show."""
        if not 0.5 <= self.reliability <= MOST_RELIABILITY:
            raise QuestionError(
                f"reliability is {self.reliability!r}; it must be from 0.5 to {MOST_RELIABILITY}: "
                "more would take more trials than a search may cost"
            )


@dataclass(frozen=True)
class Band:
    """Between which CPU limits a setting's verdict is a matter of luck, with the answer's memory.

    The chances are of one cold trial at the reference speed; None where no step is so sure.
    """

    memory_mib: int
    fails_to_cpus: float | None
    holds_from_cpus: float | None
    reliability: float  # of the answer: its chance to hold
    asked: float
    replicas: int = 1  # as many as the answer has; the limits are of each


@dataclass(frozen=True)
class Reliability:
    """What all trials of a search say of every setting's chance to hold."""

    space: Space
    findings: tuple[Finding, ...]
    goal: Goal
    forecast: Forecast | None = None  # of a live staircase

    def stated(self, setting: Setting) -> float:
        """Return the chance of one more cold trial to hold, at the reference speed."""
        cpu, memory = self._curves(setting)
        return cpu.mean(math.log(setting.cpus)) * memory.mean(math.log(setting.memory_mib))

    def is_enough(self, setting: Setting) -> bool:
        """Say whether a setting is stated to hold as reliably as asked."""
        return self.stated(setting) >= self.goal.reliability

    def sure(self, setting: Setting) -> float:
        """Return how sure it is that the chance to hold is at least the one asked for."""
        asked = self.goal.reliability
        cpu, memory = self._curves(setting)
        return cpu.at_least(asked, math.log(setting.cpus)) * memory.at_least(
            asked, math.log(setting.memory_mib)
        )

    def band(self, answer: Setting) -> Band:
        """Return the band of CPU around an answer, with its memory and its replicas."""
        stated = {cpus: self.stated(replace(answer, cpus=cpus)) for cpus in self.space.cpus}
        failing = [cpus for cpus, chance in stated.items() if chance <= 1 - SURE]
        holding = [cpus for cpus, chance in stated.items() if chance >= SURE]
        return Band(
            answer.memory_mib,
            max(failing, default=None),
            min(holding, default=None),
            stated[answer.cpus],
            self.goal.reliability,
            answer.replicas,
        )

    def _curves(self, setting: Setting) -> tuple[Curve, Curve]:
        cpu, memory = self.space.steps(setting)
        return self._cpu_curves[memory], self._memory_curves[cpu]

    @cached_property
    def _cpu_curves(self) -> list[Curve]:
        """The curve over CPU with each step of memory."""
        trials = CpuTrials(self.space.cpus, self.findings, self.goal.slow_share, self.forecast)
        return [trials.curve(memory_mib) for memory_mib in self.space.memory_mib]

    @cached_property
    def _memory_curves(self) -> list[Curve]:
        """The curve over memory at each step of CPU."""
        return [
            memory_curve(self.space.memory_mib, cpus, self.findings) for cpus in self.space.cpus
        ]
