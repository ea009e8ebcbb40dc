"""Why a setting fails, from the kernel's counters and from how requests ended."""

from dataclasses import dataclass

from loadtests.analysis import counters, formats, hosts
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.latency import columns, error_rate, percentile, steady_sample
from loadtests.analysis.memory_kills import killed_by_limit
from loadtests.analysis.replica_limit import (
    IDLE_SHARE,
    MORE_THAN_ONE_CORE,
    ONE_CORE,
    is_full,
    replica_limit,
)
from loadtests.analysis.trial_length import is_measured, stopped_at_s
from loadtests.record import IN_FLIGHT, OK, ReplicaReport

# A queue forms when the quota runs out in a good part of the 100 ms periods (kernel sched-bwc);
# a service at ease is throttled in a few of them, by its bursts.
THROTTLED_RATIO = 0.25
CPU_AT_LIMIT = 0.9  # of the limit, mean over the steady state
# A queue is short when the first users come, so among all answers there are quick ones; latency
# that is nobody's queue is there from the first. The quickest 1% against the steady
# state's median and the SLO.
QUICKEST_PERCENT = 1.0
QUICKEST_SHARE = 1 / 3

_OUTCOMES = {
    "refused": (CauseName.REFUSED, "the server was not listening or its backlog was full"),
    "unreachable": (CauseName.REFUSED, "no replica could be reached"),
    "reset": (CauseName.RESET, "set the server's keep-alive above the longest think time"),
    "wrong_answer": (CauseName.WRONG_ANSWERS, "look at what the service answers under load"),
    "timeout": (CauseName.TIMEOUT, "answers took longer than the timeout"),
}
# What a proxy answers in a replica's place (HAProxy, configuration manual 1.3.1).
_BY_PROXY = {
    "http_503": (CauseName.REFUSED, "the proxy could not connect to a replica"),
    "http_502": (CauseName.RESET, "a replica broke off its answer to the proxy"),
}


@dataclass(frozen=True)
class Cause:
    """Why a setting fails: a word for tables, a sentence for people."""

    name: CauseName
    sentence: str
    may_be_size: bool = False  # of those that no size mends: more CPU or memory may help here


def died(evidence: Evidence) -> ReplicaReport | None:
    """Return the first replica that was not running at the end, or was restarted.

    Of those on a node that went away it is not known.
    """
    lost = {node.name for node in evidence.trial.lost_nodes}
    known = [replica for replica in evidence.trial.replicas if replica.node not in lost]
    gone = (r for r in known if not r.running_at_end or r.restarts > 0)
    return next(gone, None)


def diagnose(evidence: Evidence) -> Cause:
    """Return why a trial that fails does so.

    The order is that of certainty: a kill, a death, requests turned away, and only then slowness,
    which timeouts are part of: throttled, or with CPU to spare slow by itself or queueing.
    """
    setting = evidence.trial.setting
    if killed_by_limit(evidence):
        needs = f"Give each replica more than {setting.memory_mib} MiB"
        return Cause(CauseName.OUT_OF_MEMORY, f"{needs}, or spread users over more of them")
    if died(evidence):
        sentence = "A replica ended without being OOM-killed: read its log"
        return Cause(CauseName.REPLICA_DIED, sentence)
    if error_rate(evidence) > evidence.trial.question.slo.error_rate:
        turned_away = _commonest_failure(evidence)
        if turned_away.name != CauseName.TIMEOUT:
            return turned_away
    return _slowness(evidence)


def _commonest_failure(evidence: Evidence) -> Cause:
    outcomes = evidence.requests["outcome"]
    counted = outcomes[~outcomes.isin([OK, IN_FLIGHT])].value_counts()
    if counted.empty or counted.iloc[0] == 0:
        return Cause(CauseName.TIMEOUT, "requests were still unanswered when the trial ended")
    outcome, count = str(counted.index[0]), int(counted.iloc[0])
    if outcome in evidence.trial.generator.script_errors:
        raised = f"The users' script raised {outcome} {count:,} times"
        advice = "read the script, and what the service answered to it"
        return Cause(CauseName.SCRIPT_RAISED, f"{raised}: {advice}")
    name, advice = _OUTCOMES.get(outcome, (CauseName.ERRORS, "read the service's log"))
    if outcome in _BY_PROXY and _is_the_proxys(evidence, outcome, count):
        name, advice = _BY_PROXY[outcome]
    return Cause(name, f"{count:,} requests ended as {outcome}: {advice}")


def _is_the_proxys(evidence: Evidence, outcome: str, count: int) -> bool:
    """Say whether most answers of that status were the proxy's own, by what it counted."""
    proxy = evidence.trial.proxy
    if proxy is None:
        return False
    failed = (
        each.connection_errors if outcome == "http_503" else each.response_errors
        for each in proxy.replicas
    )
    return 2 * sum(failed) > count


def _short_of_cpu(evidence: Evidence, throttled: float | None, cpu: str) -> Cause:
    """Set what the workload needs against the limit; throttling is a detail.

    A setting that holds at its limit is throttled as often as one that fails below it.
    """
    needs, limit = counters.demand_cores(evidence), evidence.trial.granted_cores
    of = "periods" if is_measured(evidence) else "the whole trial's periods"
    held_back = (
        "throttling not reported"
        if throttled is None
        else f"throttled in {formats.share(throttled)} of {of}"
    )
    detail = f"{held_back}, {cpu}"
    if needs is None:
        sentence = f"CPU runs out ({detail}): give more CPU"
    elif needs > limit:
        sentence = f"The workload {formats.demand(needs, limit)} ({detail}): give more CPU"
    else:
        sentence = (
            f"The workload needs {needs:.2f} cores on average, within the limit of {limit:g}, yet "
            f"its bursts run out of CPU ({detail}): give more CPU, or smooth the bursts"
        )
    return Cause(CauseName.CPU_THROTTLED, sentence)


def _slowness(evidence: Evidence) -> Cause:
    setting = evidence.trial.setting
    throttled, used = counters.throttled_ratio(evidence), counters.cpu_cores(evidence)
    of_limit = None if used is None else used / evidence.trial.granted_cores
    cpu = _cpu_use(evidence, of_limit)
    at_limit = of_limit is not None and of_limit >= CPU_AT_LIMIT
    if at_limit or (throttled is not None and throttled >= THROTTLED_RATIO):
        return _short_of_cpu(evidence, throttled, cpu)
    limit = replica_limit(evidence)
    if limit is not None:
        return Cause(CauseName.HELD_BACK, limit.sentence)
    if of_limit is None and throttled is None:
        if error_rate(evidence) > 0:
            return _commonest_failure(evidence)
        return Cause(CauseName.UNEXPLAINED, "CPU use and throttling were not reported")
    per_replica = None if used is None else used / setting.replicas
    one_core_busy = per_replica is not None and ONE_CORE[0] <= per_replica <= ONE_CORE[1]
    quickest_ms = _slow_from_the_first(evidence)
    if quickest_ms is not None and not one_core_busy and not hosts.host_was_full(evidence):
        return Cause(
            CauseName.SLOW,
            f"Latency without CPU ({cpu}): {formats.milliseconds(quickest_ms)} even for the "
            "quickest answers, before any queue, which neither CPU nor replicas shorten; it waits "
            "for something else: another service, a disk, a sleep",
        )
    return _queue(evidence, of_limit, cpu, one_core_busy)


def _queue(evidence: Evidence, of_limit: float | None, cpu: str, one_core_busy: bool) -> Cause:
    """Say what requests queue for, as far as the counters tell that apart."""
    setting, host = evidence.trial.setting, evidence.trial.host
    full, queueing = hosts.host_was_full(evidence), f"Requests queue ({cpu})"
    spare, queue = f"Requests queue with CPU to spare ({cpu})", CauseName.QUEUEING
    if is_full(evidence):
        advice = "its memory is nearly full: try more of it, before anything else"
        return Cause(queue, f"{spare}: {advice}", may_be_size=True)
    if full:
        advice = (
            f"next to none of this host's {host.cpus} CPUs was idle, so for a turn of these or for "
            "something else, which its counters do not tell apart: take a larger host"
        )
        return Cause(queue, f"{queueing}: {advice}", may_be_size=True)
    if one_core_busy and setting.cpus >= MORE_THAN_ONE_CORE:
        advice = "one busy core per replica: more CPU cannot help one process, more replicas can"
        return Cause(queue, f"{spare}: {advice}")
    if full is None and setting.total_cpus >= host.cpus:
        advice = f"the limit is all of the host's {host.cpus} CPUs, shared with the generator"
        return Cause(queue, f"{queueing}: {advice}", may_be_size=True)
    if of_limit is not None and of_limit > IDLE_SHARE:
        advice = (
            "for that CPU in bursts or for something else, such as a lock, a pool, a backlog, "
            "which its counters do not tell apart: try more CPU"
        )
        return Cause(queue, f"{queueing}: {advice}", may_be_size=True)
    advice = (
        "it waits for something else: a sleep, a lock, a pool, a backlog; whether more replicas "
        "help is not told, as no steady rate of its own was seen"
    )
    return Cause(queue, f"{spare}: {advice}")


def _cpu_use(evidence: Evidence, of_limit: float | None) -> str:
    if of_limit is not None:
        return f"{of_limit:.0%} of the CPU limit used"
    if not is_measured(evidence):
        return f"CPU use {formats.not_measured(stopped_at_s(evidence))}"
    return "CPU use not reported"


def _slow_from_the_first(evidence: Evidence) -> float | None:
    """Return the latency (ms) of the quickest answers when it is much of what users felt."""
    _, latency_ms, ok, _ = columns(evidence)
    quickest_ms = percentile(latency_ms[ok], QUICKEST_PERCENT)
    usual_ms = percentile(steady_sample(evidence).latency_ms, 50)
    much_ms = QUICKEST_SHARE * max(usual_ms, evidence.trial.question.slo.latency_ms)
    return quickest_ms if quickest_ms >= much_ms else None
