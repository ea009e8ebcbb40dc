"""What each replica got, and whether that was even: requests, connections, CPU."""

from collections.abc import Iterable
from dataclasses import dataclass

from loadtests.analysis import counters
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.remembered import once

# A replica with half as many users again as its share carries the curve alone.
UNEVEN = 1.5


@dataclass(frozen=True)
class ReplicaLoad:
    """What one replica got; None is "not reported".

    Requests are of the whole trial, connections and CPU means over the steady state.
    """

    number: int  # from 1
    requests: int | None
    connections: float | None  # open at once
    cpu_cores: float | None


def load_by_replica(evidence: Evidence) -> tuple[ReplicaLoad, ...]:
    """Return what each replica got, in their order.

    Requests are counted by the proxy where there was one, else by the address that each was sent
    to.
    """
    requests = _requests(evidence)
    return tuple(
        ReplicaLoad(
            number,
            None if requests is None else requests[replica.name],
            counters.container_mean(evidence, replica.name, "connections"),
            counters.container_mean(evidence, replica.name, "cpu_cores"),
        )
        for number, replica in enumerate(evidence.trial.replicas, 1)
    )


def _requests(evidence: Evidence) -> dict[str, int] | None:
    """Return the requests of each replica by its container's name; None: not known."""
    trial = evidence.trial
    if not trial.target.shows_replicas:
        counted = () if trial.proxy is None else trial.proxy.replicas
        return {each.replica: each.requests for each in counted} if counted else None
    counts = evidence.requests["replica"].value_counts()
    counts = counts[counts.index != ""]
    if counts.sum() == 0:
        return None
    return {each.name: int(counts.get(each.address, 0)) for each in trial.replicas}


@once
def busiest_share(evidence: Evidence) -> float | None:
    """Return the requests of the busiest replica over an even share (1: even).

    None where the record does not say which replica answered.
    """
    return over_even_share(each.requests for each in load_by_replica(evidence))


def busiest_cpu_share(evidence: Evidence) -> float | None:
    """Return the CPU of the replica that used most over an even share; None: not reported."""
    return over_even_share(each.cpu_cores for each in load_by_replica(evidence))


def over_even_share(parts: Iterable[float | None]) -> float | None:
    """Return the largest part over the mean of all; None where one is not known, or all are 0."""
    known = [*parts]
    if not known or any(part is None for part in known):
        return None
    total = sum(part or 0.0 for part in known)
    return max(part or 0.0 for part in known) * len(known) / total if total > 0 else None


def is_uneven(evidence: Evidence) -> bool:
    """Say whether one replica had far more than its share, so that others stood by."""
    busiest = busiest_share(evidence)
    return busiest is not None and busiest > UNEVEN
