"""Was the load generator itself sound, so that what it measured is the service's doing?"""

from loadtests.analysis import counters
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import columns
from loadtests.analysis.trial_length import of_steady_state
from loadtests.analysis.worker_health import of_worst
from loadtests.record import IN_FLIGHT

LAG_SHARE = 0.1  # of latency_ms: what the generator may add to a latency at p99
GENERATOR_CORES = 1.0  # one generator process runs on one core
GENERATOR_BUSY = 0.8  # k6's advice: leave 20% idle (k6 docs, "Running large tests")
GENERATOR_THROTTLED = 0.01  # of its periods; it is started without a limit, so any is a mistake
# Reconnects per request. Kept-alive clients make none; a client that lost keep-alive makes about
# one (0.9 with 10,000 users whose descriptors go beyond select()'s 1,024).
RECONNECT_RATIO = 0.01
# Users who have a connection each, or tried to have one; else they wait for each other's.
CONNECTED_SHARE = 0.5

OTHER_HOST = "other_host"  # in own_errors: the script asked, or was redirected to, somebody else

# After these a request's connection is gone, so that the next one has to connect again.
_BREAKING = ("timeout", "reset", "refused", "unreachable")


@of_steady_state
def generator_lag(evidence: Evidence) -> Check:
    """Check that the generator answered its own 10 ms heartbeat in time, and never paused long.

    In steady state, p99 and longest pause. One pause is one late beat, however long, so the p99
    alone may not see it; one that is longer than the SLO's latency makes every user slow who waited
    for an answer.
    """
    report, slo_ms = evidence.trial.generator, evidence.trial.question.slo.latency_ms
    limit_ms = LAG_SHARE * slo_ms
    paused = report.heartbeat_lag_max_ms > slo_ms
    late, pause = f"{report.heartbeat_lag_p99_ms:,.0f}", f"{report.heartbeat_lag_max_ms:,.0f}"
    latest = of_worst(evidence.trial, "heartbeat_lag_p99_ms")
    longest = of_worst(evidence.trial, "heartbeat_lag_max_ms")
    return Check(
        "generator_lag",
        report.heartbeat_lag_p99_ms <= limit_ms and not paused,
        f"generator lag p99 {late} ms{latest} ({limit_ms:,.0f} ms allowed), "
        f"longest pause {pause} ms{longest} ({slo_ms:,.0f} ms allowed)",
        Reading(pause if paused else late, "ms"),
        Voids.FAILS,
        "The generator stood still: see that nothing suspends it or its machine, then repeat"
        if paused
        else "The generator was late itself: give it a free core, or spread its users over more "
        "workers (WORKERS)",
    )


@of_steady_state
def generator_cpu(evidence: Evidence) -> Check:
    """Check that the generator left a fifth of its core idle (mean over the steady state)."""
    used, limit = evidence.trial.generator.cpu_cores, GENERATOR_BUSY * GENERATOR_CORES
    reading = Reading(f"{used:.2f}", "cores")
    return Check(
        "generator_cpu",
        used <= limit,
        f"generator used {reading.text} {reading.unit}{of_worst(evidence.trial, 'cpu_cores')} "
        f"({limit:.2f} allowed)",
        reading,
        Voids.FAILS,
        "The generator was nearly saturated: use more workers (WORKERS), a faster core, or a "
        "lighter locustfile",
    )


@of_steady_state
def generator_throttled(evidence: Evidence) -> Check:
    """Check that the generator's container was not held back by a CPU limit."""
    ratio = counters.generator_throttled_ratio(evidence)
    if ratio is None:
        return Check("generator_throttled", True, "generator throttling not reported", None)
    reading = Reading(f"{ratio:.0%}")
    return Check(
        "generator_throttled",
        ratio <= GENERATOR_THROTTLED,
        f"generator throttled in {reading.text} of its periods",
        reading,
        Voids.FAILS,
        "Run the generator without a CPU limit",
    )


def connections(evidence: Evidence) -> Check:
    """Check that users kept their connections: reconnects per request about 0.

    Reconnects after a timeout, a reset or a refusal are the service's doing and are not counted,
    nor those after it closed a connection between two requests: with its answer, or while it was
    idle, as a server does whose keep-alive is shorter than the think time. Where it resets as often
    as the rule allows reconnects, that explains the others as well.
    """
    report = evidence.trial.generator
    if report.connects is None:
        return Check("connections", True, "connections not reported", None)
    outcomes = evidence.requests["outcome"]
    broken = int(outcomes.isin(_BREAKING).sum())
    closed = int((outcomes == "reset").sum())
    requests = max(1, len(columns(evidence)[0]))
    explained = broken + report.closed_by_service
    tried = report.connects + broken + int((outcomes == IN_FLIGHT).sum())
    if tried < CONNECTED_SHARE * report.users_reached <= requests:
        return Check(
            "connections",
            False,
            f"{report.connects:,} connections for {report.users_reached:,} users, who waited for "
            "each other's",
            Reading(f"{report.connects:,}"),
            Voids.BOTH,
            "Let every user of the script have a client of its own, without a shared client_pool "
            "or pool_manager",
        )
    ratio = max(0, report.connects - report.users_reached - explained) / requests
    by_service = closed / requests > RECONNECT_RATIO
    reading = Reading(f"{report.connects:,}")
    return Check(
        "connections",
        ratio <= RECONNECT_RATIO or by_service,
        f"{reading.text} connections for {report.users_reached:,} users, "
        f"{ratio:.3f} unexplained reconnects per request"
        + (f", explained by {closed:,} resets" if by_service else "")
        + (
            f", the service closed {report.closed_by_service:,}" if report.closed_by_service else ""
        ),
        reading,
        Voids.FAILS,
        "Users reconnected, and the service had not closed their connections: see that the client "
        "of the script keeps them, such as by one session a user",
    )


def own_errors(evidence: Evidence) -> Check:
    """Check that the generator did not run out of descriptors, ports or names.

    A name that no longer resolves because no replica is left is the service's doing.
    """
    errors = dict(evidence.trial.generator.own_errors)
    gone = all(not r.running_at_end or r.restarts or r.oom_kills for r in evidence.trial.replicas)
    explained = sum(errors.pop(name) for name in list(errors) if gone and "dns" in name.lower())
    elsewhere = errors.pop(OTHER_HOST, 0)
    if elsewhere:
        return Check(
            "own_errors",
            False,
            f"{elsewhere:,} calls were to another host than the service and were not sent",
            Reading(f"{elsewhere:,}"),
            Voids.BOTH,
            "Let the script ask nothing but the service, and the service redirect to itself; "
            "generator.log names the host",
        )
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(errors.items()) if count)
    return Check(
        "own_errors",
        not kinds,
        (f"the generator's own errors: {kinds}" if kinds else "no errors of the generator's own")
        + (f" ({explained:,} lost names explained by the dead replicas)" if explained else ""),
        Reading(f"{sum(errors.values()):,}"),
        Voids.BOTH,
        "Raise the open-file limit (EMFILE), widen ip_local_port_range (EADDRNOTAVAIL), or look at "
        "the network's DNS; then repeat",
    )


def is_healthy(evidence: Evidence) -> bool:
    """Say whether the generator could send what its users meant to."""
    own = (generator_lag, generator_cpu, generator_throttled, own_errors)
    return all(check(evidence).ok for check in own)
