"""How sure a figure of a setting is by its trials: intervals between trials, never within one.

What one trial's own requests say of its p95 is silent about the next trial. So each trial gives
one value, and Student's t gives the interval of their mean: of the logarithm for what differs by
factors (latency, throughput, CPU, memory), of the logit for shares.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import mean

import numpy as np
from scipy import special, stats

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.latency import Floats

# A share of none or all has no logit; it is taken as if it were half of the least that is shown.
LEAST_SHARE = 5e-5


def known_mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that were measured; None where none was."""
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def log_interval(values: Iterable[float | None], confidence: float = CONFIDENCE) -> Interval | None:
    """Return the geometric mean of positive values with its bounds; one value or more a trial.

    None for fewer than two, and where one was not measured, is not positive or has no end: a p95
    that was never reached has no logarithm, and the others alone would flatter the setting.
    """
    seen = list(values)
    if len(seen) < 2 or any(v is None or not math.isfinite(v) or v <= 0 for v in seen):
        return None
    centre, half = _mean(np.log(np.array(seen, float)), confidence)
    return Interval(*(math.exp(x) for x in (centre, centre - half, centre + half)))


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Return the mean of values with its bounds; None for fewer than two."""
    if len(values) < 2:
        return None
    centre, half = _mean(np.array(values, float), confidence)
    return Interval(centre, centre - half, centre + half)


def logit_interval(shares: Iterable[float | None]) -> Interval | None:
    """Return the mean of shares, taken as logits, with its bounds; None as of `log_interval`.

    Where every trial has the same share, none or all of it, the trials show no spread: the bounds
    are that share.
    """
    seen = list(shares)
    if len(seen) < 2 or any(v is None or math.isnan(v) for v in seen):
        return None
    values = np.array(seen, float)
    if (values == values[0]).all():
        return Interval(*[float(values[0])] * 3)
    logits = special.logit(values.clip(LEAST_SHARE, 1 - LEAST_SHARE))
    centre, half = _mean(logits, CONFIDENCE)
    return Interval(*(float(special.expit(x)) for x in (centre, centre - half, centre + half)))


def _mean(values: Floats, confidence: float) -> tuple[float, float]:
    """Return a mean and half of its interval (Student's t)."""
    freedom = len(values) - 1
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()), float(stats.t.ppf((1 + confidence) / 2, freedom)) * error


def pooled_log_intervals(groups: Sequence[Sequence[float]]) -> list[Interval | None]:
    """Return each group's geometric mean; its bounds by the spread within all groups together.

    Groups of two or three know little of their own spread; where trials of every group scatter by
    the same factor, all of them tell of it. A group of one has bounds too. None for all where no
    group has two. Raises ValueError for an empty group, or a value that is not positive.
    """
    factor = spread_factor(groups)
    if factor is None:
        return [None] * len(groups)
    found: list[Interval | None] = []
    for group in groups:
        centre = math.exp(float(np.log(np.array(group, float)).mean()))
        times = factor ** (1 / math.sqrt(len(group)))
        found.append(Interval(centre, centre / times, centre * times))
    return found


def spread_factor(groups: Sequence[Sequence[float]]) -> float | None:
    """Return by which factor one trial lies off its group's mean at most, at 95%, in all groups.

    Student's t of the pooled variance of logarithms. None where no group has two values. Raises
    ValueError for an empty group, or a value that is not positive.
    """
    if not all(len(group) and min(group) > 0 for group in groups):
        raise ValueError("every group needs values, and all of them above 0")
    logs = [np.log(np.array(group, float)) for group in groups]
    freedom = sum(len(each) - 1 for each in logs)
    if freedom == 0:
        return None
    variance = sum(float(((each - each.mean()) ** 2).sum()) for each in logs) / freedom
    times = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom))
    return math.exp(times * math.sqrt(variance))


def log_ratio_interval(
    these: Sequence[float], those: Sequence[float], confidence: float = CONFIDENCE
) -> Interval | None:
    """Return how many times as much these are as those, with bounds (Welch 1947, of logarithms).

    None where one of the two has fewer than two values, or a value that is not positive and finite.
    """
    both = [np.array(each, float) for each in (these, those)]
    if any(len(each) < 2 or not np.isfinite(each).all() or (each <= 0).any() for each in both):
        return None
    logs = [np.log(each) for each in both]
    parts = [float(each.var(ddof=1)) / len(each) for each in logs]
    centre = float(logs[0].mean() - logs[1].mean())
    if sum(parts) == 0:
        return Interval(*[math.exp(centre)] * 3)
    shares = [part**2 / (len(each) - 1) for part, each in zip(parts, logs, strict=True)]
    freedom = sum(parts) ** 2 / sum(shares)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(sum(parts))
    return Interval(*(math.exp(x) for x in (centre, centre - half, centre + half)))
