"""Did a trial run its whole length, and if not, was its steady state long enough to measure?"""

from collections.abc import Callable
from functools import wraps

from loadtests.analysis import formats
from loadtests.analysis.evidence import Check, Evidence
from loadtests.analysis.intervals import BATCHES
from loadtests.analysis.latency import long_stuck

ENDED_EARLY_SHARE = 0.9  # a steady state shorter than this share of what was asked was cut off
# Seconds of a steady state that was cut off, below which nothing is said of it: six one-second
# batches are the least that bear an interval, and a first second is no steady state.
MIN_MEASURED_S = BATCHES


def ended_early(evidence: Evidence) -> bool:
    """Say whether the load ended before the steady state was over, as on a hopeless setting."""
    trial = evidence.trial
    cut_off = _steady_s(evidence) < ENDED_EARLY_SHARE * trial.question.workload.steady_s
    return cut_off or trial.generator.stopped_early is not None


def stopped_at_s(evidence: Evidence) -> float | None:
    """Return after how many seconds of load the trial ended early; None: it ran its whole length.

    Early is what was stopped as hopeless, and what ended because the service had died.
    """
    return evidence.trial.phases.steady_end_s if ended_early(evidence) else None


def is_measured(evidence: Evidence) -> bool:
    """Say whether there was a steady state long enough for a latency, a throughput or CPU use."""
    return not ended_early(evidence) or _steady_s(evidence) >= MIN_MEASURED_S


def of_steady_state(check: Callable[[Evidence], Check]) -> Callable[[Evidence], Check]:
    """Make a check of the steady state; of a trial that had none it says so and trips nothing."""

    @wraps(check)
    def made(evidence: Evidence) -> Check:
        if is_measured(evidence):
            return check(evidence)
        return Check(check.__name__, True, formats.not_measured(stopped_at_s(evidence)), None)

    return made


def many_long_stuck(evidence: Evidence) -> bool:
    """Say whether the steady state was too short to see more of the users than may be slow."""
    question = evidence.trial.question
    return long_stuck(evidence) > question.slo.slow_share * question.workload.users


def _steady_s(evidence: Evidence) -> float:
    phases = evidence.trial.phases
    return phases.steady_end_s - phases.steady_start_s
