"""Would a trial have been given up early, when, and would that have been right?

Replayed on trials that ran to their end, so that what giving up hides can be seen.
"""

from dataclasses import dataclass

import numpy as np

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import columns
from loadtests.judged import Verdict
from loadtests.question import Patience


@dataclass(frozen=True)
class Replay:
    """One whole trial: how long it took, and when it would have been given up (None: never)."""

    verdict: Verdict  # of the whole trial
    whole_s: float
    given_up_s: float | None

    @property
    def false(self) -> bool:
        """Whether giving up would have called failing what the whole trial does not."""
        return self.given_up_s is not None and self.verdict is not Verdict.FAILS

    @property
    def load_s(self) -> float:
        """Seconds under load with giving up."""
        return self.whole_s if self.given_up_s is None else min(self.whole_s, self.given_up_s)


def given_up_at_s(evidence: Evidence) -> float | None:
    """Return when the generator's rule would have ended the load, in seconds; None: never.

    The rule is that of `question.Patience`: too many failures since the first user, or too many
    slow answers in the first half of the hold.
    """
    trial = evidence.trial
    patience = Patience.of(trial.question)
    start_s, latency_ms, ok, in_flight = columns(evidence)
    ended_s = start_s + latency_ms / 1000
    failed = ended_s[~ok & ~in_flight]
    late = ~ok | (latency_ms > trial.question.objective.latency_ms)
    hold_start_s = trial.phases.hold_start_s
    half_s = hold_start_s + trial.question.load.hold_s / 2
    inside = (ended_s >= hold_start_s) & (ended_s <= half_s)
    slow = ended_s[late & ~in_flight & inside]
    moments = [
        float(np.partition(times, allowed)[allowed])
        for times, allowed in ((failed, patience.failures), (slow, patience.slow))
        if len(times) > allowed
    ]
    return min(moments, default=None)


def replay(evidence: Evidence, verdict: Verdict) -> Replay:
    """Replay one whole trial, of which the verdict is known."""
    return Replay(verdict, evidence.trial.timings.load_s, given_up_at_s(evidence))
