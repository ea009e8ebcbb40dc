"""How well searches did: how often right, how wrong, and at what price in time under load."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, mean

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.comparison.problem import Outcome, Problem, truth
from loadtests.comparison.strategies import GRID, OURS, Strategy
from loadtests.question import Cost, Setting


@dataclass(frozen=True)
class Attempt:
    """One search of one problem, against the truth."""

    outcome: Outcome
    least: Setting | None  # the truth
    too_small: bool  # the answer fails in truth
    near: bool  # at most one step of CPU and one of memory from the truth

    @property
    def right(self) -> bool:
        """Whether the answer is the truth."""
        return self.outcome.answer == self.least

    @property
    def too_large(self) -> bool:
        """Whether there is a cheaper setting that holds, or one where none was found."""
        return not self.right and not self.too_small


def attempt(strategy: Strategy, problem: Problem, cost: Cost) -> Attempt:
    """Run a search on a problem and compare its answer with the truth."""
    outcome, least = strategy.run(problem, cost), truth(problem, cost)
    answer = outcome.answer
    too_small = answer is not None and not problem.truly_holds(answer)
    return Attempt(outcome, least, too_small, _near(problem, answer, least))


def _near(problem: Problem, answer: Setting | None, least: Setting | None) -> bool:
    if answer is None or least is None:
        return answer is None and least is None
    steps = zip(problem.space.steps(answer), problem.space.steps(least), strict=True)
    return all(abs(one - other) <= 1 for one, other in steps)


@dataclass(frozen=True)
class Score:
    """One search over all problems."""

    right: Interval  # share of the problems, with Wilson's interval
    near: float  # share, those that are right included
    too_small: int
    too_large: int
    trials: float  # mean
    trials_most: int
    load_s: float  # mean
    share_of_grid: float  # of the full grid's load on the same problems


def score(attempts: Sequence[Attempt], grid: Sequence[Attempt]) -> Score:
    """Sum up the attempts of one search; `grid` are the full grid's on the same problems."""
    outcomes = [attempt.outcome for attempt in attempts]
    load_s = sum(outcome.load_s for outcome in outcomes)
    return Score(
        right=wilson(sum(attempt.right for attempt in attempts), len(attempts)),
        near=mean(attempt.near for attempt in attempts),
        too_small=sum(attempt.too_small for attempt in attempts),
        too_large=sum(attempt.too_large for attempt in attempts),
        trials=mean(outcome.trials for outcome in outcomes),
        trials_most=max(outcome.trials for outcome in outcomes),
        load_s=load_s / len(outcomes),
        share_of_grid=load_s / sum(attempt.outcome.load_s for attempt in grid),
    )


def best_rival(scores: Mapping[str, Score]) -> str:
    """Name the quickest search besides ours: what ours has to be compared with.

    The full grid is the dearest there is, so a share of it alone says little.
    """
    rivals = {name: score for name, score in scores.items() if name not in (OURS.name, GRID.name)}
    return min(rivals, key=lambda name: rivals[name].load_s)


def wilson(hits: int, total: int) -> Interval:
    """Return a share with its 95% score interval (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = hits / total
    centre = share + z**2 / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2)
    scale = 1 + z**2 / total
    return Interval(share, max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


@dataclass(frozen=True)
class Pairing:
    """Two searches on the same problems: on how many only one of them was right."""

    only_one: int
    only_other: int

    @property
    def chance(self) -> float:
        """How often chance alone parts them at least so unevenly (exact test, McNemar 1947)."""
        parted, fewer = self.only_one + self.only_other, min(self.only_one, self.only_other)
        tail = sum(math.comb(parted, k) for k in range(fewer + 1)) * 0.5**parted
        return min(1.0, 2 * tail)


def pair(one: Sequence[Attempt], other: Sequence[Attempt]) -> Pairing:
    """Compare two searches problem by problem."""
    rights = [(a.right, b.right) for a, b in zip(one, other, strict=True)]
    return Pairing(rights.count((True, False)), rights.count((False, True)))
