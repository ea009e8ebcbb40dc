"""Margins, not verdicts: an isotonic curve through the trials of each axis, and where it is zero.

After the smooth-isotonic search of AIPerf (NVIDIA, version 0.13): bracket by strides that double,
pool adjacent violators, interpolate what is left by a monotone cubic (PCHIP), probe where that
crosses zero, and replicate there while the interval of the margin holds zero.
"""

import math
from collections.abc import Callable, Sequence
from statistics import mean, stdev

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression
from scipy.stats import t as student

from loadtests.comparison.axes import margin
from loadtests.comparison.problem import SearchRun
from loadtests.question import Setting

# It replicates from three trials on, and up to twenty; here a setting gets fewer, as all do.
REPLICATES = (3, 8)
_CONFIDENCE = 0.95

Margins = dict[int, list[float]]  # by step, of each of its trials


def isotonic_edge(search_run: SearchRun, axis: Sequence[Setting]) -> Setting | None:
    """Return the first step at which the curve of margins is not below zero."""
    seen: Margins = {}

    def probe(step: int) -> float:
        seen.setdefault(step, []).append(margin(search_run.trial(axis[step])))
        return seen[step][-1]

    _bracket(probe, len(axis))
    while True:
        first = _first_within(seen, len(axis))
        doubtful = [s for s in (first - 1, first) if 0 <= s < len(axis) and _is_doubtful(seen, s)]
        if not doubtful:
            return axis[first] if first < len(axis) else None
        probe(min(doubtful, key=lambda step: len(seen.get(step, []))))


def _bracket(probe: Callable[[int], float], size: int) -> None:
    """Go down from the last step by strides that double, until a trial is beyond the SLO."""
    step, stride = size - 1, 1
    while probe(step) >= 0 and step > 0:
        step, stride = max(0, step - stride), 2 * stride


def _first_within(seen: Margins, size: int) -> int:
    """Return the first step where the fitted margin is at least 0; `size` where none is."""
    steps = sorted(seen)
    means, trials = [mean(seen[s]) for s in steps], [len(seen[s]) for s in steps]
    fitted = isotonic_regression(means, weights=trials).x
    if len(steps) == 1:
        return steps[0] if fitted[0] >= 0 else size
    inner = np.arange(steps[0], steps[-1] + 1)
    within = np.flatnonzero(PchipInterpolator(steps, fitted)(inner) >= 0)
    return int(inner[within[0]]) if within.size else size


def _is_doubtful(seen: Margins, step: int) -> bool:
    """Say whether a step was not tried often enough to tell on which side of zero it is."""
    margins = seen.get(step, [])
    least, most = REPLICATES
    if len(margins) < least:
        return True
    quantile = float(student.ppf((1 + _CONFIDENCE) / 2, len(margins) - 1))
    half = quantile * stdev(margins) / math.sqrt(len(margins))
    return abs(mean(margins)) <= half and len(margins) < most
