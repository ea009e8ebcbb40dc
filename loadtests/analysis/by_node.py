"""What a trial's replicas did on each node of a Swarm."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis.balance import load_by_replica
from loadtests.analysis.evidence import Evidence
from loadtests.record import NodeReport


@dataclass(frozen=True)
class NodeLoad:
    """One node with its replicas together; None is "not reported"."""

    node: NodeReport
    replicas: int
    requests: float | None  # of the whole trial
    cpu_cores: float | None  # of all its replicas, mean over the steady state
    memory_peak_mib: float | None  # of the fullest
    throttled_ratio: float | None  # of the scheduler's periods of the whole trial, of the worst
    oom_kills: int | None
    ended: int | None  # replicas that did not run to the end


def load_by_node(evidence: Evidence) -> tuple[NodeLoad, ...]:
    """Return what each node did, in their order; none where there was no Swarm.

    How replicas ended on a node that went away is not reported.
    """
    trial, asked = evidence.trial, load_by_replica(evidence)
    found = []
    for node in trial.nodes:
        here = [
            (replica, load)
            for replica, load in zip(trial.replicas, asked, strict=True)
            if replica.node == node.name
        ]
        is_known = node.lost_s is None
        ratios = [
            replica.throttled_periods / replica.periods
            for replica, _ in here
            if replica.periods and replica.throttled_periods is not None
        ]
        peaks = [r.memory_peak_mib for r, _ in here if r.memory_peak_mib is not None]
        found.append(
            NodeLoad(
                node=node,
                replicas=len(here),
                requests=_total([load.requests for _, load in here]),
                cpu_cores=_total([load.cpu_cores for _, load in here]),
                memory_peak_mib=max(peaks, default=None),
                throttled_ratio=max(ratios, default=None),
                oom_kills=sum(replica.oom_kills for replica, _ in here) if is_known else None,
                ended=sum(not replica.running_at_end for replica, _ in here) if is_known else None,
            )
        )
    return tuple(found)


def _total(parts: Sequence[float | None]) -> float | None:
    """Return the sum; None where a part of it is not known."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
