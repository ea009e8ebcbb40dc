"""What ran beside the service, in sentences: no part of a setting, and yet on the same host."""

from loadtests.analysis import counters, formats
from loadtests.analysis.evidence import Evidence
from loadtests.record import CompanionReport, Trial


def companion_sentences(evidence: Evidence) -> list[str]:
    """Say what each companion used in a trial, and that no setting has it; none: nothing is said.

    CPU is the mean over the steady state, memory the peak of the whole trial.
    """
    return [
        f"Beside it ran {one.name}, which used {_used(evidence, one)}; it is no part of the "
        "setting, of its price or of the size to deploy, and shares the host's CPUs with it."
        for one in evidence.trial.companions
    ]


def companions_named(trial: Trial) -> str:
    """Name each companion with what its image is, for a list of conditions."""
    named = [f"{one.name} ({one.image_digest[:19]})" for one in trial.companions]
    return f"{formats.listing(named)}, started anew for every trial" if named else ""


def _used(evidence: Evidence, one: CompanionReport) -> str:
    cores, peak_mib = counters.companion_cores(evidence, one), one.memory_peak_mib
    limit = "" if one.cpu_limit_cores is None else f" of its {one.cpu_limit_cores:g}"
    cpu = "CPU that was not reported" if cores is None else f"{cores:.2f} CPU{limit}"
    return cpu if peak_mib is None else f"{cpu} and up to {peak_mib:.0f} MiB"
