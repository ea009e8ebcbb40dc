"""How two ways of measuring one thing compare, pair by pair: the ratio of what they gave."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE


def mean_ratio(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Return the geometric mean of second / first, with bounds by the spread of the pairs.

    The logarithms of the ratios have a t interval. Raises ValueError for fewer than two pairs, or a
    value that has no logarithm.
    """
    if len(pairs) < 2:
        raise ValueError(f"{len(pairs)} pairs tell no spread; measure at least 2")
    if any(not (0 < value < math.inf) for pair in pairs for value in pair):
        raise ValueError("a ratio is of numbers above 0")
    logs = np.log([second / first for first, second in pairs])
    middle = float(logs.mean())
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(logs) - 1)) * float(stats.sem(logs))
    return Interval(math.exp(middle), math.exp(middle - half), math.exp(middle + half))
