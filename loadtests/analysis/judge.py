"""One trial's verdict: validity first, then certain failure, then an interval."""

import math
from dataclasses import replace

from loadtests.analysis import sentences
from loadtests.analysis.by_objective import joined, judge_objective
from loadtests.analysis.error_rate import error_interval
from loadtests.analysis.evidence import Check, Evidence, Interval, Judgement
from loadtests.analysis.failings import failings
from loadtests.analysis.hidden import hidden_endpoints
from loadtests.analysis.intervals import share_interval
from loadtests.analysis.latency import slow_counts, steady_sample
from loadtests.analysis.one_slo import Shown, judge_by_one
from loadtests.analysis.trial_length import is_measured
from loadtests.analysis.validity import checks as validity_checks


def judge(evidence: Evidence) -> Judgement:
    """Judge one trial by its record alone.

    The share of slow or failed requests in the steady state decides: `holds` when its upper 95%
    bound is within the SLO's share, `fails` when its lower bound is above, else `undecided`;
    certain failures need no bound. Where the SLO has objectives besides, each is judged so by the
    requests that it is about: any that fails makes the trial fail, and all have to hold. Endpoints
    that would fail by themselves, and have no objective, are noted beside a verdict that holds.
    """
    checks = validity_checks(evidence)
    of_all = _of_all(evidence, checks)
    objectives = evidence.trial.question.slo.objectives
    if objectives:
        others = [judge_objective(evidence, each, checks) for each in objectives]
        of_all = joined(evidence, of_all, others)
    noted = tuple(f"Noted: {each.sentence}" for each in hidden_endpoints(evidence, of_all))
    return replace(of_all, reasons=(*of_all.reasons, *noted))


def _of_all(evidence: Evidence, checks: tuple[Check, ...]) -> Judgement:
    """Judge all requests together."""
    measured = is_measured(evidence)
    sample = steady_sample(evidence)
    share = share_interval(*slow_counts(sample)) if measured else Interval(math.nan, 0.0, 1.0)
    errors = error_interval(evidence)
    found = failings(evidence, checks, share, errors)
    return judge_by_one(Shown(evidence, share, errors, found, sentences.by_interval), checks)
