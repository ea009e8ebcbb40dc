"""The chance to hold, over log CPU at the reference speed, with one step of memory.

A trial is a draw: how far the CPU it granted lies above the edge, at the speed of its CPU, plus
luck of its own, which is logistic.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from loadtests.search.curve import Curve, Floats, edges, log_density, log_logistic
from loadtests.verdicts import Finding, Forecast, Verdict

# What luck may amount to, in log CPU, and how likely each was before any trial.
WIDTHS = ((0.015, 0.2), (0.03, 0.4), (0.06, 0.3), (0.1, 0.1))
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


@dataclass(frozen=True)
class CpuTrials:
    """What tells of the CPU that is needed: trials, a staircase, and what the SLO lets be slow."""

    steps: tuple[float, ...]  # of CPU, cores
    findings: tuple[Finding, ...]
    slow_share: float  # of requests that the SLO lets be slow
    forecast: Forecast | None = None  # of a live staircase

    def curve(self, memory_mib: int) -> Curve:
        """Return the curve over CPU with a limit of memory (MiB).

        More memory never makes it worse: what held with less of it counts, and what failed with
        more. The other way round a trial counts as far as memory makes no difference to the CPU
        that is needed, which is likelier than not.
        """
        edge = edges(self.steps)[:, None, None]
        widths = np.array([width for width, _ in WIDTHS])[None, :, None]
        slow = np.array([width for width, _ in SLOW_WIDTHS])[None, None, :]
        log_belief = np.log([share for _, share in WIDTHS])[None, :, None] + np.log(
            [share for _, share in SLOW_WIDTHS]
        )
        log_belief = log_belief + np.log(_forecast_belief(edge, self.forecast))
        for finding in self.findings:
            if finding.is_fatal or finding.trial_verdict is Verdict.INVALID:
                continue  # no matter of CPU, or of nothing
            above = math.log(finding.setting.cpus * finding.speed) - edge
            luck = widths if finding.speed == 1 else np.hypot(widths, GAUGE_WIDTH)
            told = log_likelihood(finding, above, luck, slow, self.slow_share)
            if not tells_of_memory(finding, memory_mib):
                told = half_told(told)
            log_belief += told
        belief = np.exp(log_belief - log_belief.max()).sum(axis=2)
        return Curve(edge[:, :, 0], widths[:, :, 0], belief / belief.sum())


def log_likelihood(
    finding: Finding, above: Floats, luck: Floats, slow_width: Floats, allowed: float
) -> Floats:
    """Return how well each edge, width and width of slowness explain what a trial showed.

    `above` is how far the trial's CPU lies above each edge, log; `allowed` the share of requests
    that the SLO lets be slow. That share tells how far from the edge a trial was, where it is
    neither next to none nor next to all.
    """
    verdict = finding.trial_verdict
    side = {Verdict.HOLDS: 1.0, Verdict.FAILS: -1.0}.get(verdict, 0.0)
    share = finding.slow_share
    if side and share is not None and SLOW_SEEN[0] <= share <= SLOW_SEEN[1]:
        distance = float(logit(allowed) - logit(share))
        if side * distance >= 0:
            off = (slow_width * distance - above) / luck
            return log_density(off) + np.log(slow_width / luck)
    if side == 0:  # undecided: as near as can be
        return log_density(above / luck) - np.log(luck)
    limit = slow_width * (0.0 if share is None else _beyond(side, share, allowed))
    if side > 0 and finding.cpu_used:  # so much less CPU could at most have done as well
        limit = np.minimum(limit, max(0.0, -math.log(finding.cpu_used)))
    return log_logistic(side * (above - side * limit) / luck)


def half_told(told: Floats) -> Floats:
    """Return what a trial tells that may be of another edge: its memory may make a difference."""
    likely = np.exp(told)
    mixed: Floats = np.log(SAME_CPU * likely + (1 - SAME_CPU) * likely.mean())
    return mixed


def _beyond(side: float, share: float, allowed: float) -> float:
    """Return how far a trial lies at least on its side, in widths of slowness."""
    seen = SLOW_SEEN[0] if side > 0 else SLOW_SEEN[1]
    beyond = share < seen if side > 0 else share > seen
    return abs(float(logit(allowed) - logit(seen))) if beyond else 0.0


def _forecast_belief(edge: Floats, forecast: Forecast | None) -> Floats:
    """Return how likely each edge was before any trial: about the forecast, or elsewhere.

    Sooner above it than below: with less memory, and in fresh containers, it may take more CPU.
    """
    expected = None if forecast is None else forecast.edge_cpus
    if expected is None:
        return np.ones_like(edge)
    off = edge - math.log(expected)
    near = np.exp(-0.5 * (off / FORECAST_ERROR) ** 2)
    above, below = (side / max(1.0, side.sum()) for side in (off > 0, off <= 0))
    belief: Floats = (
        (1 - ABOVE_FORECAST - BELOW_FORECAST) * near / max(1e-9, near.sum())
        + ABOVE_FORECAST * above
        + BELOW_FORECAST * below
        + 1e-9
    )
    return belief


def tells_of_memory(finding: Finding, memory_mib: int) -> bool:
    """Say whether a trial tells of the CPU needed with so much memory."""
    verdict, granted_mib = finding.trial_verdict, finding.setting.memory_mib
    if verdict is Verdict.HOLDS:
        return granted_mib <= memory_mib
    if verdict is Verdict.FAILS:
        return granted_mib >= memory_mib
    return verdict is Verdict.UNDECIDED and granted_mib == memory_mib
