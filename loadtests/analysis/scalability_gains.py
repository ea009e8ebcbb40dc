"""What one replica more adds, and where adding stops: each with its interval, in words."""

import math
from dataclasses import dataclass

from loadtests.analysis.evidence import Interval

TEENS = range(11, 14)  # 11th, not 11st
ALIKE = 0.1  # of an interval: by so much its sides may differ to be written with ±
MOST_DIGITS = 3
_SLACK = 1e-9  # rounding never adds a step


@dataclass(frozen=True)
class Gain:
    """What the n-th replica adds, as a share of the capacity of those before it."""

    replicas: int
    share: Interval
    beyond: bool  # it, or those before it, lie outside the counts that were measured

    @property
    def linear(self) -> float:
        """What it would add if all replicas added the same."""
        return 1 / (self.replicas - 1)

    @property
    def adds(self) -> bool:
        """Whether it is shown to add anything."""
        return self.share.low > 0

    @property
    def takes(self) -> bool:
        """Whether it is shown to take some of the capacity away."""
        return self.share.high < 0

    @property
    def words(self) -> str:
        """Say it: "11% ± 4%", "11% (95% interval 3% to 13%)"."""
        return percent(self.share)


@dataclass(frozen=True)
class Peak:
    """The count with the most capacity, and the most that were measured."""

    replicas: Interval  # inf: there is none
    most_measured: int

    @property
    def is_shown(self) -> bool:
        """Whether all of its interval lies within what was measured."""
        return self.replicas.high <= self.most_measured

    @property
    def sentence(self) -> str:
        """Say where it is, or that what was measured does not tell."""
        at, most = self.replicas, self.most_measured
        about, low = f"about {at.estimate:,.0f} replicas", f"{math.floor(at.low):,}"
        high = "no end" if math.isinf(at.high) else f"{math.ceil(at.high):,}"
        between = f"95% interval {low} to {high}"
        if self.is_shown:
            return f"Capacity peaks at {about} ({between}): beyond that, more replicas answer less."
        if at.low > most:
            where = "by the law there is none" if math.isinf(at.estimate) else f"by the law {about}"
            return (
                f"Capacity still grows at the {most} replicas that were measured; a peak lies "
                f"beyond what was measured, if there is one ({where}, {between})."
            )
        if at.estimate > most:
            where = "the law has none" if math.isinf(at.estimate) else f"the law has it at {about}"
            return (
                f"No peak is shown among the counts that were measured, nor that there is none: "
                f"{where}, {between}."
            )
        return (
            f"The law has its peak at {about}, but it is not shown: its {between} reaches beyond "
            f"the {most} that were measured."
        )


def ordinal(number: int) -> str:
    """Write a place: "1st", "2nd", "13th", "22nd"."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number:,}" + ("th" if number % 100 in TEENS else ends.get(number % 10, "th"))


def percent(share: Interval) -> str:
    """Write a share with its 95% interval as percent, never narrower than it is.

    With ± where both sides are about alike, else with both bounds.
    """
    digits = _digits(share)
    estimate, unit = round(100 * share.estimate, digits), 10.0**-digits
    below, above = 100 * (share.estimate - share.low), 100 * (share.high - share.estimate)
    if abs(below - above) <= max(unit, ALIKE * (below + above)):
        half = max(100 * share.high - estimate, estimate - 100 * share.low)
        half = math.ceil(half / unit - _SLACK) * unit
        return f"{_written(estimate, digits)}% ± {_written(half, digits)}%"
    low = math.floor(100 * share.low / unit + _SLACK) * unit
    high = math.ceil(100 * share.high / unit - _SLACK) * unit
    bounds = f"{_written(low, digits)}% to {_written(high, digits)}%"
    return f"{_written(estimate, digits)}% (95% interval {bounds})"


def _digits(share: Interval) -> int:
    """Return how many decimals of a percent keep its bounds apart, and apart from zero."""
    bounds = 100 * share.low, 100 * share.high
    for digits in range(MOST_DIGITS + 1):
        unit = 10.0**-digits
        if bounds[1] - bounds[0] >= unit and all(b == 0 or abs(b) >= unit for b in bounds):
            return digits
    return 0


def _written(value: float, digits: int) -> str:
    return f"{value + 0.0:.{digits}f}"  # + 0.0: no "-0"
