"""Would a trial have been stopped early, when, and would that have been right?

Replayed on trials that ran to their end, so that what stopping early hides can be seen.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from loadtests.analysis.error_rate import by_second, failed_ends_s
from loadtests.analysis.evidence import Evidence
from loadtests.generator.early_stop import proves_failing
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Replay:
    """One whole trial: how long it took, and when it would have been stopped (None: never)."""

    verdict: Verdict  # of the whole trial
    whole_s: float
    stopped_s: float | None

    @property
    def false(self) -> bool:
        """Whether stopping early would have called failing what the whole trial does not."""
        return self.stopped_s is not None and self.verdict is not Verdict.FAILS

    @property
    def load_s(self) -> float:
        """Seconds under load with stopping early."""
        return self.whole_s if self.stopped_s is None else min(self.whole_s, self.stopped_s)


def stops_at_s(evidence: Evidence) -> float | None:
    """Return when the generator's rule would have ended the load, in seconds; None: never.

    The rule is that of `question.EarlyStop`, for users who ask once between two thinks.
    """
    question = evidence.trial.question
    whole, may = question.workload.requests_at_most, question.slo.error_rate
    ends_s = np.sort(failed_ends_s(evidence))

    def stops(failures: int) -> bool:
        return proves_failing(by_second(ends_s[:failures]), whole, may)

    # What once proves it goes on to do so, however many fail besides.
    first = bisect_left(range(len(ends_s) + 1), True, key=stops)
    return float(ends_s[first - 1]) if first <= len(ends_s) else None


def replay(evidence: Evidence, verdict: Verdict) -> Replay:
    """Replay one whole trial, of which the verdict is known."""
    return Replay(verdict, evidence.trial.timings.load_s, stops_at_s(evidence))
