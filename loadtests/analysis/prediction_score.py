"""How far a prediction is from what was measured, and how far many are at the median."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.observed import Observed

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
