"""How sure a share or a percentile is, when requests in a queue are correlated.

Two bounds are taken and the wider one counts:

- over time: the steady state is cut into one-second blocks. Their variance is taken twice, by
  batch means (Schmeiser, "Batch size effects in the analysis of simulation output", 1982) and
  corrected for the first autocorrelation (Law, "Simulation Modeling and Analysis", 4.4), and
  the larger is used with Student's t. On 30 seconds this covers better than a moving-block
  bootstrap, whose six blocks make too small a variance and have no t to answer for it (simulated:
  93% against 79% at a nominal 95% with a correlation of 0.5 between seconds).
- over requests: no trial knows more than that many independent requests would tell (Clopper and
  Pearson 1934). Its upper bound is MLPerf LoadGen's early-stopping rule, so a verdict `holds`
  never stands on fewer requests than that rule asks for.
"""

import math
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from scipy import special, stats

from loadtests.analysis.cut_off import felt_percentile
from loadtests.analysis.evidence import Interval
from loadtests.analysis.latency import Floats, Ints, SteadySample
from loadtests.analysis.remembered import of_latest

CONFIDENCE = 0.95  # two-sided; the usual choice, and the report says so
# Few long batches beat many short ones when seconds are correlated: in simulation six covered
# 93% (correlation 0.5) and 86% (0.8) of 30 s; ten batches of 3 s without correction 86% and 66%.
BATCHES = 6
T_OF_BATCHES = float(stats.t.ppf((1 + CONFIDENCE) / 2, BATCHES - 1))
MAX_CORRELATION = 0.9  # beyond it 30 s carry less than two independent values


def minimum_requests(misses: int, percentile: float = 0.99, confidence: float = 0.99) -> int:
    """Return how many independent requests prove a percentile in spite of some misses.

    The least n with P(at most `misses` of n are slow | share slow = 1 - percentile)
    <= 1 - confidence, which is I_percentile(n - misses, misses + 1), the regularised incomplete
    beta function. Source: MLPerf LoadGen, early_stopping.cc, tolerance 0. A two-sided 95% bound
    as used for `holds` is its rule at a confidence of 0.975.
    Raises ValueError when misses is negative or a share is not between 0 and 1.
    """
    if misses < 0 or not 0 < percentile < 1 or not 0 < confidence < 1:
        raise ValueError("misses must be >= 0, percentile and confidence between 0 and 1")
    low, high = 0, 1  # hits: low is too few, high is enough
    while special.betainc(high, misses + 1, percentile) > 1 - confidence:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if special.betainc(middle, misses + 1, percentile) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high + misses


def independent_bounds(marked: float, total: float) -> tuple[float, float]:
    """Return the bounds of a share if requests were independent (Clopper and Pearson 1934).

    Counts need not be whole: those of an effective sample size are not.
    """
    if total == 0:
        return 0.0, 1.0
    # scipy.stats.binomtest finds the same roots in 5 ms a call where this takes 0.01 ms; a trial's
    # percentile asks some 20 times (130 ms against 13 ms).
    tail = (1 - CONFIDENCE) / 2
    low = special.betaincinv(marked, total - marked + 1, tail) if marked else 0.0
    high = special.betaincinv(marked + 1, total - marked, 1 - tail) if marked < total else 1.0
    return float(low), float(high)


def standard_error(marked: Ints, total: Ints) -> float:
    """Return the standard error of sum(marked) / sum(total) over one-second blocks.

    Two arrays of one length, one entry a second. NaN for fewer than six seconds or no requests.
    """
    size, requests = len(total), int(total.sum())
    if size < BATCHES or requests == 0:
        return math.nan
    # A ratio's influence values (Cochran, "Sampling Techniques", 2.11); their mean is zero.
    share = marked.sum() / requests
    values = (marked - share * total) / (requests / size)
    means = np.array([batch.mean() for batch in np.array_split(values, BATCHES)])
    by_batches = means.var(ddof=1) / BATCHES
    return math.sqrt(max(by_batches, _corrected_variance(values)))


def _corrected_variance(values: Floats) -> float:
    """Return the variance of a mean of values with a first-order autocorrelation."""
    size, squares = len(values), float((values**2).sum())
    if squares == 0:
        return 0.0
    seen = float((values[1:] * values[:-1]).sum()) / squares
    # A short series shows too little correlation (Kendall 1954: bias -(1 + 4 rho) / n).
    rho = min(max((size * seen + 1) / (size - 4), 0.0), MAX_CORRELATION)
    return squares / (size - 1) / size * (1 + rho) / (1 - rho)


def share_interval(marked: Ints, total: Ints) -> Interval:
    """Return a share with its 95% bounds, from marked and all requests in each second.

    Fewer than six seconds, or none with requests, leave it open: bounds 0 and 1.
    """
    hits, requests = int(marked.sum()), int(total.sum())
    estimate = hits / requests if requests else math.nan
    error = standard_error(marked, total)
    if math.isnan(error):
        return Interval(estimate, 0.0, 1.0)
    low, high = independent_bounds(hits, requests)
    half = T_OF_BATCHES * error
    return Interval(
        estimate, max(0.0, min(low, estimate - half)), min(1.0, max(high, estimate + half))
    )


@of_latest
def percentile_interval(
    sample: SteadySample, percent: float, pivot_ms: float = math.inf
) -> Interval:
    """Return a percentile of the steady state's latencies in ms with its 95% bounds.

    The bounds turn the test of a share around: they are the latencies, among those seen, at which
    the share of slower requests begins and ceases to be possibly what the percentile allows. The
    search starts at pivot_ms, so that there the bounds say exactly what `share_interval` says.
    A bound that only failures reach is inf; NaN without requests.
    """
    estimate = felt_percentile(sample, percent)
    if math.isnan(estimate):
        return Interval(math.nan, math.nan, math.nan)
    allowed, size = 1 - percent / 100, sample.seconds
    order = np.argsort(sample.latency_ms)
    # Slower than a place are all from the next one on, so that few are counted near the top.
    slowest, seconds = sample.latency_ms[order], sample.second[order]
    ends = np.append(np.flatnonzero(slowest[1:] != slowest[:-1]) + 1, len(slowest))[: len(slowest)]
    seen, total = slowest[ends - 1], np.bincount(sample.second, minlength=size)

    def slower(place: int) -> Interval:
        return share_interval(np.bincount(seconds[ends[place] :], minlength=size), total)

    pivot = int(np.searchsorted(seen, pivot_ms, side="right")) - 1
    low = _first(len(seen), pivot, lambda place: slower(place).low <= allowed)
    high = _first(len(seen), pivot, lambda place: slower(place).high <= allowed)
    lowest = float(seen[low]) if low < len(seen) else math.inf
    highest = float(seen[high]) if high < len(seen) else math.inf
    return Interval(estimate, min(lowest, estimate), max(highest, estimate))


def _first(size: int, pivot: int, holds: Callable[[int], bool]) -> int:
    """Return the first place from which on `holds`, asking at the pivot first; size: nowhere."""
    begin, end = 0, size
    if 0 <= pivot < size:
        begin, end = (0, pivot) if holds(pivot) else (pivot + 1, size)
    return bisect_left(range(size), True, begin, end, key=holds)
