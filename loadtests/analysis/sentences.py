"""What is said of a trial: sentences for a person, with the figures that decided.

Nothing is decided here; `failings` and `judge` do that.
"""

import math

from loadtests.analysis import formats
from loadtests.analysis.error_rate import failed_by_second, requests_of_whole, shown_only
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.intervals import percentile_interval
from loadtests.analysis.latency import failures, long_stuck, steady_error_rate, steady_sample
from loadtests.analysis.trial_length import (
    ended_early,
    is_measured,
    many_long_stuck,
    stopped_at_s,
)
from loadtests.generator.early_stop import outside_burst
from loadtests.record import ReplicaReport
from loadtests.verdicts import Verdict


def killed(evidence: Evidence, replica: ReplicaReport) -> str:
    """Say which replica was OOM-killed, at what limit and when."""
    when = _moment(evidence, replica.name, ("oom",))
    limit = evidence.trial.setting.memory_mib
    return f"{_numbered(evidence, replica)} was OOM-killed at {limit} MiB{when}"


def died(evidence: Evidence, replica: ReplicaReport) -> str:
    """Say which replica ended or was restarted, how and when."""
    when = _moment(evidence, replica.name, ("die", "restart"))
    code = "not reported" if replica.exit_code is None else f"{replica.exit_code}"
    what = "was restarted" if replica.running_at_end else f"ended with exit code {code}"
    return f"{_numbered(evidence, replica)} {what}{when}"


def too_many_failures(evidence: Evidence, failed: int, whole: int) -> str:
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


def locked_out(evidence: Evidence, waiting: int) -> str:
    """Say how many users never got an answer in the steady state."""
    asked = evidence.trial.question.workload.users
    return f"{waiting:,} of {asked:,} users were not answered once in the whole steady state"


def by_interval(
    evidence: Evidence, share: Interval, errors: Interval, verdict: Verdict
) -> list[str]:
    """Say what the intervals of a trial show that fails by nothing certain."""
    slo, said = evidence.trial.question.slo, latency(evidence, share, verdict)
    if verdict is Verdict.HOLDS:
        shown = shown_only(evidence, errors)
        return [said, f"Noted: {shown}"] if shown else [said]
    if errors.estimate <= slo.error_rate:
        return [said]
    if ended_early(evidence):
        return [said, _too_few_failures(evidence)]
    failed, ended = failures(evidence)
    few = (
        f"{failed:,} of {ended:,} requests failed ({formats.share(errors.estimate)}, 95% interval "
        f"{formats.share(errors.low)}-{formats.share(errors.high)}), not clear of "
        f"{formats.share(slo.error_rate)}; repeat, or ask for a longer steady state (steady_s)"
    )
    return [few] if share.high <= slo.slow_share else [few, said]


def _too_few_failures(evidence: Evidence) -> str:
    """Say why failures of a trial that ended early prove nothing."""
    rest, may = outside_burst(failed_by_second(evidence)), evidence.trial.question.slo.error_rate
    return (
        f"{failures(evidence)[0]:,} requests had failed, {rest:,} of them outside the worst burst; "
        f"of the {requests_of_whole(evidence):,} of a whole trial that is too few to say that more "
        f"than {formats.share(may)} fail"
    )


def latency(evidence: Evidence, share: Interval, verdict: Verdict) -> str:
    """Say what the percentile that the SLO is about was, against what it may be."""
    slo = evidence.trial.question.slo
    if math.isnan(share.estimate):
        return _unmeasured(evidence)
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
    if many_long_stuck(evidence):
        return (
            f"but {long_stuck(evidence):,} users waited for over half of it with a request from "
            "before; ask for a longer steady state (steady_s)"
        )
    may = formats.share(evidence.trial.question.slo.slow_share)
    return (
        f"not clear of {limit}: {slow} where {may} may be; repeat, or ask for a longer steady state"
    )


def _unmeasured(evidence: Evidence) -> str:
    if is_measured(evidence):
        return "No request began in the steady state, so there is nothing to judge; repeat"
    return f"Latency {formats.not_measured(stopped_at_s(evidence))}; repeat"


def _range(interval: Interval) -> str:
    low, high = (formats.milliseconds(x) for x in (interval.low, interval.high))
    return f"{low.removesuffix(' ms')}-{high.removesuffix(' ms')}"


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
