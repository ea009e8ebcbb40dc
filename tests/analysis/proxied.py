"""Trials behind a proxy, synthetic as `records` has them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.question import Balancing
from loadtests.record import ProxiedReplica, ProxyReport

CONTAINER = "trial-proxy"


def behind(
    given: Evidence,
    *,
    cores: float = 0.1,
    balancing: Balancing = Balancing.LEAST_CONNECTIONS,
    requests: Sequence[int] | None = None,
    failed: tuple[int, int] = (0, 0),
    downs: int = 0,
    **told: Any,
) -> Evidence:
    """Return a trial with a proxy in front of its replicas, which used so many cores.

    `requests` are those that it sent to each replica, by default as many to each; `failed` are
    connections and answers of the first replica that failed.
    """
    trial = given.trial
    each = len(given.requests) // len(trial.replicas)
    sent = requests or [each] * len(trial.replicas)
    replicas = tuple(
        ProxiedReplica(
            replica.name, count, 40, max(0, count - 40), 9, *(failed if not n else (0, 0)), downs
        )
        for n, (replica, count) in enumerate(zip(trial.replicas, sent, strict=True))
    )
    usual = {
        "memory_peak_mib": 60.0,
        "cpu_s": 5.0,
        "version": "2.6.12",
        "threads": 2,
        "requests": sum(sent),
        "connections_peak": trial.question.workload.users,
        "connections_limit": 2 * trial.question.workload.users,
        "queued_peak": 0,
        "replicas": replicas,
    }
    report = ProxyReport("HAProxy", CONTAINER, "sha256:1", **{**usual, **told})
    rows = given.docker_stats[given.docker_stats["role"] == "generator"].copy()
    rows = rows.assign(container=CONTAINER, role="proxy", cpu_cores=cores)
    stats = pd.concat([given.docker_stats, rows], ignore_index=True)
    target = replace(trial.target, balancing=balancing)
    return replace(given, docker_stats=stats, trial=replace(trial, proxy=report, target=target))
