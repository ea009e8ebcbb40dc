"""What a search runs on here: settings, and what each trial of each of them would tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from loadtests.question import Cost, Setting, rank
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.replica_law import ReplicaMemory
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

# How reliably the setting that is looked for has to hold: in so many of its cold trials.
ASKED = 0.9


@dataclass(frozen=True)
class Screening:
    """What a live staircase told, and how long the service was under load for it."""

    forecast: Forecast
    load_s: float
    memory: ReplicaMemory | None = None  # of one replica, by the ramp-up; None: it did not tell


@dataclass(frozen=True)
class Begun:
    """When a trial began, by the search's own clock, and whether its steady state is a long one."""

    at_s: float  # under load before it, in this search
    is_long: bool = False


class Problem(Protocol):
    """Evidence that is the same for whoever asks for the same trial at the same time."""

    @property
    def space(self) -> Space:
        """The settings there are."""

    def reliability(self, setting: Setting) -> float:
        """Return the chance of a cold trial to hold at the reference speed; no search gets it."""

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        """Return what trials of a setting tell together, and the last of them by itself."""

    def staircase(self) -> Screening:
        """Return what a live staircase tells that is climbed before any trial."""


def truth(problem: Problem, cost: Cost) -> Setting | None:
    """Return the least setting that is as reliable as asked; None where none is."""
    enough = [cell for cell in problem.space.cells if problem.reliability(cell) >= ASKED]
    return min(enough, key=lambda s: rank(s, cost), default=None)


@dataclass(frozen=True)
class Answer:
    """What a search says: a setting, or none, and how reliably it holds, where it states that."""

    setting: Setting | None
    reliability: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What a search answered, and what it took."""

    answer: Setting | None
    trials: int
    load_s: float  # of all trials, and of the staircase where there was one
    stated: float | None = None  # reliability of the answer, as the search has it


class SearchRun:
    """One search under way: what it has found so far, in order, and what it has spent.

    A search that does not read the speed of the CPU sees trials as if there were no gauge.
    """

    def __init__(self, problem: Problem, reads_speed: bool = False) -> None:
        """Begin with nothing found."""
        self.problem = problem
        self.findings: list[Finding] = []
        self.load_s = 0.0  # so far: this search's own clock
        self._reads_speed = reads_speed
        self._begun: dict[Setting, list[Begun]] = {}

    @property
    def space(self) -> Space:
        """The settings there are."""
        return self.problem.space

    @property
    def known(self) -> Knowledge:
        """What the findings so far say."""
        return Knowledge(self.space, tuple(self.findings))

    def climb(self) -> Screening:
        """Climb the live staircase."""
        screening = self.problem.staircase()
        self.load_s += screening.load_s
        return screening

    def screening(self) -> Forecast:
        """Climb the live staircase, and return what it forecasts."""
        return self.climb().forecast

    def measure(self, setting: Setting, is_long: bool = False) -> Finding:
        """Make one more trial of a setting."""
        begun = self._begun.setdefault(setting, [])
        begun.append(Begun(self.load_s, is_long))
        finding = self.problem.finding(setting, begun)
        if not self._reads_speed:
            finding = self._without_gauge(finding)
        self.findings.append(finding)
        self.load_s += finding.load_s
        return finding

    def trial(self, setting: Setting) -> Finding | None:
        """Make a trial that is valid; None where it takes too many to get one."""
        for _ in range(TRIALS_PER_SETTING):
            finding = self.measure(setting)
            if finding.trial_verdict is not Verdict.INVALID:
                return finding
        return None

    def holds(self, setting: Setting) -> bool:
        """Say whether a setting is shown to hold, after as many trials as that takes, or may."""
        seen = [finding for finding in self.findings if finding.setting == setting]
        while not (seen and seen[-1].verdict.decides) and len(seen) < TRIALS_PER_SETTING:
            seen.append(self.measure(setting))
        return seen[-1].verdict is Verdict.HOLDS

    def least_held(self, cost: Cost) -> Answer:
        """Answer with the cheapest setting that is shown to hold."""
        return Answer(self.known.least(cost))

    def outcome(self, answer: Answer) -> Outcome:
        """Return an answer with what has been spent on it."""
        return Outcome(answer.setting, len(self.findings), self.load_s, answer.reliability)

    def _without_gauge(self, finding: Finding) -> Finding:
        if finding.own is None:  # recorded: all trials together, with no reference speed
            return finding
        before = [seen.own for seen in self.findings if seen.setting == finding.setting]
        own = [verdict for verdict in (*before, finding.own) if verdict is not None]
        verdict = Verdict.FAILS if finding.oom_killed else combined(own)
        return replace(finding, verdict=verdict, speed=1.0)


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of several trials, as the real ones are combined.

    Invalid trials say nothing; those that decide must agree and outnumber the undecided.
    """
    usable = [verdict for verdict in verdicts if verdict is not Verdict.INVALID]
    if not usable:
        return Verdict.INVALID
    decided = [verdict for verdict in usable if verdict.decides]
    if len(set(decided)) == 1 and 2 * len(decided) > len(usable):
        return decided[0]
    return Verdict.UNDECIDED
