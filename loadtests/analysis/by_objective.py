"""The verdict on several objectives: each is judged by the requests that it is about.

Each interval is of 95% by itself. That all hold is no likelier to be said by chance for there being
many; that one fails is, by at most one tail of each.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from loadtests.analysis import objective_sentences
from loadtests.analysis.cpu_speed import cpu_speed
from loadtests.analysis.error_rate import error_interval
from loadtests.analysis.evidence import (
    BindingObjective,
    CauseName,
    Check,
    Evidence,
    Interval,
    Judgement,
    ObjectiveResult,
)
from loadtests.analysis.failings import beyond_slo
from loadtests.analysis.generator_health import generator_lag
from loadtests.analysis.intervals import percentile_interval, share_interval
from loadtests.analysis.latency import slow_counts, steady_sample
from loadtests.analysis.narrowing import names, narrowed, with_unnamed
from loadtests.analysis.one_slo import Shown, judge_by_one
from loadtests.analysis.steadiness import steady
from loadtests.analysis.trial_length import is_measured
from loadtests.question import SLO, Objective
from loadtests.verdicts import Verdict

# Checks that look at the requests, or at the SLO; all others are of the trial, whoever asked.
_OF_OBJECTIVE = {check.__name__: check for check in (generator_lag, cpu_speed, steady)}
# What becomes of a whole setting, whichever endpoint asked.
_OF_SETTING = (CauseName.OUT_OF_MEMORY, CauseName.REPLICA_DIED)


def judge_objective(
    evidence: Evidence, objective: Objective, checks: tuple[Check, ...]
) -> ObjectiveResult:
    """Judge a trial by one objective alone; `checks` are the trial's by its SLO."""
    part = narrowed(evidence, objective)
    own = tuple(
        _OF_OBJECTIVE[check.name](part) if check.name in _OF_OBJECTIVE else check
        for check in checks
    )
    share, errors = _slow_share(evidence, part), error_interval(part)
    told = partial(objective_sentences.by_interval, objective, names(evidence))
    shown = Shown(part, share, errors, beyond_slo(part, share, errors), told)
    return _result(part, objective, judge_by_one(shown, own))


def _slow_share(evidence: Evidence, part: Evidence) -> Interval:
    """Return the share of slow requests; it may be as high as if all unnamed ones were of it."""
    if not is_measured(part):
        return Interval(math.nan, 0.0, 1.0)
    share = share_interval(*slow_counts(steady_sample(part)))
    worst = share_interval(*slow_counts(steady_sample(with_unnamed(evidence, part))))
    return replace(share, high=max(share.high, worst.high))


def _result(part: Evidence, objective: Objective, judgement: Judgement) -> ObjectiveResult:
    slo, sample = part.trial.question.slo, steady_sample(part)
    measured = is_measured(part) and len(sample.latency_ms) > 0
    return ObjectiveResult(
        objective,
        judgement,
        requests=len(sample.latency_ms),
        latency_ms=percentile_interval(sample, slo.percentile, slo.latency_ms)
        if measured and objective.latency_ms is not None
        else None,
        used=_used(judgement, slo, objective),
    )


def _used(judgement: Judgement, slo: SLO, objective: Objective) -> float:
    """Return the share of its limits that an objective used, of the one it used most of."""
    slow = judgement.slow_share.estimate
    used = 0.0 if math.isnan(slow) else slow / slo.slow_share
    if objective.error_rate is None or judgement.error_rate == 0:
        return used
    may = objective.error_rate
    return max(used, judgement.error_rate / may if may else math.inf)


def joined(evidence: Evidence, of_all: Judgement, others: Sequence[ObjectiveResult]) -> Judgement:
    """Return the verdict of all objectives: `fails` if any fails, `holds` if all hold.

    Else `invalid` where the trial cannot be trusted for one of them, else `undecided`.
    """
    first = _result(evidence, evidence.trial.question.slo.of_all, of_all)
    results = (first, *others)
    verdict = joint(each.judgement.verdict for each in results)
    at_its_speed = joint(each.judgement.at_its_speed for each in results)
    if of_all.cause in _OF_SETTING:
        return replace(of_all, objectives=results)
    deciding = [r for r in results if r.judgement.at_its_speed is at_its_speed]
    every = any if at_its_speed is Verdict.FAILS else all
    return replace(
        of_all,
        verdict=verdict,
        reasons=_reasons(results, verdict),
        cause=_ordered(results, verdict)[0].judgement.cause if verdict is Verdict.FAILS else None,
        pooled=all(each.judgement.pooled for each in results),
        at_its_speed=at_its_speed,
        is_sound=every(each.judgement.is_sound for each in deciding),
        objectives=results,
    )


def joint(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what several verdicts say together, all of which have to hold."""
    said = set(verdicts)
    order = (Verdict.FAILS, Verdict.INVALID, Verdict.UNDECIDED)
    return next((verdict for verdict in order if verdict in said), Verdict.HOLDS)


def binding(judgement: Judgement) -> BindingObjective | None:
    """Return the objective that decides a trial's verdict; None: there is only the SLO of all.

    None too where a replica was killed or died, to which no objective is nearer than another, and
    where the trial is no evidence.
    """
    of_all = judgement.verdict is Verdict.INVALID or judgement.cause in _OF_SETTING
    if of_all or not judgement.objectives:
        return None
    found = _ordered(judgement.objectives, judgement.verdict)[0]
    latency_ms = found.latency_ms
    return BindingObjective(
        found.objective,
        found.judgement.verdict,
        None if latency_ms is None else latency_ms.estimate,
        found.judgement.error_rate,
    )


def scaled_share(judgement: Judgement, slo: SLO) -> float:
    """Return the share of slow requests of the objective farthest beyond its own, by that of `slo`.

    By the odds, so that it is as far from what the SLO allows. NaN where nothing was measured.
    """
    if not judgement.objectives:
        return judgement.slow_share.estimate
    known = []
    for each in judgement.objectives:
        share = each.judgement.slow_share.estimate
        allowed = allowed_share(each.objective)
        if not math.isnan(share) and allowed is not None:
            known.append(_of_odds(share, allowed, slo.slow_share))
    return max(known, default=math.nan)


def allowed_share(objective: Objective) -> float | None:
    """Return the share of requests that an objective lets be slow; None: it limits no latency."""
    return None if objective.percentile is None else 1 - objective.percentile / 100


def _of_odds(share: float, allowed: float, goal: float) -> float:
    if share == 1 or allowed == goal:
        return share
    odds = share / (1 - share) * (1 - allowed) / allowed * goal / (1 - goal)
    return odds / (1 + odds)


def _ordered(results: Sequence[ObjectiveResult], verdict: Verdict) -> list[ObjectiveResult]:
    """Return the objectives of that verdict first, each kind by what it used of its limits."""

    def place(each: ObjectiveResult) -> tuple[bool, float, float]:
        limit_ms, seen = each.objective.latency_ms, each.latency_ms
        near = 0.0 if limit_ms is None or seen is None else seen.estimate / limit_ms
        return each.judgement.verdict is not verdict, -each.used, -near

    return sorted(results, key=place)


def _reasons(results: Sequence[ObjectiveResult], verdict: Verdict) -> tuple[str, ...]:
    """Return what decides, each sentence after what it is about, unless it is about the trial."""
    deciding = [r for r in _ordered(results, verdict) if r.judgement.verdict is verdict]
    common = set.intersection(*({*each.judgement.reasons} for each in results))
    said = [
        reason if reason in common else objective_sentences.named(each.objective, reason)
        for each in deciding
        for reason in each.judgement.reasons
    ]
    noted = [reason for reason in said if reason.startswith(objective_sentences.NOTED)]
    rest = [reason for reason in said if reason not in noted]
    return tuple(dict.fromkeys((*rest, *noted)))
