"""How sure an error rate is: an exact interval, with failures that come in bursts counted as such.

A rate that may be one in a thousand is not shown by a few hundred requests: one failure of 400 is
above it and proves nothing, and none of 400 shows less than 0.92% only. So:

- `fails` by failures when the lower bound is above what may fail; a trial that ended early fails by
  the very rule by which the load generator stops one (`loadtests/generator/early_stop.py`): the
  same bound, of the requests of a whole trial, and without its worst burst, since a load that has
  ended tells nothing of how failures come;
- more failures than may, yet a lower bound that is not above, leave a trial undecided;
- no more failures than may let a trial hold, since nothing better could be seen; where the upper
  bound is above what may fail, what was shown is said with it, and how many requests it takes.
  To call those undecided would leave every service without failures undecided for its trials'
  length: it takes 3,688 requests without one to show 0.1%, and the default workload sends 54,000.
"""

import numpy as np

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.intervals import CONFIDENCE, independent_bounds, minimum_requests
from loadtests.analysis.latency import Floats, Ints, columns, ended_requests, failures
from loadtests.analysis.trial_length import ended_early
from loadtests.generator.early_stop import END_DIGITS, proves_failing


def error_interval(evidence: Evidence) -> Interval:
    """Return failed / ended requests over the whole trial with their 95% bounds.

    Exact bounds (Clopper and Pearson 1934) of as many independent requests as the trial was worth:
    both counts divided by the design effect of its failures (Korn and Graubard, "Confidence
    intervals for proportions with small expected number of positive counts", 1998). Without
    requests the estimate is 0, its bounds 0 and 1.
    """
    start_s, failed = ended_requests(evidence)
    if len(start_s) == 0:
        return Interval(0.0, 0.0, 1.0)
    second = np.floor(start_s).astype(np.int64).clip(0)
    effect = design_effect(np.bincount(second[failed]))
    low, high = independent_bounds(int(failed.sum()) / effect, len(start_s) / effect)
    return Interval(float(failed.mean()), low, high)


def fails_by_failures(evidence: Evidence, errors: Interval) -> bool:
    """Say whether failures prove an error rate above what may fail; `errors` is its interval."""
    may = evidence.trial.question.slo.error_rate
    if not ended_early(evidence):
        return errors.low > may
    return proves_failing(failed_by_second(evidence), requests_of_whole(evidence), may)


def failed_by_second(evidence: Evidence) -> dict[int, int]:
    """Return failures by the second in which they ended, as the load generator counts them."""
    return by_second(failed_ends_s(evidence))


def failed_ends_s(evidence: Evidence) -> Floats:
    """Return when requests that failed ended, in seconds: those the load generator counted."""
    start_s, latency_ms, ok, in_flight = columns(evidence)
    return (start_s + latency_ms / 1000)[~ok & ~in_flight].round(END_DIGITS)


def by_second(ends_s: Floats) -> dict[int, int]:
    """Return how many ended in each second in which any did."""
    seconds, counts = np.unique(np.floor(ends_s).astype(np.int64), return_counts=True)
    return dict(zip(seconds.tolist(), counts.tolist(), strict=True))


def requests_of_whole(evidence: Evidence) -> int:
    """Return how many requests there were; of a trial that ended early, what it would have sent."""
    ended, trial = failures(evidence)[1], evidence.trial
    if not ended_early(evidence):
        return ended
    return max(ended, trial.question.workload.requests_at_most, trial.generator.requests_of_whole)


def design_effect(failed: Ints) -> float:
    """Return by how much failures vary more from one second to the next than independent ones.

    Their variance by successive differences (von Neumann 1941), which a slow change such as a
    ramp-up's does not enter, over their mean, which is that of a Poisson count. At least 1; a
    second's burst of m, alone, has m, so that it counts as one failure of m times fewer requests.
    """
    total = int(failed.sum())
    steps = np.diff(failed, prepend=0, append=0)
    return max(1.0, float((steps**2).sum()) / (2 * total)) if total else 1.0


def shown_only(evidence: Evidence, errors: Interval) -> str | None:
    """Say what error rate so few requests have shown where that is above what may fail."""
    may = evidence.trial.question.slo.error_rate
    if errors.high <= may or may == 0:
        return None
    _, failed = ended_requests(evidence)
    count = int(failed.sum())
    needed = minimum_requests(count, 1 - may, (1 + CONFIDENCE) / 2)
    return (
        f"{count:,} of {len(failed):,} requests failed, which shows an error rate below "
        f"{formats.share(errors.high)} only; {formats.share(may)} takes {needed:,} requests"
    )
