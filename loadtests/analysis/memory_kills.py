"""Was a replica killed for memory by its own limit, or by a host that ran out?

A kernel short of memory kills whom it likes, and the cgroup's `oom_kill` counts that as well. It is
evidence against a setting only where its limit was reached, which cgroup v2 counts in `oom`.
"""

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import Floats
from loadtests.record import ReplicaReport

# Of the limit, as docker stats saw it once a second and without the page cache: a container that is
# killed by its limit has filled nearly all of it (99% in the recorded kills).
REACHED_SHARE = 0.9
# With cgroup v1 the engine hears only of a cgroup that met its own limit; with v2 its event comes
# of `oom_kill` as well (containerd, pkg/oom/v1 and pkg/oom/v2).
TOLD_BY_OWN_LIMIT = "1"
RECENT_S = 3.5  # before the last sample: three steps from one sample to the next
SIGKILLED = 137  # 128 + SIGKILL, as a container's exit code


def killed_by_limit(evidence: Evidence) -> ReplicaReport | None:
    """Return the first replica that was OOM-killed at its own limit, if any was."""
    return next((r for r in evidence.trial.replicas if was_killed_by_limit(evidence, r)), None)


def was_killed_by_limit(evidence: Evidence, replica: ReplicaReport) -> bool:
    """Say whether a replica was OOM-killed at its own limit."""
    return replica.oom_kills > 0 and _reached_limit(evidence, replica)


def was_taken_by_host(evidence: Evidence, replica: ReplicaReport) -> bool:
    """Say whether a replica was killed below its own limit: OOM-killed, or by somebody unseen."""
    if replica.oom_kills > 0:
        return not _reached_limit(evidence, replica)
    return _killed_unseen(evidence, replica)


def host_memory(evidence: Evidence) -> Check:
    """Check that no replica was killed below its own memory limit, but by the engine.

    A trial of which a process was taken by the host says nothing of the setting, either way.
    """
    taken = [r for r in evidence.trial.replicas if was_taken_by_host(evidence, r)]
    taken.sort(key=lambda replica: not replica.oom_kills)  # what the kernel told of before the rest
    if not taken:
        seen = "0 replicas killed below their own memory limit"
        return Check("host_memory", True, seen, Reading("0"))
    peak_mib = _peak_mib(evidence, taken[0])
    used = "with unknown use" if peak_mib is None else f"with {peak_mib:,.0f} MiB used"
    how, why = "OOM-killed", "Its limit was not reached, so the host ran out of memory"
    if not taken[0].oom_kills:
        how = "killed by somebody unseen,"
        why = "Its limit was not reached; perhaps the host ran out of memory, which its log tells"
    return Check(
        "host_memory",
        False,
        f"replica {evidence.trial.replicas.index(taken[0]) + 1} was {how} {used} "
        f"of its {evidence.trial.setting.memory_mib:,} MiB",
        Reading(f"{len(taken)}"),
        Voids.BOTH,
        f"{why}: end what else runs, or leave memory for the generator and the system; then repeat",
    )


def _killed_unseen(evidence: Evidence, replica: ReplicaReport) -> bool:
    """Say whether a replica ended by a SIGKILL of which neither kernel nor engine told.

    No process can send it to the first of its own container (man 7 pid_namespaces), so it came from
    the host; with cgroup v1 one that is out of memory leaves no other trace.
    """
    killed = not replica.running_at_end and replica.exit_code == SIGKILLED
    told = any(
        event.container == replica.name and event.action.startswith(("oom", "kill"))
        for event in evidence.trial.events
    )
    return killed and not told and not _is_full(evidence, replica)


def _is_full(evidence: Evidence, replica: ReplicaReport, grew_mib: float = 0.0) -> bool:
    peak_mib = _peak_mib(evidence, replica) or 0.0
    return peak_mib + grew_mib >= REACHED_SHARE * evidence.trial.setting.memory_mib


def _reached_limit(evidence: Evidence, replica: ReplicaReport) -> bool:
    """Say whether a killed replica had filled its limit, or may have since it was last seen.

    The kernel knows, where its count was read. Else samples tell, which are a second apart: it may
    have grown since by as much as in any of its last seconds under load, and in the first second
    by anything: of these the engine's word is taken. What it grew by as it started, or as its users
    came, says nothing of later.
    """
    if replica.ooms_at_limit is not None:
        return replica.ooms_at_limit > 0
    trial, peak_mib = evidence.trial, _peak_mib(evidence, replica)
    told = any(e.container == replica.name and e.action.startswith("oom") for e in trial.events)
    if told and trial.machine_of(replica).cgroup_version == TOLD_BY_OWN_LIMIT:
        return True
    seen_mib = _last_mib(evidence, replica)
    if peak_mib is None or (told and len(seen_mib) < 2):
        return told
    grew_mib = float(np.diff(seen_mib).max()) if told else 0.0
    return _is_full(evidence, replica, max(0.0, grew_mib))


def _peak_mib(evidence: Evidence, replica: ReplicaReport) -> float | None:
    """Return the most memory it was seen with; None: not reported."""
    seen_mib = _samples_mib(evidence, replica)
    peaks = [float(seen_mib.max())] if len(seen_mib) else []
    if replica.memory_peak_mib is not None:
        peaks.append(replica.memory_peak_mib)
    return max(peaks, default=None)


def _last_mib(evidence: Evidence, replica: ReplicaReport) -> Floats:
    """Return its memory in its last seconds under load."""
    seen = _samples_mib(evidence, replica)
    last = seen[seen.index >= max(0.0, seen.index.max() - RECENT_S)]
    return np.asarray(last, np.float64)


def _samples_mib(evidence: Evidence, replica: ReplicaReport) -> pd.Series:
    """Return its memory by the time of the sample, in seconds since the first user."""
    stats = evidence.docker_stats
    seen = stats[stats["container"] == replica.name].set_index("time_s")
    return seen["memory_mib"].dropna().astype(np.float64)
