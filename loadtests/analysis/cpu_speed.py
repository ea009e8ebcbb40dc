"""Was the CPU about as fast as at the reference speed, or may its speed have made the verdict?

Speed drifts by tens of per cent for minutes: neighbours on the other hardware thread, shared
caches, the clock. Steal time shows none of it. The host's pressure-stall figures are no evidence
either: a replica that its own quota throttles raises them on an idle host.
"""

from loadtests.analysis import counters, formats
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.intervals import share_interval
from loadtests.analysis.latency import counts, steady_sample
from loadtests.analysis.speed import gauge_us, relative_speed
from loadtests.analysis.trial_length import is_measured
from loadtests.verdicts import Verdict

# Divided by the gauge, the CPU that a request takes still differs by 6.5% between trials of one
# setting (docs/repeatability.md); less than that is no news of the CPU.
SPEED_TOLERANCE = 0.07
# Of the CPU granted, as in `causes.CPU_AT_LIMIT`: above it queues form in bursts.
NEAR_THE_LIMIT = 0.9


def cpu_speed(evidence: Evidence) -> Check:
    """Check that the CPU was as fast as at the reference speed, where that may make the verdict.

    A slower one voids a `fails`, unless the CPU granted is too little at the reference speed too. A
    faster one voids a `holds` near the edge: the service would have been short of CPU at the
    reference speed, or might have been too slow, if each answer had taken as much longer.
    """
    speed = relative_speed(evidence)
    if speed is None:
        return Check("cpu_speed", True, "CPU speed not reported, or without a reference", None)
    reading = Reading(f"{speed:.2f}", "times the work")
    seen = f"the CPU did {reading.text} {reading.unit} a second that it does at the reference speed"
    gauge = f"(reference_us {gauge_us(evidence):.0f})"
    if speed < 1 - SPEED_TOLERANCE:
        short = _short_all_the_same(evidence, speed)
        return Check(
            "cpu_speed",
            short is not None,
            f"{seen}{short or ''}",
            reading,
            Voids.FAILS,
            "Repeat at a quieter time; where the machine stays as slow, make this its reference "
            f"speed {gauge}",
            leaves=Verdict.UNDECIDED,
        )
    edge = _near_the_edge(evidence, speed) if speed > 1 + SPEED_TOLERANCE else None
    return Check(
        "cpu_speed",
        edge is None,
        f"{seen}{edge or ''}",
        reading,
        Voids.FAILS if speed < 1 else Voids.HOLDS,
        "Repeat when the CPU is no faster than it was; where it stays as fast, make this its "
        f"reference speed {gauge}",
        leaves=Verdict.UNDECIDED,
    )


def _short_all_the_same(evidence: Evidence, speed: float) -> str | None:
    """Say that the CPU granted is too little at the reference speed as well; None: it may do.

    The least that the workload needs: every request counts, as one that ran into its timeout took
    CPU too, and users who wait as long as the SLO allows ask less often (interactive response time
    law, Denning & Buzen 1978).
    """
    question, granted = evidence.trial.question, evidence.trial.granted_cores
    each_ms = counters.cpu_ms_per_request(evidence)
    if each_ms is None:
        return None
    rps = question.workload.expected_rps(question.slo.latency_ms / 1000)
    needs = each_ms / 1000 * rps * speed
    if needs <= (1 + SPEED_TOLERANCE) * granted:
        return None
    return f", at which too the workload {formats.demand(needs, granted)}"


def _near_the_edge(evidence: Evidence, speed: float) -> str | None:
    """Say what might not have held at the reference speed; None: nothing, or it is not known."""
    if not is_measured(evidence):
        return None
    used, demand = counters.cpu_cores(evidence), counters.demand_cores(evidence)
    # On average over its users' think cycles, of which a short steady state sees a part.
    needs, granted = speed * max(used or 0.0, demand or 0.0), evidence.trial.granted_cores
    if needs > NEAR_THE_LIMIT * granted:
        return f", at which the service {formats.demand(needs, granted)}"
    slo, sample = evidence.trial.question.slo, steady_sample(evidence)
    slower = share_interval(*counts(sample, sample.latency_ms * speed > slo.latency_ms))
    if slower.high <= slo.slow_share:
        return None
    return (
        f", at which up to {formats.share(slower.high)} of requests might be slow or failed, where "
        f"{formats.share(slo.slow_share)} may be"
    )
