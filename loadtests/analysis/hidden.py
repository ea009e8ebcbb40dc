"""Endpoints that would fail by themselves, and do not show in all requests together."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.cut_off import felt_percentile
from loadtests.analysis.error_rate import error_interval
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.intervals import CONFIDENCE, share_interval
from loadtests.analysis.latency import (
    ended_failed,
    slow_counts,
    steady_sample,
    steady_slow,
)
from loadtests.analysis.narrowing import narrowed
from loadtests.analysis.trial_length import is_measured
from loadtests.question import Objective
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class HiddenEndpoint:
    """One whose requests alone break what all requests together keep."""

    name: str
    share: float  # of all requests
    percentile: float
    latency_ms: float  # at that percentile, in steady state
    error_rate: float  # of the whole trial
    is_slow: bool
    fails_often: bool

    @property
    def sentence(self) -> str:
        """Say what is hidden."""
        at = f"p{self.percentile:g} {formats.milliseconds(self.latency_ms)}"
        failed = f"{formats.share(self.error_rate)} failed"
        said = [text for text, so in ((at, self.is_slow), (failed, self.fails_often)) if so]
        return (
            f"{self.name}, {formats.share(self.share)} of requests: {formats.listing(said)}; "
            "hidden in the total, and an objective of its own would tell"
        )


def hidden_endpoints(evidence: Evidence, judgement: Judgement) -> list[HiddenEndpoint]:
    """Return the endpoints that provably break the SLO of all requests, which holds, by themselves.

    Those with an objective of their own are judged by that, and are not hidden.
    """
    if judgement.verdict is not Verdict.HOLDS or not is_measured(evidence):
        return []
    own = {each.name for each in evidence.trial.question.slo.objectives}
    suspects = [name for name in _suspects(evidence) if name not in own]
    return [found for name in suspects if (found := _hidden(evidence, name)) is not None]


def _suspects(evidence: Evidence) -> list[str]:
    """Return the names that chance alone makes slow, or fail, in fewer than 2.5% of trials.

    Of all names together (Bonferroni), so that among a thousand none is picked for its luck.
    """
    slo, made = evidence.trial.question.slo, evidence.requests["name"].astype("category")
    named = list(made.cat.categories)
    if len(named) < 2:
        return []
    codes = made.cat.codes.to_numpy()
    steady, slow = steady_slow(evidence)
    ended, failed = ended_failed(evidence)
    tail = (1 - CONFIDENCE) / 2 / len(named)
    rare = np.zeros(len(named), bool)
    for inside, marked, may in ((steady, slow, slo.slow_share), (ended, failed, slo.error_rate)):
        counts = np.bincount(codes[inside & (codes >= 0)], minlength=len(named))
        bad = np.bincount(codes[inside & marked & (codes >= 0)], minlength=len(named))
        rare |= (bad > 0) & (stats.binom.sf(bad - 1, counts, may) <= tail)
    return [str(name) for name, is_rare in zip(named, rare, strict=True) if is_rare]


def _hidden(evidence: Evidence, name: str) -> HiddenEndpoint | None:
    """Return one endpoint as it is by itself; None where that does not break the SLO for sure."""
    slo = evidence.trial.question.slo
    part = narrowed(evidence, Objective(name, slo.percentile, slo.latency_ms, slo.error_rate))
    sample = steady_sample(part)
    slow = share_interval(*slow_counts(sample)).low > slo.slow_share
    errors = error_interval(part)
    often = errors.low > slo.error_rate
    if not slow and not often:
        return None
    return HiddenEndpoint(
        name,
        len(part.requests) / len(evidence.requests),
        slo.percentile,
        felt_percentile(sample, slo.percentile),
        errors.estimate,
        slow,
        often,
    )
