"""Was a replica killed for memory by its own limit, or by a host that ran out?

A kernel short of memory kills whom it likes, and the cgroup's `oom_kill` counts that as well. It is
evidence against a setting only where its limit was reached, which cgroup v2 counts in `oom`.
"""

import numpy as np

from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import Floats
from loadtests.record import ReplicaReport

# Of the limit, as docker stats saw it once a second and without the page cache: a container that is
# killed by its limit has filled nearly all of it (99% in the recorded kills).
REACHED_SHARE = 0.9
# With cgroup v1 the engine hears only of a cgroup that met its own limit; with v2 its event comes
# of `oom_kill` as well (containerd, pkg/oom/v1 and pkg/oom/v2).
TOLD_BY_OWN_LIMIT = "1"


def killed_by_limit(evidence: Evidence) -> ReplicaReport | None:
    """Return the first replica that was OOM-killed at its own limit, if any was."""
    return next((r for r in _killed(evidence) if _reached_limit(evidence, r)), None)


def host_memory(evidence: Evidence) -> Check:
    """Check that no replica was killed for memory below its own limit.

    A trial of which a process was taken by the host says nothing of the setting, either way.
    """
    taken = [r for r in _killed(evidence) if not _reached_limit(evidence, r)]
    if not taken:
        seen = "0 replicas killed below their own memory limit"
        return Check("host_memory", True, seen, Reading("0"))
    peak_mib = _peak_mib(evidence, taken[0])
    used = "of unknown use" if peak_mib is None else f"with {peak_mib:,.0f} MiB used"
    return Check(
        "host_memory",
        False,
        f"replica {evidence.trial.replicas.index(taken[0]) + 1} was killed for memory {used} "
        f"of its {evidence.trial.setting.memory_mib:,} MiB",
        Reading(f"{len(taken)}"),
        Voids.BOTH,
        "Its limit was not reached, so the host ran out of memory: end what else runs, or leave "
        "memory for the generator and the system; then repeat",
    )


def _killed(evidence: Evidence) -> list[ReplicaReport]:
    return [replica for replica in evidence.trial.replicas if replica.oom_kills > 0]


def _reached_limit(evidence: Evidence, replica: ReplicaReport) -> bool:
    """Say whether a killed replica had filled its limit, or may have since it was last seen.

    The kernel knows, where its count was read. Else samples tell, which are a second apart: it may
    have grown in the last second by as much as it ever grew in one, and in the first second by
    anything: of these the engine's word is taken.
    """
    if replica.ooms_at_limit is not None:
        return replica.ooms_at_limit > 0
    trial, peak_mib = evidence.trial, _peak_mib(evidence, replica)
    told = any(e.container == replica.name and e.action.startswith("oom") for e in trial.events)
    if told and trial.host.cgroup_version == TOLD_BY_OWN_LIMIT:
        return True
    seen_mib = _samples_mib(evidence, replica)
    if peak_mib is None or (told and len(seen_mib) < 2):
        return told
    grew_mib = float(np.diff(seen_mib).max()) if told and len(seen_mib) > 1 else 0.0
    return peak_mib + max(0.0, grew_mib) >= REACHED_SHARE * trial.setting.memory_mib


def _peak_mib(evidence: Evidence, replica: ReplicaReport) -> float | None:
    """Return the most memory it was seen with; None: not reported."""
    seen_mib = _samples_mib(evidence, replica)
    peaks = [float(seen_mib.max())] if len(seen_mib) else []
    if replica.memory_peak_mib is not None:
        peaks.append(replica.memory_peak_mib)
    return max(peaks, default=None)


def _samples_mib(evidence: Evidence, replica: ReplicaReport) -> Floats:
    stats = evidence.docker_stats
    return stats.loc[stats["container"] == replica.name, "memory_mib"].dropna().to_numpy(np.float64)
