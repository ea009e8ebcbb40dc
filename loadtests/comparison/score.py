"""How well searches did: how often right, how wrong, how well they know it, and at what price."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, mean

from loadtests.analysis.between_trials import known_mean
from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.comparison.problem import ASKED, Outcome, Problem, truth
from loadtests.comparison.strategies import GRID, OURS, Strategy
from loadtests.question import Cost, Setting, rank

# Whether a setting holds in so much more or less of its trials can hardly be told by a few of them.
WITHIN = 0.05
# An answer that holds in fewer than so many of its trials is too small.
TOSS = 0.5


@dataclass(frozen=True)
class Attempt:
    """One search of one problem, against the truth."""

    outcome: Outcome
    least: Setting | None  # the truth
    reliability: float | None  # of the answer, in truth; None without an answer
    near: bool  # at most one step of CPU and one of memory from the truth
    within: bool  # right, were a reliability asked for that is at most WITHIN from that
    regret: float | None = None  # of the cost of the truth: what the answer costs more

    @property
    def right(self) -> bool:
        """Whether the answer is the truth."""
        return self.outcome.answer == self.least

    @property
    def too_small(self) -> bool:
        """Whether the answer fails more often than not."""
        return self.reliability is not None and self.reliability < TOSS

    @property
    def less_reliable(self) -> bool:
        """Whether the answer mostly holds, but less often than asked."""
        return self.reliability is not None and TOSS <= self.reliability < ASKED

    @property
    def too_large(self) -> bool:
        """Whether something cheaper is as reliable as asked, or none was found where there is."""
        return not (self.right or self.too_small or self.less_reliable)


def attempts(strategies: Iterable[Strategy], problem: Problem, cost: Cost) -> dict[str, Attempt]:
    """Run searches on a problem and compare the answer of each with the truth."""
    least = truth(problem, cost)
    return {s.name: _attempt(s.run(problem, cost), problem, least, cost) for s in strategies}


def _attempt(outcome: Outcome, problem: Problem, least: Setting | None, cost: Cost) -> Attempt:
    answer = outcome.answer
    return Attempt(
        outcome,
        least,
        reliability=None if answer is None else problem.reliability(answer),
        near=_near(problem, answer, least),
        within=_within(problem, answer, cost),
        regret=None if answer is None or least is None else cost(answer) / cost(least) - 1,
    )


def _near(problem: Problem, answer: Setting | None, least: Setting | None) -> bool:
    if answer is None or least is None:
        return answer is None and least is None
    steps = [(*problem.space.steps(each), each.replicas) for each in (answer, least)]
    return all(abs(one - other) <= 1 for one, other in zip(*steps, strict=True))


def _within(problem: Problem, answer: Setting | None, cost: Cost) -> bool:
    """Say whether an answer is the least of some reliability that is nearly the one asked for."""
    low, high = ASKED - WITHIN, ASKED + WITHIN
    rivals = [
        cell
        for cell in problem.space.cells
        if answer is None or rank(cell, cost) < rank(answer, cost)
    ]
    best = max((problem.reliability(cell) for cell in rivals), default=0.0)
    if answer is None:
        return best < high
    reliability = problem.reliability(answer)
    return reliability >= low and best < min(high, reliability)


@dataclass(frozen=True)
class Score:
    """One search over all problems."""

    right: Interval  # share of the problems, with Wilson's interval
    near: float  # share, those that are right included
    within: float  # share, those that are right included
    too_small: int
    less_reliable: int
    too_large: int
    regret: float | None  # mean; None where no problem has both an answer and a truth
    stated: float | None  # mean reliability of its answers, as it states it; None: it states none
    reliability: float | None  # mean reliability of its answers, in truth
    trials: float  # mean
    trials_most: int
    load_s: float  # mean
    share_of_grid: float  # of the full grid's load on the same problems


def score(made: Sequence[Attempt], grid: Sequence[Attempt]) -> Score:
    """Sum up the attempts of one search; `grid` are the full grid's on the same problems."""
    outcomes = [attempt.outcome for attempt in made]
    load_s = sum(outcome.load_s for outcome in outcomes)
    return Score(
        right=wilson(sum(attempt.right for attempt in made), len(made)),
        near=mean(attempt.near for attempt in made),
        within=mean(attempt.within for attempt in made),
        too_small=sum(attempt.too_small for attempt in made),
        less_reliable=sum(attempt.less_reliable for attempt in made),
        too_large=sum(attempt.too_large for attempt in made),
        regret=known_mean(attempt.regret for attempt in made),
        stated=known_mean(outcome.stated for outcome in outcomes),
        reliability=known_mean(attempt.reliability for attempt in made),
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
