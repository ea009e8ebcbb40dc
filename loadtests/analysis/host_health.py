"""Did the host give the service what its setting promised, and did clocks and counters work?"""

from loadtests.analysis import counters, formats, hosts
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.trial_length import of_steady_state
from loadtests.analysis.worker_health import called, least_known_clock, of_worst
from loadtests.verdicts import Verdict

STEAL_NOTED = 0.02  # below: within what a shared machine always does (man 5 proc_stat, steal)
STEAL_VOID = 0.1  # above: latency says more about the neighbours than about the service
# Engine and sampler take up to 3% of a host with two CPUs, at 10,000 users too.
CROWDED_NOTED = 0.05
CROWDED_VOID = 0.2
CLOCK_DRIFT_MS = 100.0  # a clock that was set during the trial, or a suspended machine


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
        Reading(f"{len(hit)}"),
        Voids.FAILS,
        f"It ran out of {named}, which is no part of the setting: raise the engine's default for "
        "containers (ulimits, pids limit), then repeat",
    )


def steal_time(evidence: Evidence) -> Check:
    """Check that the host kept its CPU: above 2% a `fails` is undecided, above 10% void.

    Of several machines that told, the one that lost most counts; so in the next check.
    """
    told = hosts.steal_by_host(evidence)
    if not told:
        return Check("steal_time", True, "steal time not reported", None)
    whose, steal = _worst(told)
    reading = Reading(f"{steal:.1%}")
    return Check(
        "steal_time",
        steal <= STEAL_NOTED,
        f"{reading.text} of {whose} CPU was stolen by its neighbours",
        reading,
        Voids.FAILS,
        "Repeat at a quieter time or on a machine of your own",
        leaves=Verdict.INVALID if steal > STEAL_VOID else Verdict.UNDECIDED,
    )


@of_steady_state
def crowded_host(evidence: Evidence) -> Check:
    """Check that no other process took CPU while none was idle: the service may have waited for it.

    Above 5% of the host's CPU a `fails` is undecided, above 20% void.
    """
    told = hosts.crowded_by_host(evidence)
    if not told:
        return Check("crowded_host", True, "CPU use of other processes not reported", None)
    whose, crowded = _worst(told)
    reading = Reading(f"{crowded:.1%}")
    return Check(
        "crowded_host",
        crowded <= CROWDED_NOTED,
        f"other processes took {reading.text} of {whose} CPU while next to none was idle",
        reading,
        Voids.FAILS,
        "End what else runs on the machine of the containers, then repeat",
        leaves=Verdict.INVALID if crowded > CROWDED_VOID else Verdict.UNDECIDED,
    )


def _worst(told: dict[str, float]) -> tuple[str, float]:
    """Return whose CPU it was the most of, as a sentence says it, and how much."""
    name, ratio = max(told.items(), key=lambda item: item[1])
    return "the host's" if len(told) == 1 else f"{name}'s", ratio


def clock(evidence: Evidence) -> Check:
    """Check that wall and monotonic clock agreed, so that tables can be laid side by side.

    Of several workers it has to be known how far their wall clocks are ahead of their master's: by
    that the moment is corrected from which each counts. As far as it is not known, their requests
    may stand at other times.
    """
    drift_ms = abs(evidence.trial.generator.clock_drift_ms)
    reading = Reading(f"{drift_ms:,.0f}", "ms")
    vaguest = least_known_clock(evidence.trial)
    if vaguest is not None and vaguest.clock_offset_within_ms > CLOCK_DRIFT_MS:
        reading = Reading(f"{vaguest.clock_offset_within_ms:,.0f}", "ms")
        return Check(
            "clock",
            False,
            f"the clock of {called(vaguest)} is known to {reading.text} {reading.unit} only "
            f"({CLOCK_DRIFT_MS:,.0f} ms allowed)",
            reading,
            Voids.BOTH,
            "The way from the load's master to its worker took too long: see to the network "
            "between the nodes and to what else keeps them busy, then repeat",
        )
    return Check(
        "clock",
        drift_ms <= CLOCK_DRIFT_MS,
        f"clocks drifted by {reading.text} {reading.unit}"
        f"{of_worst(evidence.trial, 'clock_drift_ms')}",
        reading,
        Voids.BOTH,
        "The clock was set or the machine slept during the trial: let time synchronisation settle, "
        "then repeat",
    )


@of_steady_state
def samples(evidence: Evidence) -> Check:
    """Check that docker stats was sampled; else its means are blank, and no verdict changes."""
    coverage = counters.sample_coverage(evidence)
    reading = Reading(f"{coverage:.0%}")
    return Check(
        "samples",
        coverage >= counters.SAMPLE_COVERAGE,
        f"{reading.text} of the steady state's docker stats samples",
        reading,
        Voids.NEITHER,
        "CPU use is left blank: the engine was too busy to answer, or a replica was gone",
    )
