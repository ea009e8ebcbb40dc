"""Predictors put to the test: each trial is predicted from trials of other settings only.

Settings are dealt into parts by a seed. Each part in turn is held out, at least a third of the
trials, and predicted by what was fitted to the rest; so every trial is predicted once, and never
from one of its own setting.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.observed import Observed
from loadtests.analysis.predictors import (
    MEMORY_LINE,
    SCALABILITY_LAW,
    THROTTLED_QUEUE,
    UTILISATION_LAW,
    MemoryLine,
    Predictor,
    Unfitted,
    memory_line,
    scalability_law,
    utilisation_law,
)
from loadtests.analysis.throttled_prediction import throttled_queue
from loadtests.question import Setting

PARTS = 3
# The fewest values whose least and greatest bound their median at 95%: 1 - 2 (1/2)^n (order
# statistics; David & Nagaraja, "Order Statistics", 2003, 7.1). Of fewer nothing is said.
FEWEST = math.ceil(1 - math.log2(1 - CONFIDENCE))


class Figure(StrEnum):
    """What is predicted."""

    P95 = "p95"
    CAPACITY = "capacity"
    MEMORY = "memory"


# What is aimed at, of the median error: the rate that a setting holds within a tenth, the p95 below
# the knee within a factor of 1.5 either way. Of memory nothing was set.
CAPACITY_GOAL = 0.1
P95_GOAL = 0.5
GOALS: Mapping[Figure, float] = {Figure.P95: P95_GOAL, Figure.CAPACITY: CAPACITY_GOAL}


@dataclass(frozen=True)
class Compared:
    """One predictor's word on one figure of one held-out trial, beside what was measured."""

    predictor: str
    figure: Figure
    trial: Observed
    predicted: Interval  # bounds NaN where it had no spread to tell them by
    measured: Interval

    @property
    def ratio(self) -> float:
        """Predicted over measured: 1.1 is a tenth too much."""
        return self.predicted.estimate / self.measured.estimate

    @property
    def error(self) -> float:
        """How far off, the same for twice as much and half as much: 0.5 is a factor of 1.5."""
        return max(self.ratio, 1 / self.ratio) - 1 if self.ratio > 0 else math.inf

    @property
    def has_interval(self) -> bool:
        """Whether the predictor had a spread to tell its bounds by."""
        return self.predicted.low <= self.predicted.high

    @property
    def inside(self) -> bool:
        """Whether the predicted interval and the measured one have a value in common."""
        return self.predicted.low <= self.measured.high and self.predicted.high >= self.measured.low

    @property
    def counts(self) -> bool:
        """Whether it is among those that a goal is about: of p95, only below the knee."""
        return self.figure is not Figure.P95 or self.trial.below_knee


@dataclass(frozen=True)
class Score:
    """The errors of one predictor about one figure, of the held-out trials that count."""

    predictor: str
    figure: Figure
    compared: tuple[Compared, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there are so many that their median has an interval."""
        return len(self.compared) >= FEWEST

    @property
    def median(self) -> Interval | None:
        """The median error with its 95% interval, by order statistics; None: too few."""
        if not self.is_enough:
            return None
        errors = [each.error for each in self.compared]
        bounds = stats.quantile_test(errors, q=0, p=0.5).confidence_interval(CONFIDENCE)
        return Interval(float(np.median(errors)), float(bounds.low), float(bounds.high))

    @property
    def goal(self) -> float | None:
        """The median error that is aimed at; None: none was set."""
        return GOALS.get(self.figure)

    @property
    def met(self) -> bool | None:
        """Whether the median error is at most that; None: no goal, or too few to tell."""
        median = self.median
        return None if median is None or self.goal is None else median.estimate <= self.goal


@dataclass(frozen=True)
class HeldOut:
    """All that was predicted of held-out trials, and what could not be."""

    seed: int
    trials: tuple[Observed, ...]
    compared: tuple[Compared, ...]
    unfitted: Mapping[str, str]  # predictor: why it was fitted to no part, or not to all
    left_out: Mapping[str, int]  # why trials are no evidence, and how many

    @property
    def settings(self) -> int:
        """How many settings the trials are of."""
        return len({trial.setting for trial in self.trials})

    def of(self, figure: Figure) -> list[Compared]:
        """Return what was predicted of one figure."""
        return [each for each in self.compared if each.figure is figure]

    def scores(self) -> list[Score]:
        """Return a score for each predictor and figure that it speaks of."""
        pairs = dict.fromkeys((each.predictor, each.figure) for each in self.compared)
        return [
            Score(
                predictor,
                figure,
                tuple(
                    each
                    for each in self.compared
                    if (each.predictor, each.figure) == (predictor, figure) and each.counts
                ),
            )
            for figure in Figure
            for predictor, of in pairs
            if of is figure
        ]


def deal(trials: Mapping[Setting, int], seed: int) -> list[tuple[set[Setting], set[Setting]]]:
    """Deal settings into parts, as pairs: all that are held out, and of these the part's own.

    `trials` says how many each setting has. Settings of one size are spread over the parts. Each
    part holds out at least a third of the trials; where its own are fewer, settings of the next
    part are held out along with them. Empty where no setting would be left to fit to.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[tuple[float, int], list[Setting]] = {}
    for setting in sorted(trials):
        sizes.setdefault((setting.cpus, setting.memory_mib), []).append(setting)
    groups = [*sizes.values()]
    shuffled = [groups[place] for place in rng.permutation(len(groups))]
    ordered = [group[place] for group in shuffled for place in rng.permutation(len(group))]
    parts = [ordered[begin::PARTS] for begin in range(PARTS)]
    dealt = []
    for number, part in enumerate(parts):
        others = [each for later in range(1, PARTS) for each in parts[(number + later) % PARTS]]
        held = list(part)
        while others and PARTS * sum(trials[each] for each in held) < sum(trials.values()):
            held.append(others.pop(0))
        if part and others:
            dealt.append((set(held), set(part)))
    return dealt


def hold_out(
    trials: Sequence[Observed],
    seed: int,
    threads: int = 1,
    left_out: Mapping[str, int] | None = None,
) -> HeldOut:
    """Predict every trial from those of other settings, by every predictor.

    threads: how many requests a replica works on at once; 1 is an event loop.
    """
    counts: dict[Setting, int] = {}
    for trial in trials:
        counts[trial.setting] = counts.get(trial.setting, 0) + 1
    compared: list[Compared] = []
    unfitted: dict[str, str] = {}
    for held, own in deal(counts, seed):
        rest = [trial for trial in trials if trial.setting not in held]
        asked = [trial for trial in trials if trial.setting in own]
        fitted: dict[str, Predictor | Unfitted] = {
            UTILISATION_LAW: utilisation_law(rest),
            SCALABILITY_LAW: scalability_law(rest),
            THROTTLED_QUEUE: throttled_queue(rest, threads),
        }
        for name, predictor in fitted.items():
            if isinstance(predictor, Unfitted):
                unfitted[name] = predictor.why
            else:
                compared += _compare(name, predictor, asked)
        line = memory_line(rest)
        if isinstance(line, Unfitted):
            unfitted[MEMORY_LINE] = line.why
        else:
            compared += _compare_memory(line, asked)
    return HeldOut(seed, tuple(trials), tuple(compared), unfitted, left_out or {})


def _compare(name: str, predictor: Predictor, asked: Sequence[Observed]) -> list[Compared]:
    """Ask about each setting and load once, however many trials it has."""
    found = []
    p95 = _remembered(lambda trial: predictor.p95_ms(trial.setting, trial.workload))
    capacity = _remembered(lambda trial: predictor.capacity_rps(trial.setting, trial.slo))
    for trial in asked:
        if trial.p95_ms is not None and (said := p95(trial)) is not None:
            found.append(Compared(name, Figure.P95, trial, said, trial.p95_ms))
        if trial.capacity_rps is not None and (said := capacity(trial)) is not None:
            found.append(Compared(name, Figure.CAPACITY, trial, said, trial.capacity_rps))
    return found


def _compare_memory(line: MemoryLine, asked: Sequence[Observed]) -> list[Compared]:
    return [
        Compared(
            MEMORY_LINE,
            Figure.MEMORY,
            trial,
            line.peak_mib(trial.connections),
            Interval(trial.memory_mib, trial.memory_mib, trial.memory_mib),
        )
        for trial in asked
        if trial.memory_mib is not None and trial.connections is not None
    ]


def _remembered(
    ask: Callable[[Observed], Interval | None],
) -> Callable[[Observed], Interval | None]:
    known: dict[object, Interval | None] = {}

    def asked(trial: Observed) -> Interval | None:
        key = trial.setting, trial.workload, trial.slo
        if key not in known:
            known[key] = ask(trial)
        return known[key]

    return asked
