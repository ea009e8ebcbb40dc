"""How fast and small the project is, each figure beside its limit, and two commits side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import pandas as pd

from loadtests.analysis.evidence import Interval
from loadtests.analysis.ratio import mean_ratio

Figures = Mapping[str, float]  # of one round, by key


@dataclass(frozen=True)
class Speed:
    """A figure that is to stay at or below a limit."""

    key: str
    name: str
    unit: str
    limit: float


def speed_table(
    speeds: Sequence[Speed], now: Sequence[Figures], base: Sequence[Figures] = ()
) -> pd.DataFrame:
    """Return a row for each figure that was measured, of rounds in their order.

    Values are medians. The bounds of now / base are those of the ratios within rounds.
    """
    rows = []
    for speed in speeds:
        found = [one[speed.key] for one in now if speed.key in one]
        if not found:
            continue
        row = {
            "figure": speed.name,
            "unit": speed.unit,
            "now": _shown(median(found)),
            "limit": _shown(speed.limit),
            "of the limit": f"{median(found) / speed.limit:.2f}",
        }
        if base:
            before = [one[speed.key] for one in base if speed.key in one]
            row["base"] = _shown(median(before)) if before else ""
            row["now / base"] = _ratio(_compared(speed.key, now, base))
        rows.append(row)
    return pd.DataFrame(rows)


def _compared(key: str, now: Sequence[Figures], base: Sequence[Figures]) -> Interval | None:
    """Return now / base over the rounds that have both; one round alone has no bounds."""
    pairs = [
        (before[key], after[key])
        for before, after in zip(base, now, strict=True)
        if before.get(key, 0) > 0 and after.get(key, 0) > 0
    ]
    if len(pairs) > 1:
        return mean_ratio(pairs)
    return Interval(pairs[0][1] / pairs[0][0], math.nan, math.nan) if pairs else None


def _ratio(found: Interval | None) -> str:
    if found is None:
        return ""
    alone = math.isnan(found.low)
    bounds = "" if alone else f" ({found.low:.2f}-{found.high:.2f})"
    return f"{found.estimate:.2f}{bounds}"


def _shown(value: float) -> str:
    """Return a number with three digits that count, and all of a larger one."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
