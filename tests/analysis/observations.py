"""Observed trials of a service whose laws are known."""

import numpy as np

from loadtests.analysis.evidence import Interval
from loadtests.analysis.observed import LEVELS, Observed
from loadtests.question import SLO, Setting, Workload

EACH_S, BESIDE = 0.0004, 0.02  # CPU of a request, and cores of a replica beside them
BASE_MIB, EACH_MIB = 60.0, 0.02  # of a replica, and of each of its connections
ALONE_MS = 4.0  # the median of an answer that waits for nobody


def seen(cpus=0.5, replicas=1, *, users=1000, key=None, noise=1.0, memory_mib=300, **more):
    """A trial as its laws have it: its CPU, its memory, and its latencies where CPU is ample."""
    setting = Setting(cpus, memory_mib, replicas)
    workload = Workload(users=users, spawn_rate=100.0)
    rps = workload.expected_rps()
    cores = (rps * EACH_S + replicas * BESIDE) * noise
    levels = (np.arange(LEVELS) + 0.5) / LEVELS
    quantiles = ALONE_MS * noise * np.exp(0.4 * (levels - 0.5))
    p95 = float(np.quantile(quantiles, 0.95))
    given = {
        "p95_ms": Interval(p95, 0.95 * p95, 1.05 * p95),
        "memory_mib": BASE_MIB + EACH_MIB * users / replicas,
        "connections": users / replicas,
        "quantiles_ms": quantiles,
    } | more
    name = key or f"{setting.label} {users}"
    return Observed(name, setting, workload, SLO(), rps, cores, **given)


def climbed(replicas, rps, *, cpus=0.1, key=None):
    """The best level of a staircase of users, all of its CPU in use."""
    setting = Setting(cpus, 200, replicas)
    name = key or f"{setting.label} climbed"
    workload = Workload(users=500, spawn_rate=100.0, think_time_s=(0.5, 1.5))
    capacity = Interval(rps, rps, 1.05 * rps)
    return Observed(name, setting, workload, SLO(), rps, setting.total_cpus, capacity_rps=capacity)
