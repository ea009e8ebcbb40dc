"""What a search runs on here: settings, and what each trial of each of them would tell."""

from dataclasses import dataclass
from typing import Protocol

from loadtests.question import Cost, Setting, rank
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict


@dataclass(frozen=True)
class Screening:
    """What a live staircase told, and how long the service was under load for it."""

    forecast: Forecast
    load_s: float


class Problem(Protocol):
    """Evidence that is the same for whoever asks, in whatever order."""

    @property
    def space(self) -> Space:
        """The settings there are."""

    def truly_holds(self, setting: Setting) -> bool:
        """Say whether a setting holds, as no search gets to know."""

    def finding(self, setting: Setting, trials: int) -> Finding:
        """Return what the first `trials` trials of a setting tell together."""

    def staircase(self) -> Screening:
        """Return what a live staircase tells."""


def truth(problem: Problem, cost: Cost) -> Setting | None:
    """Return the least setting that truly holds; None where none does."""
    holding = [cell for cell in problem.space.cells if problem.truly_holds(cell)]
    return min(holding, key=lambda s: rank(s, cost), default=None)


@dataclass(frozen=True)
class Outcome:
    """What a search answered, and what it took."""

    answer: Setting | None
    trials: int
    load_s: float  # of all trials, and of the staircase where there was one


class SearchRun:
    """One search under way: what it has found so far, in order, and what it has spent."""

    def __init__(self, problem: Problem) -> None:
        """Begin with nothing found."""
        self.problem = problem
        self.findings: list[Finding] = []
        self._screens_s = 0.0

    @property
    def space(self) -> Space:
        """The settings there are."""
        return self.problem.space

    @property
    def known(self) -> Knowledge:
        """What the findings so far say."""
        return Knowledge(self.space, tuple(self.findings))

    def screening(self) -> Forecast:
        """Run the live staircase."""
        screening = self.problem.staircase()
        self._screens_s += screening.load_s
        return screening.forecast

    def measure(self, setting: Setting) -> Finding:
        """Make one more trial of a setting."""
        trials = 1 + sum(finding.setting == setting for finding in self.findings)
        finding = self.problem.finding(setting, trials)
        self.findings.append(finding)
        return finding

    def holds(self, setting: Setting) -> bool:
        """Say whether a setting is shown to hold, after as many trials as that takes, or may."""
        seen = [finding for finding in self.findings if finding.setting == setting]
        while not (seen and seen[-1].verdict.decides) and len(seen) < TRIALS_PER_SETTING:
            seen.append(self.measure(setting))
        return seen[-1].verdict is Verdict.HOLDS

    def outcome(self, cost: Cost) -> Outcome:
        """Return the cheapest setting that is shown to hold, and what has been spent."""
        load_s = self._screens_s + sum(finding.load_s for finding in self.findings)
        return Outcome(self.known.least(cost), len(self.findings), load_s)
