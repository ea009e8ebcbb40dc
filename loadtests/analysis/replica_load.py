"""What each replica had to do in a trial: requests, connections, CPU, memory, network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loadtests.analysis import formats
from loadtests.analysis.counters import in_steady_state
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import columns
from loadtests.record import ReplicaReport

KIB = 1024


@dataclass(frozen=True)
class ReplicaLoad:
    """One replica's part of the steady state; None is "not reported"."""

    number: int  # from one on
    rate_per_s: float | None  # requests that ended; None: the client does not tell who answered
    in_flight: float | None  # requests that waited for it at a time, mean
    connections: float | None  # TCP sockets in use, those that listen included; mean
    cpu_cores: float | None
    memory_mib: float | None  # mean
    received_kib_s: float | None
    sent_kib_s: float | None
    voluntary_per_s: float | None  # times a second that one of its threads had nothing to do
    involuntary_per_s: float | None  # times a second that one was stopped though it had work


def replica_loads(evidence: Evidence) -> list[ReplicaLoad]:
    """Return what each replica did in the steady state, in the order in which they were started."""
    stats = in_steady_state(evidence, evidence.docker_stats)
    return [
        _load(evidence, number, report, stats[stats["container"] == report.name])
        for number, report in enumerate(evidence.trial.replicas, 1)
    ]


def _load(
    evidence: Evidence, number: int, report: ReplicaReport, stats: pd.DataFrame
) -> ReplicaLoad:
    rate, in_flight = _requests(evidence, report.address)
    return ReplicaLoad(
        number,
        rate,
        in_flight,
        _mean(stats, "connections"),
        _mean(stats, "cpu_cores"),
        _mean(stats, "memory_mib"),
        _kib(per_second(stats, "received_bytes")),
        _kib(per_second(stats, "sent_bytes")),
        per_second(stats, "voluntary_switches"),
        per_second(stats, "involuntary_switches"),
    )


def _requests(evidence: Evidence, address: str) -> tuple[float | None, float | None]:
    """Return a replica's requests per second and, by Little's law, how many waited at a time.

    L = the time that requests spent in the window over its length (Little 1961).
    """
    phases, asked = evidence.trial.phases, evidence.requests["replica"].astype(object)
    seconds = phases.steady_end_s - phases.steady_start_s
    if not address or seconds <= 0 or not (asked == address).any():
        return None, None
    start_s, latency_ms, _, in_flight = columns(evidence)
    end_s, own = start_s + latency_ms / 1000, (asked == address).to_numpy()
    ended = own & ~in_flight & (end_s >= phases.steady_start_s) & (end_s < phases.steady_end_s)
    inside_s = np.minimum(end_s, phases.steady_end_s) - np.maximum(start_s, phases.steady_start_s)
    return (
        float(np.count_nonzero(ended)) / seconds,
        float(inside_s[own].clip(min=0).sum()) / seconds,
    )


def per_second(stats: pd.DataFrame, column: str) -> float | None:
    """Return by how much a counter grew a second, between its first and last sample.

    None where it was not reported twice, or fell, as of threads that came and went unseen.
    """
    known = stats.dropna(subset=[column]) if column in stats else stats.iloc[:0]
    if len(known) < 2:
        return None
    first, last = known.iloc[0], known.iloc[-1]
    grown, seconds = float(last[column] - first[column]), float(last["time_s"] - first["time_s"])
    return grown / seconds if grown >= 0 and seconds > 0 else None


def _mean(stats: pd.DataFrame, column: str) -> float | None:
    value = float(stats[column].astype(float).mean()) if column in stats else math.nan
    return value if math.isfinite(value) else None


def _kib(bytes_per_s: float | None) -> float | None:
    return None if bytes_per_s is None else bytes_per_s / KIB


def spread_sentence(loads: Sequence[ReplicaLoad]) -> str:
    """Say how evenly requests and connections were spread over the replicas."""
    if len(loads) < 2:
        return "There is one replica, so nothing to spread."
    said = [
        text
        for text in (
            _evenness("requests", [load.rate_per_s for load in loads]),
            _evenness("connections", [load.connections for load in loads]),
            _evenness("CPU", [load.cpu_cores for load in loads]),
        )
        if text
    ]
    if not said:
        return "How requests and connections were spread is not known: nothing reported it."
    return f"Of an even share, the busiest and the least busy replica had {formats.listing(said)}."


def _evenness(what: str, values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    if len(known) < len(values) or mean <= 0:
        return ""
    return f"{max(known) / mean:.0%} and {min(known) / mean:.0%} of the {what}"
