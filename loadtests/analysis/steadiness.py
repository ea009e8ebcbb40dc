"""Was the state steady? A queue that still grows has not shown its latency yet."""

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.intervals import BATCHES, share_interval, standard_error
from loadtests.analysis.latency import Floats, in_flight_users, slow_counts, steady_sample
from loadtests.analysis.trial_length import of_steady_state
from loadtests.verdicts import Verdict

# Half a steady state must still carry an interval of its own.
MIN_STEADY_S = 2 * BATCHES
# Two halves differ when their distance is beyond Student's t at 99% with two times five degrees of
# freedom (two batch means of six batches each).
HALVES_T = 3.17
TREND_P = 0.01  # one-sided; a sound trial trips it once in a hundred
TREND_BATCHES = 10  # of about 3 s, so that their means are nearly independent
# A rise matters when it adds this share of the SLO's latency, by Little's law L = X R.
TREND_SHARE = 0.1


@of_steady_state
def steady(evidence: Evidence) -> Check:
    """Check that the two halves of the steady state agree and that no queue was growing.

    The trend is taken of users in flight, which by Little's law is that of the mean latency too.
    Where both halves fail on their own (lower bound of the slow share above the SLO's), they
    agree on the answer, however the queue moved: an overloaded setting is not left undecided
    for getting worse.
    """
    sample, phases = steady_sample(evidence), evidence.trial.phases
    slo = evidence.trial.question.slo
    if sample.seconds < MIN_STEADY_S or len(sample.latency_ms) == 0:
        seen = f"a steady state of {sample.seconds} s is too short to tell"
        return Check("steady", True, seen, None)
    slow, total = slow_counts(sample)
    middle = sample.seconds // 2
    first, second = ((slow[part], total[part]) for part in (np.s_[:middle], np.s_[middle:]))
    shares = [share_interval(*half) for half in (first, second)]
    reading = Reading(f"{shares[0].estimate:.1%}")
    seen = f"{reading.text} slow in the first half, {shares[1].estimate:.1%} in the second"
    allowed = slo.slow_share
    if all(half.low > allowed for half in shares):
        return Check("steady", True, f"{seen}: both fail", reading, Voids.BOTH)

    differ_by = abs(shares[0].estimate - shares[1].estimate)
    noise = HALVES_T * float(np.hypot(standard_error(*first), standard_error(*second)))
    astride = (shares[0].estimate <= allowed) != (shares[1].estimate <= allowed)
    at_s = phases.steady_start_s + np.arange(sample.seconds, dtype=np.float64) + 0.5
    waiting = in_flight_users(evidence, at_s)
    rise, p_value = _trend(waiting)
    rate_rps = len(sample.latency_ms) / sample.seconds
    worth = TREND_SHARE * slo.latency_ms / 1000 * rate_rps
    growing = rise > worth and p_value < TREND_P
    if growing:
        reading = Reading(f"{rise:,.0f}")
        seen = f"users in flight grew by {reading.text} over the steady state; {seen}"
    return Check(
        "steady",
        not growing and not (astride and differ_by > noise),
        seen,
        reading,
        Voids.BOTH,
        "The service was not in a steady state: repeat with a longer one (steady_s)",
        leaves=Verdict.UNDECIDED,
    )


def _trend(values: Floats) -> tuple[float, float]:
    """Return the rise over the window by a line through batch means, and its one-sided p."""
    batches = [batch.mean() for batch in np.array_split(values, TREND_BATCHES)]
    if np.ptp(batches) == 0:
        return 0.0, 1.0
    line = stats.linregress(np.arange(TREND_BATCHES), batches, alternative="greater")
    return float(line.slope) * TREND_BATCHES, float(line.pvalue)
