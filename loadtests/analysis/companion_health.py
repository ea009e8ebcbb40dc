"""Did what was started beside the service, such as its database, stay up and have CPU to spare?

What fails because of a companion tells nothing of the setting of the service.
"""

from loadtests.analysis import counters, formats, hosts
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.trial_length import is_measured
from loadtests.record import CompanionReport

AT_LIMIT = 0.9  # of what it may use, mean over the steady state, as causes has it of the service
# Of the host's CPU: where none is idle, whoever takes less than that is not why.
MUCH_OF_HOST = 0.2


def companions(evidence: Evidence) -> Check | None:
    """Check that every companion ran to the end, and that none had used up its CPU; None: no such.

    One that ended voids both verdicts: what a service does without it is another question. One
    without CPU to spare voids a `fails`.
    """
    there = evidence.trial.companions
    ended = next((one for one in there if one.end), None)
    if not there:
        return None
    if ended is not None:
        return Check(
            "companions",
            False,
            ended.end,
            Reading(ended.name),
            Voids.BOTH,
            f"{ended.name} is no part of the setting: mend it, or give it what it needs in the "
            "compose file, then repeat",
        )
    used = {one.name: counters.companion_cores(evidence, one) for one in there}
    full = next((one for one in there if _is_full(evidence, one, used[one.name])), None)
    if full is not None:
        seen = f"{full.name} used {_of_its_limit(evidence, full, used[full.name])}"
        advice = (
            "it shares the host's CPUs with the service: take a larger host, or fewer users"
            if full.cpu_limit_cores is None
            else f"give {full.name} more CPU in the compose file, or ask for fewer users"
        )
        return Check(
            "companions",
            False,
            seen,
            Reading(f"{used[full.name]:.2f}", "cores"),
            Voids.FAILS,
            f"More CPU for the service would not help: {advice}",
        )
    told = [f"{name} used {cores:.2f} cores" for name, cores in used.items() if cores is not None]
    known = [cores for cores in used.values() if cores is not None]
    reading = Reading(f"{sum(known):.2f}", "cores") if known else None
    seen = formats.listing(told) if told else "CPU use of what runs beside the service not reported"
    return Check("companions", True, seen, reading)


def _is_full(evidence: Evidence, one: CompanionReport, cores: float | None) -> bool:
    if cores is None or not is_measured(evidence):
        return False
    if one.cpu_limit_cores is not None:
        return cores >= AT_LIMIT * one.cpu_limit_cores
    return fills_host(evidence, cores)


def fills_host(evidence: Evidence, cores: float) -> bool:
    """Say whether what used so many cores is why next to none of the host's CPU was idle."""
    busy = hosts.full_host_share(evidence)
    much = cores >= MUCH_OF_HOST * evidence.trial.host.cpus
    return busy is not None and busy >= hosts.FULL_SHARE and much


def _of_its_limit(evidence: Evidence, one: CompanionReport, cores: float | None) -> str:
    if one.cpu_limit_cores is not None:
        return f"{cores:.2f} of its {one.cpu_limit_cores:g} CPU"
    return f"{cores:.2f} of the host's {evidence.trial.host.cpus} CPUs, none of which was idle"
