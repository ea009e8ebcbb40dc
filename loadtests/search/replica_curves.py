"""The chance of several replicas to hold, over the CPU and over the memory of each.

What is known of one replica, shared by the law (`replica_law`), is where they begin; trials of
several then tell of the law, and of their own count.
"""

import math
from collections.abc import Sequence

import numpy as np

from loadtests.search.cpu_curve import (
    GAUGE_WIDTH,
    SLOW_WIDTHS,
    half_told,
    log_likelihood,
    tells_of_memory,
)
from loadtests.search.curve import Curve, Floats, log_logistic
from loadtests.search.replica_law import (
    LAW_WIDTH,
    OFF_THE_LAW,
    OVERHEADS,
    ReplicaMemory,
    base_shares,
    log_cpu_of_each,
    memory_of_each,
)
from loadtests.verdicts import Finding, Forecast, Verdict

_LEAST_BELIEF = 1e-4  # of an edge, relative to the likeliest: what is less likely is left out
# The peak that one replica showed on a staircase, its standard deviation in log memory: most need
# that, some more in fresh containers, and a cache may take what is not needed.
PEAK_ERROR = 0.04
PEAK_SHARES = (0.55, 0.25, 0.2)  # about the peak; up to COLD_MORE above it; anywhere
COLD_MORE = 0.3


def cpu_curve(
    replicas: int, memory_mib: int, one: Curve, findings: Sequence[Finding], allowed: float
) -> tuple[Curve, Floats]:
    """Return the curve over the CPU of each of several replicas, and what is believed of overheads.

    `one` is the curve of one replica with that memory, `findings` are of several replicas. A trial
    of another count tells as far as the law holds, one with other memory as far as that makes no
    difference.
    """
    marginal = one.belief.sum(axis=1)
    kept = marginal >= _LEAST_BELIEF * marginal.max()
    # Axes: edge of one replica, overhead, how far off the law this count is, width, slowness.
    edge_of_one = one.edges[kept].reshape(-1, 1, 1, 1, 1)
    overheads, law_belief = (
        np.array(column).reshape(1, -1, 1, 1, 1) for column in zip(*OVERHEADS, strict=True)
    )
    off, off_belief = (
        np.array(column).reshape(1, 1, -1, 1, 1) for column in zip(*OFF_THE_LAW, strict=True)
    )
    widths = one.widths.reshape(1, 1, 1, -1, 1)
    slow, slow_belief = (np.array(column) for column in zip(*SLOW_WIDTHS, strict=True))
    of_one = one.belief[kept].reshape(len(edge_of_one), 1, 1, -1, 1)
    log_belief = np.log(of_one + 1e-300) + np.log(law_belief * off_belief * slow_belief)
    for finding in findings:
        if finding.is_fatal or finding.trial_verdict is Verdict.INVALID:
            continue
        at = finding.setting
        edge = edge_of_one + log_cpu_of_each(at.replicas, overheads)
        luck = widths if finding.speed == 1 else np.hypot(widths, GAUGE_WIDTH)
        if at.replicas == replicas:
            edge = edge + off
        else:
            luck = np.hypot(luck, LAW_WIDTH)
        above = math.log(at.cpus * finding.speed) - edge
        told = log_likelihood(finding, above, luck, slow, allowed)
        if not tells_of_memory(finding, memory_mib):
            told = half_told(told)
        log_belief = log_belief + told
    belief = np.exp(log_belief - log_belief.max()).sum(axis=4)
    belief /= belief.sum()
    edges = edge_of_one + log_cpu_of_each(replicas, overheads) + off
    each = Curve(edges.reshape(-1, 1), one.widths, belief.reshape(-1, belief.shape[3]))
    return each, belief.sum(axis=(0, 2, 3))


def memory_curve(
    replicas: int,
    cpus: float,
    one: Curve,
    findings: Sequence[Finding],
    memory: ReplicaMemory | None,
    forecast: Forecast | None,
) -> Curve:
    """Return the curve over the memory of each of several replicas, with so much CPU each.

    `one` is the curve of one replica with the CPU of all of them. Who was killed with more CPU is
    killed with less, and who lived with less lives with more.
    """
    shares, share_belief = (column.reshape(1, -1, 1) for column in base_shares(memory))
    uneven = 1.0 if memory is None else memory.uneven
    edge_of_one, widths = one.edges.reshape(-1, 1, 1), one.widths.reshape(1, 1, -1)
    of_one = one.belief.reshape(len(edge_of_one), 1, -1)
    log_belief = np.log(of_one + 1e-300) + np.log(share_belief + 1e-300)
    log_belief = log_belief + np.log(_peak_belief(edge_of_one, forecast))
    for finding in findings:
        at = finding.setting
        killed = finding.oom_killed and at.total_cpus >= replicas * cpus
        lived = finding.trial_verdict is Verdict.HOLDS and at.total_cpus <= replicas * cpus
        if killed or lived:
            edge = edge_of_one + np.log(memory_of_each(at.replicas, shares, uneven) + 1e-9)
            above = math.log(at.memory_mib) - edge
            log_belief = log_belief + log_logistic((-above if killed else above) / widths)
    belief = np.exp(log_belief - log_belief.max())
    edges = edge_of_one + np.log(memory_of_each(replicas, shares, uneven) + 1e-9)
    return Curve(
        edges.reshape(-1, 1), one.widths, (belief / belief.sum()).reshape(-1, belief.shape[2])
    )


def _peak_belief(edge: Floats, forecast: Forecast | None) -> Floats:
    """Return how likely each need of memory of one replica was, by the peak that was seen."""
    if forecast is None:
        return np.ones_like(edge)
    above = edge - math.log(forecast.memory_mib)
    near = np.exp(-0.5 * (above / PEAK_ERROR) ** 2)
    cold = ((above > 0) & (above < math.log1p(COLD_MORE))).astype(np.float64)
    parts = (near, cold, np.ones_like(edge))
    belief: Floats = sum(
        share * part / max(1e-9, part.sum()) for share, part in zip(PEAK_SHARES, parts, strict=True)
    ) + np.zeros_like(edge)
    return belief
