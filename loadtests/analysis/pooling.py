"""What several trials of one setting say together.

Repeats of a setting are compared as whole trials: requests of one trial share its noise, so pooling
them would make two trials look like one long sure one.
"""

import math
from collections.abc import Sequence
from statistics import mean, stdev

from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.by_objective import allowed_share, joint
from loadtests.analysis.evidence import CauseName, Interval, Judgement
from loadtests.analysis.intervals import CONFIDENCE, independent_bounds
from loadtests.question import SLO
from loadtests.verdicts import Verdict

# Two trials give Student's t one degree of freedom and an interval of no use; three give an answer.
MIN_TRIALS_FOR_INTERVAL = 3
# Trials are pooled after each one more, from the third on; the repeat of a contradiction and that
# of the answer make at most two more. Each look has a third of the error (Bonferroni; Dunn,
# "Multiple comparisons among means", 1961).
LOOKS = 3
_CONFIDENCE_OF_LOOK = 1 - (1 - CONFIDENCE) / LOOKS
# A setting that is killed or dies in one trial of several does not hold, however the others went.
_FATAL = (CauseName.OUT_OF_MEMORY, CauseName.REPLICA_DIED)


def combine(judgements: Sequence[Judgement], slo: SLO) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict of one or more usable trials of a setting, and what to say of it.

    One trial speaks for itself. A kill or a death in any of them is `fails`. An undecided trial
    that was voided by a check or cut short is no evidence. Of the others those that decide and
    agree decide, if they outnumber the undecided. Otherwise three or more trials are resampled as
    trials: t intervals over their shares of slow and of failed requests; fewer stay `undecided`.
    """
    verdicts = [judgement.verdict for judgement in judgements]
    if len(verdicts) == 1:
        return verdicts[0], ()
    tally = ", ".join(f"{verdicts.count(v)} {v.value}" for v in Verdict if v in verdicts)
    said = (f"{len(verdicts)} trials: {tally}",)
    failing = [j for j in judgements if j.verdict is Verdict.FAILS]
    if any(j.cause in _FATAL for j in failing):
        return Verdict.FAILS, said
    sound = [j for j in judgements if j.verdict.decides or j.pooled]
    decided = [j.verdict for j in sound if j.verdict.decides]
    if len(set(decided)) == 1 and 2 * len(decided) > len(sound):
        return decided[0], said
    by_shares = all(_fails_by_shares(j, slo) for j in failing)
    shares = [j for j in sound if not math.isnan(j.slow_share.estimate)]
    if len(shares) < MIN_TRIALS_FOR_INTERVAL or not by_shares:
        return Verdict.UNDECIDED, said
    of_all, told = _pooled(shares, slo)
    others = [_pooled_objective(shares, place) for place in range(1, len(shares[0].objectives))]
    return joint([of_all, *others]), (f"{said[0]}; {told}",)


def _pooled(shares: Sequence[Judgement], slo: SLO) -> tuple[Verdict, str]:
    """Return what three trials or more say together of all requests, and their shares."""
    slow = _over_trials([j.slow_share.estimate for j in shares])
    errors = _over_trials([j.error_rate for j in shares])
    between = f"{formats.share(slow.low)}-{formats.share(slow.high)}"
    said = (
        f"over {len(shares)} trials {formats.share(slow.estimate)} slow "
        f"({_CONFIDENCE_OF_LOOK:.1%} interval {between})"
    )
    return _by_shares(slow, errors, slo.slow_share, slo.error_rate), said


def _pooled_objective(shares: Sequence[Judgement], place: int) -> Verdict:
    """Return what they say together of one more objective.

    Never more than as many independent requests would: trials in which an endpoint was asked for a
    handful of times agree with each other without telling anything.
    """
    results = [j.objectives[place] for j in shares]
    told = [each.judgement for each in results]
    if any(math.isnan(each.slow_share.estimate) for each in told):
        return Verdict.UNDECIDED
    requests = sum(each.requests for each in results)
    marked = sum(each.requests * each.judgement.slow_share.estimate for each in results)
    low, high = independent_bounds(marked, requests)
    slow = _over_trials([each.slow_share.estimate for each in told])
    slow = Interval(slow.estimate, min(low, slow.low), max(high, slow.high))
    errors = _over_trials([each.error_rate for each in told])
    objective = results[0].objective
    allowed = allowed_share(objective)
    may = 1.0 if objective.error_rate is None else objective.error_rate
    return _by_shares(slow, errors, 1.0 if allowed is None else allowed, may)


def _by_shares(slow: Interval, errors: Interval, allowed: float, may: float) -> Verdict:
    if slow.low > allowed or errors.low > may:
        return Verdict.FAILS
    return Verdict.HOLDS if slow.high <= allowed and errors.estimate <= may else Verdict.UNDECIDED


def _fails_by_shares(judgement: Judgement, slo: SLO) -> bool:
    """Say whether a trial fails by the shares that are pooled, of all requests or an objective's.

    Not, for one, by users who were never answered.
    """
    if judgement.slow_share.low > slo.slow_share or judgement.error_rate > slo.error_rate:
        return True
    return any(
        each.judgement.verdict is Verdict.FAILS and each.used > 1
        for each in judgement.objectives[1:]
    )


def _over_trials(shares: Sequence[float]) -> Interval:
    """Return the mean of a share over trials with Student's t interval of one look."""
    size, estimate = len(shares), mean(shares)
    quantile = float(stats.t.ppf((1 + _CONFIDENCE_OF_LOOK) / 2, size - 1))
    half = quantile * stdev(shares) / math.sqrt(size)
    return Interval(estimate, max(0.0, estimate - half), min(1.0, estimate + half))
