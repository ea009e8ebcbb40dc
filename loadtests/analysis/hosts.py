"""The machines that ran a trial's containers: how busy each was, and with what.

Of the machine that the load is led from its container tells, of others the workers that ran there;
of a machine without either nothing is known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loadtests.analysis.counters import (
    SAMPLE_COVERAGE,
    expected_samples,
    in_steady_state,
    number,
    reported,
)
from loadtests.analysis.docker_samples import Samples, samples_by_container
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.remembered import once
from loadtests.analysis.trial_length import is_measured
from loadtests.record import CompanionReport, ProxyReport

HOST_FULL = 0.9  # of all its CPUs in a second; with a tenth idle nobody waits long for a turn
FULL_SHARE = 0.5  # of the steady state's seconds, from which on a host counts as full


@dataclass(frozen=True, eq=False)
class Host:
    """One machine that told how busy it was."""

    name: str
    cpus: int
    seconds: pd.DataFrame  # time_s, busy_ratio, steal_ratio
    containers: frozenset[str]  # of the trial


def hosts(evidence: Evidence) -> tuple[Host, ...]:
    """Return the machines that told of themselves, that of the load's lead first."""
    trial, sampled = evidence.trial, samples_by_container(evidence)
    replicas = {replica.name for replica in trial.replicas}
    generators = {name for name, each in sampled.items() if each.role == "generator"}
    beside = {one.container for one in _beside(evidence)}
    away = trial.elsewhere | trial.sent_from_elsewhere
    own = frozenset((replicas | generators | beside) - away)
    found = [Host(trial.host.name, trial.host.cpus, evidence.host, own)]
    for node in trial.nodes:
        workers = [worker for worker in trial.workers if worker.node == node.name]
        if node.is_here or not workers:
            continue
        there = {worker.container for worker in workers}
        there |= {replica.name for replica in trial.replicas if replica.node == node.name}
        told = evidence.workers.dropna(subset=["busy_ratio", "steal_ratio"])
        # Several of one machine tell the same of it.
        seconds = max((told[told["worker"] == worker.number] for worker in workers), key=len)
        found.append(Host(node.name, node.host.cpus, seconds, frozenset(there)))
    return tuple(found)


@once
def steal_by_host(evidence: Evidence) -> dict[str, float]:
    """Return the share of each machine's CPU that its neighbours stole, mean over the steady state.

    A trial without a steady state long enough to measure is taken whole.
    """
    return _of_each(evidence, lambda host: _steal_ratio(evidence, host))


def steal_ratio(evidence: Evidence) -> float | None:
    """Return the same of the machine that lost most; None: no machine told."""
    return max(steal_by_host(evidence).values(), default=None)


def crowded_by_host(evidence: Evidence) -> dict[str, float]:
    """Return the share of each machine's CPU that others used while next to none of it was idle.

    Others are whoever is not one of the trial's containers, to which the kernel counts what it
    does for them. Mean over the steady state; seconds with CPU to spare count as none. Left out is
    a machine where the use of one container is not known: it would be told as that of others.
    """
    return _of_each(evidence, lambda host: _crowded_ratio(evidence, host))


def crowded_ratio(evidence: Evidence) -> float | None:
    """Return the same of the most crowded machine; None: of none it is known."""
    return max(crowded_by_host(evidence).values(), default=None)


def full_host_share(evidence: Evidence) -> float | None:
    """Return the share of the steady state's seconds in which a machine's CPU was next to full.

    Of the machine that was it most often; None: no machine told.
    """
    return max(_of_each(evidence, lambda host: _full_share(evidence, host)).values(), default=None)


def host_was_full(evidence: Evidence) -> bool | None:
    """Say whether next to none of the service's CPU was idle for half of the steady state or more.

    None where that is not known: its host did not tell, or replicas ran on several.
    """
    if evidence.trial.elsewhere:
        return None
    share = _full_share(evidence, hosts(evidence)[0])
    return None if share is None else share >= FULL_SHARE


def _of_each(evidence: Evidence, measure: Callable[[Host], float | None]) -> dict[str, float]:
    found = {host.name: measure(host) for host in hosts(evidence)}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def _steal_ratio(evidence: Evidence, host: Host) -> float | None:
    whole = host.seconds
    seconds = in_steady_state(evidence, whole) if is_measured(evidence) else whole
    return number(seconds["steal_ratio"].mean())


def _crowded_ratio(evidence: Evidence, host: Host) -> float | None:
    seconds, own = in_steady_state(evidence, host.seconds), _own_cores(evidence, host)
    if seconds.empty or own is None:
        return None
    others = (seconds["busy_ratio"] - own / host.cpus).clip(lower=0)
    full = seconds["busy_ratio"] + seconds["steal_ratio"] >= HOST_FULL
    return number(others.where(full, 0.0).mean())


def _full_share(evidence: Evidence, host: Host) -> float | None:
    seconds = in_steady_state(evidence, host.seconds)
    if seconds.empty:
        return None
    return number((seconds["busy_ratio"] + seconds["steal_ratio"] >= HOST_FULL).mean())


def _beside(evidence: Evidence) -> list[CompanionReport | ProxyReport]:
    trial = evidence.trial
    return [*trial.companions, *([] if trial.proxy is None else [trial.proxy])]


def _own_cores(evidence: Evidence, host: Host) -> float | None:
    """Return the cores of a machine that a trial's containers used, the load's included.

    Mean over the steady state; None: not known. A replica that ended used none from its last sample
    on.
    """
    phases, sampled = evidence.trial.phases, samples_by_container(evidence)
    steady_s = phases.steady_end_s - phases.steady_start_s
    gone = {r.name for r in evidence.trial.replicas if not r.running_at_end}
    gone |= {one.container for one in _beside(evidence) if one.end}
    of_load = [name for name in host.containers if _is_generator(sampled.get(name))]
    if not of_load or steady_s <= 0:
        return None
    own = 0.0
    for name in sorted(host.containers):
        known = sampled.get(name)
        seen_s = _last_known_s(known)
        if known is None or seen_s is None:
            return None
        end_s = phases.steady_end_s
        if name in gone:
            end_s = max(phases.steady_start_s, min(end_s, seen_s))
        cores = reported(known.steady_of("cpu_cores"))
        if len(cores) < SAMPLE_COVERAGE * expected_samples(phases.steady_start_s, end_s):
            return None
        if len(cores):
            own += float(cores.mean()) * (end_s - phases.steady_start_s) / steady_s
    return own


def _is_generator(samples: Samples | None) -> bool:
    return samples is not None and samples.role == "generator"


def _last_known_s(samples: Samples | None) -> float | None:
    """Return when the CPU of a container was last reported; None: never."""
    if samples is None:
        return None
    known = samples.all_of("time_s")[~np.isnan(samples.all_of("cpu_cores"))]
    return float(known.max()) if len(known) else None
