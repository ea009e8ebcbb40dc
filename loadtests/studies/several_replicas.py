"""Do replicas help, where one with all there is does not hold and its CPU is not what it lacks?

One trial tells, with as many replicas as the load takes by what one of them can answer, or as there
is room for. It is kept apart from the search, whose settings are of one replica.
"""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis.counters import memory_peak_mib
from loadtests.analysis.endings import (
    limit_of,
    no_room,
    no_size_holds,
    not_measured_well,
    short_of_memory,
    with_replicas,
)
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.replica_limit import ReplicaLimit
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import Grants, check_setting
from loadtests.errors import HostError, NotReadyError
from loadtests.question import Setting
from loadtests.search.space import Space
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.manifest import REPLICAS, Manifest, drop_manifest, write_manifest
from loadtests.studies.results import SettingResult
from loadtests.studies.trial_runner import TrialRunner

# Of what a replica used, so that no quota is in its way; a start takes some CPU as well.
CPU_TIMES = 4.0
LEAST_CPUS = 0.2
MEMORY_TIMES = 1.25
MOST_REPLICAS = 16


@dataclass(frozen=True)
class Ending:
    """How a search ends in which nothing holds, for a reason that no size mends."""

    why: str
    tried: SettingResult | None = None  # with several replicas; None: there was no reason, or room


def end_without_size(
    runner: TrialRunner,
    bench: Bench,
    grants: Grants,
    space: Space,
    ample: SettingResult,
    log: DecisionLog,
) -> Ending | None:
    """Return how a search ends by why its ample setting failed; None where more CPU may help.

    Where replicas may help, they are measured once.
    """
    why = no_size_holds(ample.trials) or not_measured_well(ample.trials)
    if why is None:
        short = short_of_memory(ample.trials)
        return None if short is None else Ending(short)
    limit = limit_of(ample.trials)
    if limit is None:
        return Ending(f"{why}.")
    setting = setting_for(limit, ample.evidence, space, grants)
    if setting is None:
        return Ending(f"{why}. {no_room(limit)}")
    log.decide(setting.label, f"{why}. Do replicas help?")
    try:
        tried = runner.one_more(bench, setting)
    except NotReadyError as error:
        log.result(f"never ready: {error}")
        return Ending(f"{why}. Whether replicas help is open: {setting.label} was never ready.")
    log.found(tried)
    return Ending(f"{why}. {with_replicas(limit, tried.row)}", tried)


def setting_for(
    limit: ReplicaLimit, evidence: Evidence, space: Space, grants: Grants
) -> Setting | None:
    """Return as many replicas as the load takes, or as there is room for; None where two are not.

    Each with several times the CPU it used, as far as all of them have their CPUs to themselves.
    """
    peak_mib = memory_peak_mib(evidence) or 0.0
    _, memory = space.granting(0.0, MEMORY_TIMES * peak_mib)
    for replicas in range(min(limit.replicas_needed, MOST_REPLICAS), 1, -1):
        share = grants.host.cpus * grants.machines / replicas
        wanted = max(LEAST_CPUS, CPU_TIMES * limit.cores)
        cpus = min([step for step in space.cpus if step >= wanted] or [share])
        setting = Setting(round(min(cpus, share), 2), space.memory_mib[memory], replicas)
        if setting.cpus <= limit.cores:
            continue
        try:
            check_setting(setting, evidence.trial.question.workload, grants)
        except HostError:
            continue
        return setting
    return None


def keep(run: Path, bench: Bench, tried: SettingResult | None) -> None:
    """Keep with a run what several replicas did, in place of what an earlier search did there."""
    if tried is None:
        drop_manifest(run, REPLICAS)
        return
    given = REPLICAS, bench.question, bench.target, (tried.setting,), tried.row.trials
    write_manifest(run, Manifest(*given))
