"""One trial's verdict: validity first, then certain failure, then an interval.

A disturbance voids what it could have caused, and nothing else. An OOM kill at the setting's own
limit stands against every disturbance: neither steal time nor a late generator takes memory, and a
load lighter than asked takes less of it. A replica that died otherwise stands too, except against
CPU that others took, since watchdogs kill what is slow, a host out of memory and limits of ours.
Failures beyond the ratio and users who were locked out stand against an unsteady steady state,
which is about latency. Slow answers stand against nothing.
"""

import math
from dataclasses import dataclass

from loadtests.analysis import causes, formats
from loadtests.analysis.error_rate import error_interval, shown_only
from loadtests.analysis.evidence import Check, Evidence, Interval, Judgement, Voids
from loadtests.analysis.intervals import percentile_interval, share_interval
from loadtests.analysis.latency import (
    failures,
    locked_out,
    long_stuck,
    slow_counts,
    steady_error_rate,
    steady_sample,
)
from loadtests.analysis.memory_kills import killed_by_limit
from loadtests.analysis.trial_length import ended_early, is_measured, stopped_at_s
from loadtests.analysis.validity import checks as validity_checks
from loadtests.record import ReplicaReport
from loadtests.verdicts import Verdict

# What may end a replica, whatever its setting.
_DEADLY = ("steal_time", "crowded_host", "host_memory", "own_limits")


@dataclass(frozen=True)
class _Failing:
    """One way in which a trial fails, and the checks it stands against."""

    reason: str
    withstands: frozenset[str] = frozenset()

    def voided_by(self, tripped: list[Check]) -> list[Check]:
        """Return the tripped checks that could have caused it."""
        return [check for check in tripped if check.name not in self.withstands]


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
    findings = _failings(evidence, checks, share, errors)
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
            reasons = _interval_sentences(evidence, share, errors, verdict)
            pooled = not ended_early(evidence) and not _many_long_stuck(evidence)
        noted = [check for check in voiding if check not in by]
    reasons += [f"Noted: {check.seen}" for check in noted]
    return Judgement(verdict, tuple(reasons), cause, checks, share, errors.estimate, pooled)


def _severity(verdict: Verdict) -> int:
    return (Verdict.UNDECIDED, Verdict.INVALID).index(verdict)


def _order(check: Check) -> int:
    return -_severity(check.leaves)


def _failings(
    evidence: Evidence, checks: tuple[Check, ...], share: Interval, errors: Interval
) -> list[_Failing]:
    """Return every way in which the trial fails, the most certain first."""
    slo = evidence.trial.question.slo
    found = []
    killed, gone = killed_by_limit(evidence), causes.died(evidence)
    if killed is not None:
        found.append(
            _Failing(_killed_sentence(evidence, killed), frozenset(c.name for c in checks))
        )
    elif gone is not None:
        others = frozenset(c.name for c in checks if c.name not in _DEADLY)
        found.append(_Failing(_death_sentence(evidence, gone), others))
    failed, whole = failures(evidence)[0], _requests_of_whole(evidence)
    if failed > slo.error_rate * whole and errors.low > slo.error_rate:
        found.append(_Failing(_failures_sentence(evidence, failed, whole), frozenset({"steady"})))
    if share.low > slo.slow_share:
        found.append(_Failing(_latency_sentence(evidence, share, Verdict.FAILS)))
    waiting = locked_out(evidence) if is_measured(evidence) else 0
    asked = evidence.trial.question.workload.users
    if waiting > slo.slow_share * asked:
        # They ask once and wait, so among requests they are few, and of one second.
        reason = f"{waiting:,} of {asked:,} users were not answered once in the whole steady state"
        found.append(_Failing(reason, frozenset({"steady"})))
    return found


def _requests_of_whole(evidence: Evidence) -> int:
    """Return how many requests there were; of a trial cut off early, what it would have sent.

    So an early end counts as failing only when no rest of the trial could have mended it.
    """
    ended, trial = failures(evidence)[1], evidence.trial
    if not ended_early(evidence):
        return ended
    return max(ended, trial.question.workload.requests_at_most, trial.generator.requests_of_whole)


def _failures_sentence(evidence: Evidence, failed: int, whole: int) -> str:
    """Tell failures of the whole trial, which the SLO is about, from those of the steady state."""
    ratio = evidence.trial.question.slo.error_rate
    steady = steady_error_rate(evidence) if is_measured(evidence) else None
    part = f", {formats.share(steady)} in steady state" if steady is not None else ""
    if ended_early(evidence):
        before = "" if steady is not None else ", before a steady state could be measured"
        return (
            f"{failed:,} requests had failed when the load ended after "
            f"{evidence.trial.phases.steady_end_s:.0f} s{before}{part}; of the {whole:,} of a "
            f"whole trial {math.floor(ratio * whole):,} may ({formats.share(ratio)})"
        )
    return (
        f"{failed:,} of {whole:,} requests failed ({formats.share(failed / whole)} of the whole "
        f"trial{part}), above {formats.share(ratio)}"
    )


def _by_interval(evidence: Evidence, share: Interval, errors: Interval) -> Verdict:
    slo = evidence.trial.question.slo
    within = share.high <= slo.slow_share and errors.estimate <= slo.error_rate
    if within and not ended_early(evidence) and not _many_long_stuck(evidence):
        return Verdict.HOLDS
    return Verdict.UNDECIDED


def _interval_sentences(
    evidence: Evidence, share: Interval, errors: Interval, verdict: Verdict
) -> list[str]:
    slo, said = evidence.trial.question.slo, _latency_sentence(evidence, share, verdict)
    if verdict is Verdict.HOLDS:
        shown = shown_only(evidence, errors)
        return [said, f"Noted: {shown}"] if shown else [said]
    if errors.estimate <= slo.error_rate or ended_early(evidence):
        return [said]
    failed, ended = failures(evidence)
    few = (
        f"{failed:,} of {ended:,} requests failed ({formats.share(errors.estimate)}, 95% interval "
        f"{formats.share(errors.low)}-{formats.share(errors.high)}), not clear of "
        f"{formats.share(slo.error_rate)}; repeat, or ask for a longer steady state (steady_s)"
    )
    return [few] if share.high <= slo.slow_share else [few, said]


def _many_long_stuck(evidence: Evidence) -> bool:
    question = evidence.trial.question
    return long_stuck(evidence) > question.slo.slow_share * question.workload.users


def _latency_sentence(evidence: Evidence, share: Interval, verdict: Verdict) -> str:
    slo = evidence.trial.question.slo
    if math.isnan(share.estimate):
        return _unmeasured_sentence(evidence)
    at = percentile_interval(steady_sample(evidence), slo.percentile, slo.latency_ms)
    limit = formats.milliseconds(slo.latency_ms)
    between = f"{formats.share(share.low)}-{formats.share(share.high)}"
    slow = f"{formats.share(share.estimate)} slow ({between})"
    if verdict is Verdict.FAILS and math.isinf(at.estimate):
        return (
            f"p{slo.percentile:g} of the steady state was never answered: {slow} or failed, where "
            f"{formats.share(slo.slow_share)} may be"
        )
    says = (
        f"p{slo.percentile:g} of the steady state was {formats.milliseconds(at.estimate)} "
        f"(95% interval {_range(at)})"
    )
    if verdict is Verdict.FAILS:
        return f"{says}, above {limit}"
    if verdict is Verdict.HOLDS:
        return f"{says}, within {limit}"
    return f"{says}, {_why_undecided(evidence, slow, limit)}"


def _why_undecided(evidence: Evidence, slow: str, limit: str) -> str:
    if ended_early(evidence):
        return "but the steady state was cut short; repeat"
    if _many_long_stuck(evidence):
        return (
            f"but {long_stuck(evidence):,} users waited for over half of it with a request from "
            "before; ask for a longer steady state (steady_s)"
        )
    may = formats.share(evidence.trial.question.slo.slow_share)
    return (
        f"not clear of {limit}: {slow} where {may} may be; repeat, or ask for a longer steady state"
    )


def _unmeasured_sentence(evidence: Evidence) -> str:
    if is_measured(evidence):
        return "No request began in the steady state, so there is nothing to judge; repeat"
    return f"Latency {formats.not_measured(stopped_at_s(evidence))}; repeat"


def _range(interval: Interval) -> str:
    low, high = (formats.milliseconds(x) for x in (interval.low, interval.high))
    return f"{low.removesuffix(' ms')}-{high.removesuffix(' ms')}"


def _killed_sentence(evidence: Evidence, killed: ReplicaReport) -> str:
    when = _moment(evidence, killed.name, ("oom",))
    limit = evidence.trial.setting.memory_mib
    return f"{_numbered(evidence, killed)} was OOM-killed at {limit} MiB{when}"


def _death_sentence(evidence: Evidence, gone: ReplicaReport) -> str:
    when = _moment(evidence, gone.name, ("die", "restart"))
    code = "not reported" if gone.exit_code is None else f"{gone.exit_code}"
    what = "was restarted" if gone.running_at_end else f"ended with exit code {code}"
    return f"{_numbered(evidence, gone)} {what}{when}"


def _numbered(evidence: Evidence, replica: ReplicaReport) -> str:
    return f"Replica {evidence.trial.replicas.index(replica) + 1}"


def _moment(evidence: Evidence, container: str, actions: tuple[str, ...]) -> str:
    """Say when the engine told of it: ", 14 s into the ramp-up"; empty where it did not."""
    times = [
        event.time_s
        for event in evidence.trial.events
        if event.container == container and event.action.startswith(actions)
    ]
    if not times:
        return ""
    at_s, phases = min(times), evidence.trial.phases
    if at_s < 0:
        return ", before the first user"
    if phases.steady_start_s <= at_s and phases.steady_start_s < phases.steady_end_s:
        return f", {at_s - phases.steady_start_s:.0f} s into the steady state"
    spawned_s = math.inf if phases.spawned_s is None else phases.spawned_s
    if at_s <= spawned_s:
        return f", {at_s:.0f} s into the ramp-up"
    return f", {at_s - spawned_s:.0f} s after the last user came"
