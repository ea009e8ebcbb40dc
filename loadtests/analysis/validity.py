"""Can this measurement be trusted, and for which verdict?

Every check has a direction. What can only make the service look worse voids a `fails` alone; what
makes the load lighter than asked voids both. What the record does not hold is "not reported" and
trips nothing.
"""

from collections.abc import Callable

from loadtests.analysis import counters, formats
from loadtests.analysis.delivery import delivered, users
from loadtests.analysis.evidence import Check, Evidence, Voids
from loadtests.analysis.latency import columns
from loadtests.analysis.memory_kills import host_memory
from loadtests.analysis.steadiness import steady
from loadtests.analysis.trial_length import is_measured, stopped_at_s
from loadtests.verdicts import Verdict

LAG_SHARE = 0.1  # of latency_ms: what the generator may add to a latency at p99
GENERATOR_CORES = 1.0  # one generator process runs on one core
GENERATOR_BUSY = 0.8  # k6's advice: leave 20% idle (k6 docs, "Running large tests")
GENERATOR_THROTTLED = 0.01  # of its periods; it is started without a limit, so any is a mistake
# Reconnects per request. Kept-alive clients make none; a client that lost keep-alive makes about
# one (0.9 with 10,000 users whose descriptors go beyond select()'s 1,024).
RECONNECT_RATIO = 0.01
STEAL_NOTED = 0.02  # below: within what a shared machine always does (man 5 proc_stat, steal)
STEAL_VOID = 0.1  # above: latency says more about the neighbours than about the service
# Engine and sampler take up to 3% of a host with two CPUs, at 10,000 users too.
CROWDED_NOTED = 0.05
CROWDED_VOID = 0.2
CLOCK_DRIFT_MS = 100.0  # a clock that was set during the trial, or a suspended machine

# After these a request's connection is gone, so that the next one has to connect again.
_BREAKING = ("timeout", "reset", "refused", "unreachable")


def generator_lag(evidence: Evidence) -> Check:
    """Check that the generator answered its own 10 ms heartbeat in time, and never paused long.

    In steady state, p99 and longest pause. One pause is one late beat, however long, so the p99
    alone may not see it; one that is longer than the SLO's latency makes every user slow who waited
    for an answer.
    """
    report, slo_ms = evidence.trial.generator, evidence.trial.question.slo.latency_ms
    limit_ms = LAG_SHARE * slo_ms
    paused = report.heartbeat_lag_max_ms > slo_ms
    return Check(
        "generator_lag",
        report.heartbeat_lag_p99_ms <= limit_ms and not paused,
        f"generator lag p99 {report.heartbeat_lag_p99_ms:,.0f} ms ({limit_ms:,.0f} ms allowed), "
        f"longest pause {report.heartbeat_lag_max_ms:,.0f} ms ({slo_ms:,.0f} ms allowed)",
        Voids.FAILS,
        "The generator stood still: see that nothing suspends it or its machine, then repeat"
        if paused
        else "The generator was late itself: give it a free core, or ask for fewer users per "
        "generator",
    )


def generator_cpu(evidence: Evidence) -> Check:
    """Check that the generator left a fifth of its core idle (mean over the steady state)."""
    used, limit = evidence.trial.generator.cpu_cores, GENERATOR_BUSY * GENERATOR_CORES
    return Check(
        "generator_cpu",
        used <= limit,
        f"generator used {used:.2f} cores ({limit:.2f} allowed)",
        Voids.FAILS,
        "The generator was nearly saturated: use a faster core, or a lighter locustfile",
    )


def generator_throttled(evidence: Evidence) -> Check:
    """Check that the generator's container was not held back by a CPU limit."""
    ratio = counters.generator_throttled_ratio(evidence)
    if ratio is None:
        return Check("generator_throttled", True, "generator throttling not reported")
    return Check(
        "generator_throttled",
        ratio <= GENERATOR_THROTTLED,
        f"generator throttled in {ratio:.0%} of its periods",
        Voids.FAILS,
        "Run the generator without a CPU limit",
    )


def connections(evidence: Evidence) -> Check:
    """Check that users kept their connections: reconnects per request about 0.

    Reconnects after a timeout, a reset or a refusal are the service's doing and are not counted.
    Where the service resets as often as the rule allows reconnects, it is closing connections on
    its own (a keep-alive shorter than the think time), which explains the others as well.
    """
    report = evidence.trial.generator
    if report.connects is None:
        return Check("connections", True, "connections not reported")
    outcomes = evidence.requests["outcome"]
    broken = int(outcomes.isin(_BREAKING).sum())
    closed = int((outcomes == "reset").sum())
    requests = max(1, len(columns(evidence)[0]))
    ratio = max(0, report.connects - report.users_reached - broken) / requests
    by_service = closed / requests > RECONNECT_RATIO
    return Check(
        "connections",
        ratio <= RECONNECT_RATIO or by_service,
        f"{report.connects:,} connections for {report.users_reached:,} users, "
        f"{ratio:.3f} unexplained reconnects per request"
        + (f", explained by {closed:,} resets" if by_service else ""),
        Voids.FAILS,
        "Users reconnected: set the server's keep-alive above the longest think time (uvicorn "
        "--timeout-keep-alive 120), or check that the client keeps connections alive",
    )


def own_errors(evidence: Evidence) -> Check:
    """Check that the generator did not run out of descriptors, ports or names.

    A name that no longer resolves because no replica is left is the service's doing.
    """
    errors = dict(evidence.trial.generator.own_errors)
    gone = all(not r.running_at_end or r.restarts or r.oom_kills for r in evidence.trial.replicas)
    explained = sum(errors.pop(name) for name in list(errors) if gone and "dns" in name.lower())
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(errors.items()) if count)
    return Check(
        "own_errors",
        not kinds,
        (f"the generator's own errors: {kinds}" if kinds else "no errors of the generator's own")
        + (f" ({explained:,} lost names explained by the dead replicas)" if explained else ""),
        Voids.BOTH,
        "Raise the open-file limit (EMFILE), widen ip_local_port_range (EADDRNOTAVAIL), or look at "
        "the network's DNS; then repeat",
    )


def own_limits(evidence: Evidence) -> Check:
    """Check that no replica met a limit of ours that is no part of the setting."""
    hit = sorted({what for replica in evidence.trial.replicas for what in replica.limits_hit})
    named = formats.listing(hit)
    return Check(
        "own_limits",
        not hit,
        f"the service ran into {formats.count(len(hit), 'limit')} of ours: {named}"
        if hit
        else "0 limits of ours were met",
        Voids.FAILS,
        f"It ran out of {named}, which is no part of the setting: raise the engine's default for "
        "containers (ulimits, pids limit), then repeat",
    )


def steal_time(evidence: Evidence) -> Check:
    """Check that the host kept its CPU: above 2% a `fails` is undecided, above 10% void."""
    steal = counters.steal_ratio(evidence)
    if steal is None:
        return Check("steal_time", True, "steal time not reported")
    return Check(
        "steal_time",
        steal <= STEAL_NOTED,
        f"{steal:.1%} of the host's CPU was stolen by its neighbours",
        Voids.FAILS,
        "Repeat at a quieter time or on a machine of your own",
        leaves=Verdict.INVALID if steal > STEAL_VOID else Verdict.UNDECIDED,
    )


def crowded_host(evidence: Evidence) -> Check:
    """Check that no other process took CPU while none was idle: the service may have waited for it.

    Above 5% of the host's CPU a `fails` is undecided, above 20% void.
    """
    crowded = counters.crowded_ratio(evidence)
    if crowded is None:
        return Check("crowded_host", True, "CPU use of other processes not reported")
    return Check(
        "crowded_host",
        crowded <= CROWDED_NOTED,
        f"other processes took {crowded:.1%} of the host's CPU while next to none was idle",
        Voids.FAILS,
        "End what else runs on this machine, then repeat",
        leaves=Verdict.INVALID if crowded > CROWDED_VOID else Verdict.UNDECIDED,
    )


def clock(evidence: Evidence) -> Check:
    """Check that wall and monotonic clock agreed, so that tables can be laid side by side."""
    drift_ms = abs(evidence.trial.generator.clock_drift_ms)
    return Check(
        "clock",
        drift_ms <= CLOCK_DRIFT_MS,
        f"clocks drifted by {drift_ms:,.0f} ms",
        Voids.BOTH,
        "The clock was set or the machine slept during the trial: let time synchronisation settle, "
        "then repeat",
    )


def samples(evidence: Evidence) -> Check:
    """Check that docker stats was sampled; else its means are blank, and no verdict changes."""
    coverage = counters.sample_coverage(evidence)
    return Check(
        "samples",
        coverage >= counters.SAMPLE_COVERAGE,
        f"{coverage:.0%} of the steady state's docker stats samples",
        Voids.NEITHER,
        "CPU use is left blank: the engine was too busy to answer, or a replica was gone",
    )


def _in_steady_state(check: Callable[[Evidence], Check], evidence: Evidence) -> Check:
    """Make a check of the steady state; of a trial that had none it says so and trips nothing."""
    if is_measured(evidence):
        return check(evidence)
    return Check(check.__name__, True, formats.not_measured(stopped_at_s(evidence)))


def checks(evidence: Evidence) -> tuple[Check, ...]:
    """Return every validity check of a trial, tripped or not, in the order of the report."""
    generator = (
        _in_steady_state(generator_lag, evidence),
        _in_steady_state(generator_cpu, evidence),
        _in_steady_state(generator_throttled, evidence),
        own_errors(evidence),
    )
    return (
        users(evidence),
        delivered(evidence, generator_healthy=all(check.ok for check in generator)),
        *generator,
        connections(evidence),
        own_limits(evidence),
        host_memory(evidence),
        steal_time(evidence),
        _in_steady_state(crowded_host, evidence),
        clock(evidence),
        _in_steady_state(samples, evidence),
        _in_steady_state(steady, evidence),
    )
