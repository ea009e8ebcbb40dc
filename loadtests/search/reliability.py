"""How reliably each setting holds: the chance of one more cold trial, at the reference speed.

A trial is a draw: how far the CPU it granted lies above the edge, in log CPU at the reference
speed, plus luck of its own. That luck is logistic, so the chance to hold is a logistic curve of log
CPU; where the edge lies and how wide the curve is follow from all trials, by Bayes' rule on a grid.
Killed for memory or not is a second curve of the same kind, over log memory.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from loadtests.errors import QuestionError
from loadtests.question import SLO, Setting
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

Floats = npt.NDArray[np.float64]

# What luck may amount to, in log CPU and in log memory, and how likely each was before any trial.
CPU_WIDTHS = ((0.015, 0.2), (0.03, 0.4), (0.06, 0.3), (0.1, 0.1))
MEMORY_WIDTHS = ((0.005, 0.4), (0.01, 0.4), (0.02, 0.2))
# Log CPU in which the odds of a slow request change e-fold.
SLOW_WIDTHS = ((0.03, 0.3), (0.05, 0.4), (0.1, 0.3))
# Shares of slow requests beyond these say only on which side of the edge a trial was.
SLOW_SEEN = (0.001, 0.95)
GAUGE_WIDTH = 0.036  # of the speed that was read, as a logistic width: 6.5% of standard deviation
# A live staircase sees the edge off by so much (standard deviation, log CPU), unless it lies
# elsewhere altogether: so likely above, so likely below.
FORECAST_ERROR = 0.12
ABOVE_FORECAST, BELOW_FORECAST = 0.2, 0.02
SAME_CPU = 0.6  # chance that the CPU needed is the same with more memory, or with less
BEYOND_STEPS = 0.5  # the edge may lie so far outside of the steps, in log
EDGES = 240
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


@dataclass(frozen=True)
class _Curve:
    """The chance to hold over a logarithmic axis: a belief about its edge and its width."""

    edges: Floats  # shape (edges, 1): where the chance is a half
    widths: Floats  # shape (1, widths)
    belief: Floats  # shape (edges, widths), sums to 1

    def chances(self, at: float) -> Floats:
        """Return the chance at a place under each edge and width."""
        chances: Floats = expit((at - self.edges) / self.widths)
        return chances

    def mean(self, at: float) -> float:
        """Return the chance at a place, over all that is believed."""
        return float((self.belief * self.chances(at)).sum())

    def at_least(self, chance: float, at: float) -> float:
        """Return how sure it is that the chance at a place is at least so high."""
        return float(self.belief[self.chances(at) >= chance].sum())


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
        """Return the band of CPU around an answer, with its memory."""
        stated = {cpus: self.stated(Setting(cpus, answer.memory_mib)) for cpus in self.space.cpus}
        failing = [cpus for cpus, chance in stated.items() if chance <= 1 - SURE]
        holding = [cpus for cpus, chance in stated.items() if chance >= SURE]
        return Band(
            answer.memory_mib,
            max(failing, default=None),
            min(holding, default=None),
            stated[answer.cpus],
            self.goal.reliability,
        )

    def _curves(self, setting: Setting) -> tuple[_Curve, _Curve]:
        cpu, memory = self.space.steps(setting)
        return self._cpu_curves[memory], self._memory_curves[cpu]

    @cached_property
    def _cpu_curves(self) -> list[_Curve]:
        """The curve over CPU with each step of memory.

        More memory never makes it worse: what held with less of it counts, and what failed with
        more. The other way round a trial counts as far as memory makes no difference to the CPU
        that is needed, which is likelier than not.
        """
        return [self._cpu_curve(memory_mib) for memory_mib in self.space.memory_mib]

    def _cpu_curve(self, memory_mib: int) -> _Curve:
        edges = _edges(self.space.cpus)[:, None, None]
        widths = np.array([width for width, _ in CPU_WIDTHS])[None, :, None]
        slow = np.array([width for width, _ in SLOW_WIDTHS])[None, None, :]
        log_belief = np.log([share for _, share in CPU_WIDTHS])[None, :, None] + np.log(
            [share for _, share in SLOW_WIDTHS]
        )
        log_belief = log_belief + np.log(self._forecast_belief(edges))
        for finding in self.findings:
            if finding.is_fatal or finding.trial_verdict is Verdict.INVALID:
                continue  # no matter of CPU, or of nothing
            above = math.log(finding.setting.cpus * finding.speed) - edges
            luck = widths if finding.speed == 1 else np.hypot(widths, GAUGE_WIDTH)
            told = self._log_likelihood(finding, above, luck, slow)
            if not _tells_of_memory(finding, memory_mib):
                likely = np.exp(told)
                told = np.log(SAME_CPU * likely + (1 - SAME_CPU) * likely.mean())
            log_belief += told
        belief = np.exp(log_belief - log_belief.max()).sum(axis=2)
        return _Curve(edges[:, :, 0], widths[:, :, 0], belief / belief.sum())

    def _forecast_belief(self, edges: Floats) -> Floats:
        """Return how likely each edge was before any trial: about the forecast, or elsewhere.

        Sooner above it than below: with less memory, and in fresh containers, it may take more CPU.
        """
        expected = None if self.forecast is None else self.forecast.edge_cpus
        if expected is None:
            return np.ones_like(edges)
        off = edges - math.log(expected)
        near = np.exp(-0.5 * (off / FORECAST_ERROR) ** 2)
        above, below = (side / max(1.0, side.sum()) for side in (off > 0, off <= 0))
        belief: Floats = (
            (1 - ABOVE_FORECAST - BELOW_FORECAST) * near / max(1e-9, near.sum())
            + ABOVE_FORECAST * above
            + BELOW_FORECAST * below
            + 1e-9
        )
        return belief

    def _log_likelihood(
        self, finding: Finding, above: Floats, luck: Floats, slow_width: Floats
    ) -> Floats:
        """Return how well each edge, width and width of slowness explain what a trial showed.

        The share of slow requests tells how far from the edge it was, where it is neither next to
        none nor next to all.
        """
        verdict = finding.trial_verdict
        side = {Verdict.HOLDS: 1.0, Verdict.FAILS: -1.0}.get(verdict, 0.0)
        share = finding.slow_share
        if side and share is not None and SLOW_SEEN[0] <= share <= SLOW_SEEN[1]:
            distance = float(logit(self.goal.slow_share) - logit(share))
            if side * distance >= 0:
                off = (slow_width * distance - above) / luck
                return _log_density(off) + np.log(slow_width / luck)
        if side == 0:  # undecided: as near as can be
            return _log_density(above / luck) - np.log(luck)
        limit = slow_width * (0.0 if share is None else self._beyond(side, share))
        if side > 0 and finding.cpu_used:  # so much less CPU could at most have done as well
            limit = np.minimum(limit, max(0.0, -math.log(finding.cpu_used)))
        log_chance: Floats = np.log(expit(side * (above - side * limit) / luck) + 1e-300)
        return log_chance

    def _beyond(self, side: float, share: float) -> float:
        """Return how far a trial lies at least on its side, in widths of slowness."""
        seen = SLOW_SEEN[0] if side > 0 else SLOW_SEEN[1]
        beyond = share < seen if side > 0 else share > seen
        return abs(float(logit(self.goal.slow_share) - logit(seen))) if beyond else 0.0

    @cached_property
    def _memory_curves(self) -> list[_Curve]:
        """The curve over memory at each step of CPU: killed, or not.

        More CPU never takes more memory: who was killed with more of it is killed with less, and
        who lived with less lives with more.
        """
        return [self._memory_curve(cpus) for cpus in self.space.cpus]

    def _memory_curve(self, cpus: float) -> _Curve:
        edges = _edges(self.space.memory_mib)[:, None]
        widths = np.array([width for width, _ in MEMORY_WIDTHS])[None, :]
        log_belief = np.broadcast_to(
            np.log([share for _, share in MEMORY_WIDTHS])[None, :], (EDGES, len(MEMORY_WIDTHS))
        ).copy()
        for finding in self.findings:
            at = finding.setting
            killed = finding.oom_killed and at.cpus >= cpus
            lived = finding.trial_verdict is Verdict.HOLDS and at.cpus <= cpus
            if killed or lived:
                side = -1.0 if killed else 1.0
                off = side * (math.log(at.memory_mib) - edges) / widths
                log_belief += np.log(expit(off) + 1e-300)
        belief = np.exp(log_belief - log_belief.max())
        return _Curve(edges, widths, belief / belief.sum())


def _edges(steps: Sequence[float]) -> Floats:
    low, high = math.log(steps[0]) - BEYOND_STEPS, math.log(steps[-1]) + BEYOND_STEPS
    return np.linspace(low, high, EDGES)


def _log_density(off: Floats) -> Floats:
    """Return the logarithm of the logistic density, but for its scale."""
    log_density: Floats = -np.abs(off) - 2 * np.log1p(np.exp(-np.abs(off)))
    return log_density


def _tells_of_memory(finding: Finding, memory_mib: int) -> bool:
    """Say whether a trial tells of the CPU needed with so much memory."""
    verdict, granted_mib = finding.trial_verdict, finding.setting.memory_mib
    if verdict is Verdict.HOLDS:
        return granted_mib <= memory_mib
    if verdict is Verdict.FAILS:
        return granted_mib >= memory_mib
    return verdict is Verdict.UNDECIDED and granted_mib == memory_mib
