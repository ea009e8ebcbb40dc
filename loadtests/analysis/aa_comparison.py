"""The same setting measured twice: whatever differs between the two is noise.

A method that finds differences where there are none finds them everywhere. So pairs of trials of
one setting are compared as two settings would be, and "different" must come out about as often as
its 5% of error allows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.intervals import (
    BATCHES,
    CONFIDENCE,
    percentile_interval,
    share_interval,
    standard_error,
)
from loadtests.analysis.latency import Ints, counts, percentile, slow_counts, steady_sample

PERCENT = 95.0
# More claims than this come by chance in 2 of 100 comparisons of equals.
CHANCE = 0.98
# Half the degrees of freedom of a pair lie in each trial's batch means.
DIFFERENCE_T = float(stats.t.ppf((1 + CONFIDENCE) / 2, 2 * (BATCHES - 1)))


@dataclass(frozen=True)
class Pair:
    """Two trials of one setting, compared."""

    p95_ms: tuple[Interval, Interval]  # of A and of B
    slow_share: tuple[Interval, Interval]
    share_differs: bool  # claimed at 95%, of the share of slow requests
    p95_differs: bool  # claimed at 95%

    @property
    def distance(self) -> float:
        """|A - B| / mean of the two p95; NaN where one was never answered."""
        a, b = (interval.estimate for interval in self.p95_ms)
        return abs(a - b) / ((a + b) / 2) if math.isfinite(a + b) else math.nan

    @property
    def log_ratio(self) -> float:
        """log(p95 of A / p95 of B)."""
        return math.log(self.p95_ms[0].estimate / self.p95_ms[1].estimate)

    @property
    def sentence(self) -> str:
        """What the pair says of this host's noise, for a person."""
        a, b = (formats.milliseconds(interval.estimate) for interval in self.p95_ms)
        verb = "are told apart" if self.p95_differs else "are not told apart"
        apart = f", {self.distance:.0%} apart" if math.isfinite(self.distance) else ""
        return f"one setting measured twice gave a p95 of {a} and {b}{apart}; they {verb} at 95%"


@dataclass(frozen=True)
class Agreement:
    """What all pairs say together."""

    pairs: tuple[Pair, ...]
    share_claims: int  # pairs in which a difference of the slow share was claimed
    p95_claims: int  # … of p95, by the requests of the two trials alone
    noise_claims: int  # … of p95, by the spread of the other pairs
    allowed: int  # claims that chance explains
    floor: float  # median of |A - B| / mean of p95
    floor_range: tuple[float, float]  # the middle 95% of it


def compare(a: Evidence, b: Evidence) -> Pair:
    """Compare two trials on the share of slow requests and on p95.

    p95 is compared as a share too: of the requests slower than the p95 of both trials together,
    each trial must have as many (Mood's median test, at the 95th percentile).
    """
    samples = (steady_sample(a), steady_sample(b))
    both_ms = percentile(np.concatenate([s.latency_ms for s in samples]), PERCENT)
    slow = [slow_counts(sample) for sample in samples]
    above = [counts(sample, sample.latency_ms > both_ms) for sample in samples]
    return Pair(
        p95_ms=(percentile_interval(samples[0], PERCENT), percentile_interval(samples[1], PERCENT)),
        slow_share=(share_interval(*slow[0]), share_interval(*slow[1])),
        share_differs=differ(slow[0], slow[1]),
        p95_differs=differ(above[0], above[1]),
    )


def differ(a: tuple[Ints, Ints], b: tuple[Ints, Ints]) -> bool:
    """Say whether two shares differ at 95%; marked and all requests in each second.

    A test of the difference, not two intervals that do not overlap: those claim 95% and mean more
    than 99% (Schenker & Gentleman, "On judging the significance of differences", 2001). As with
    one share both bounds must agree: the difference over its standard error from one-second
    blocks, and Fisher's exact test, since no trial knows more than as many independent requests
    would tell. Without an interval (under six seconds) no difference is claimed.
    """
    error = float(np.hypot(standard_error(*a), standard_error(*b)))
    (hits_a, all_a), (hits_b, all_b) = ((int(m.sum()), int(t.sum())) for m, t in (a, b))
    if math.isnan(error):
        return False
    apart = abs(hits_a / all_a - hits_b / all_b) > DIFFERENCE_T * error
    table = [[hits_a, all_a - hits_a], [hits_b, all_b - hits_b]]
    return apart and float(stats.fisher_exact(table).pvalue) < 1 - CONFIDENCE


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Count the claims of all pairs and take the noise floor; raises ValueError for under 6."""
    if len(pairs) < BATCHES:
        raise ValueError(f"{len(pairs)} pairs are too few; measure at least {BATCHES}")
    distances = [pair.distance for pair in pairs if math.isfinite(pair.distance)]
    low, middle, high = np.percentile(distances, [2.5, 50, 97.5]) if distances else [math.nan] * 3
    return Agreement(
        pairs=tuple(pairs),
        share_claims=sum(pair.share_differs for pair in pairs),
        p95_claims=sum(pair.p95_differs for pair in pairs),
        noise_claims=sum(_beyond_noise([p.log_ratio for p in pairs], n) for n in range(len(pairs))),
        allowed=int(stats.binom.ppf(CHANCE, len(pairs), 1 - CONFIDENCE)),
        floor=float(middle),
        floor_range=(float(low), float(high)),
    )


def _beyond_noise(log_ratios: Sequence[float], number: int) -> bool:
    """Say whether one pair is further apart than the others explain: a t interval around zero."""
    others = [ratio for n, ratio in enumerate(log_ratios) if n != number]
    if not np.isfinite(log_ratios).all():
        return False
    spread = math.sqrt(sum(ratio**2 for ratio in others) / len(others))
    limit = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(others))) * spread
    return abs(log_ratios[number]) > limit
