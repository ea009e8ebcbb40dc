"""One trial's verdict: validity first, then certain failure, then an interval."""

import math

from loadtests.analysis import causes, sentences
from loadtests.analysis.error_rate import error_interval
from loadtests.analysis.evidence import Check, Evidence, Interval, Judgement, Voids
from loadtests.analysis.failings import failings
from loadtests.analysis.intervals import share_interval
from loadtests.analysis.latency import slow_counts, steady_sample
from loadtests.analysis.trial_length import ended_early, is_measured, many_long_stuck
from loadtests.analysis.validity import checks as validity_checks
from loadtests.verdicts import Verdict


def judge(evidence: Evidence) -> Judgement:
    """Judge one trial by its record alone.

    The share of slow or failed requests in the steady state decides: `holds` when its upper 95%
    bound is within the SLO's share, `fails` when its lower bound is above, else `undecided`;
    certain failures need no bound.
    """
    checks = validity_checks(evidence)
    sample = steady_sample(evidence)
    measured = is_measured(evidence)
    share = share_interval(*slow_counts(sample)) if measured else Interval(math.nan, 0.0, 1.0)
    tripped = [check for check in checks if not check.ok]
    voiding = [check for check in tripped if check.voids is not Voids.NEITHER]
    errors = error_interval(evidence)
    findings = failings(evidence, checks, share, errors)
    standing = [finding for finding in findings if not finding.voided_by(voiding)]

    cause, pooled = None, bool(standing)
    if standing:
        verdict = Verdict.FAILS
        why = causes.diagnose(evidence)
        cause = why.name
        reasons = [*(finding.reason for finding in standing), why.sentence]
        noted = voiding
    else:
        by = voiding if findings else [check for check in voiding if check.voids is Voids.BOTH]
        if by:
            verdict = max((check.leaves for check in by), key=_severity)
            reasons = [f"{check.seen}. {check.advice}" for check in sorted(by, key=_order)]
            reasons += [f"Not held against the setting: {finding.reason}" for finding in findings]
        else:
            verdict = _by_interval(evidence, share, errors)
            reasons = sentences.by_interval(evidence, share, errors, verdict)
            pooled = not ended_early(evidence) and not many_long_stuck(evidence)
        noted = [check for check in voiding if check not in by]
    reasons += [f"Noted: {check.seen}" for check in noted]
    return Judgement(verdict, tuple(reasons), cause, checks, share, errors.estimate, pooled)


def _severity(verdict: Verdict) -> int:
    return (Verdict.UNDECIDED, Verdict.INVALID).index(verdict)


def _order(check: Check) -> int:
    return -_severity(check.leaves)


def _by_interval(evidence: Evidence, share: Interval, errors: Interval) -> Verdict:
    slo = evidence.trial.question.slo
    within = share.high <= slo.slow_share and errors.estimate <= slo.error_rate
    if within and not ended_early(evidence) and not many_long_stuck(evidence):
        return Verdict.HOLDS
    return Verdict.UNDECIDED
