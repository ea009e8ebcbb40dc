"""Percentiles of a steady state whose end cut off requests that were on their way."""

import math

import numpy as np

from loadtests.analysis.latency import RANK_SLACK, SteadySample, percentile


def felt_percentile(sample: SteadySample, percent: float) -> float:
    """Return a percentile of the steady state; inf where so many were never answered.

    The load's end cuts answers off that were on their way: where it is these that make a percentile
    infinite, it is taken as if each might yet have come like others of its age (Kaplan and Meier,
    "Nonparametric estimation from incomplete observations", 1958). Of a service that stood still
    it stays infinite, as none did come.
    """
    at_ms = percentile(sample.latency_ms, percent)
    if math.isfinite(at_ms) or len(sample.waiting_ms) == 0:
        return at_ms
    answered_ms = sample.latency_ms[np.isfinite(sample.latency_ms)]
    older = len(sample.latency_ms) - len(answered_ms)  # than the SLO's latency, or failed
    failed = older - int(np.count_nonzero(sample.waiting_ms > sample.limit_ms))
    times_ms = np.concatenate([answered_ms, sample.waiting_ms])
    came = np.arange(len(times_ms)) < len(answered_ms)
    order = np.lexsort((~came, times_ms))
    at_risk = len(times_ms) + failed - np.arange(len(times_ms))
    left = np.cumprod(1 - came[order] / at_risk)
    reached = np.flatnonzero(came[order] & (left <= 1 - percent / 100 + RANK_SLACK))
    return float(times_ms[order][reached[0]]) if len(reached) else math.inf
