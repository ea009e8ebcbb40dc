"""When requests of an open load are meant to be sent: a rate over time, and arrivals drawn from it.

Poisson arrivals of a changing rate are those of rate 1, on a clock that runs as fast as the rate
says (Cinlar, "Introduction to Stochastic Processes", 1975, 4.7); constant ones are the whole
numbers on that clock.
"""

import math
import random
from dataclasses import dataclass

POISSON = "poisson"
CONSTANT = "constant"


@dataclass(frozen=True)
class RateRamp:
    """A rate (1/s) that goes from one value to another in a straight line, and stays there."""

    start_s: float
    seconds: float  # of the way from the one to the other; 0 is at once
    from_per_s: float
    to_per_s: float

    def rate_per_s(self, at_s: float) -> float:
        """Return the rate at a moment."""
        if self.seconds <= 0:
            return self.to_per_s if at_s >= self.start_s else self.from_per_s
        done = min(1.0, max(0.0, (at_s - self.start_s) / self.seconds))
        return self.from_per_s + done * (self.to_per_s - self.from_per_s)

    def expected(self, until_s: float) -> float:
        """Return how many arrivals are expected from the start to a moment; none before it."""
        passed_s = max(0.0, until_s - self.start_s)
        on_ramp_s = min(passed_s, self.seconds)
        mean_per_s = (self.from_per_s + self.rate_per_s(self.start_s + on_ramp_s)) / 2
        return on_ramp_s * mean_per_s + (passed_s - on_ramp_s) * self.to_per_s

    def time_of(self, arrivals: float) -> float:
        """Return when so many are expected to have come: the inverse of `expected`."""
        of_ramp = self.seconds * (self.from_per_s + self.to_per_s) / 2
        if arrivals >= of_ramp:
            return self.start_s + self.seconds + (arrivals - of_ramp) / self.to_per_s
        if arrivals <= 0:
            return self.start_s
        # The root x of (to - from) x^2 / (2 seconds) + from x - arrivals, in the form to which a
        # flat ramp is no exception.
        steeper = 2 * arrivals * (self.to_per_s - self.from_per_s) / self.seconds
        root = math.sqrt(max(0.0, self.from_per_s**2 + steeper))
        return self.start_s + 2 * arrivals / (self.from_per_s + root)


class Schedule:
    """The arrivals one after the other, the same for the same seed and ramps."""

    def __init__(self, kind: str, seed: int) -> None:
        """Begin with a rate of 0. Raises ValueError for a kind that there is not."""
        if kind not in (POISSON, CONSTANT):
            raise ValueError(f"arrivals are {kind!r}; they must be {POISSON} or {CONSTANT}")
        # Of its own, so that what a script draws moves no arrival.
        self._random = random.Random(seed) if kind == POISSON else None  # noqa: S311
        self._ramp = RateRamp(0.0, 0.0, 0.0, 0.0)
        self._last_s = 0.0

    def change(self, start_s: float, rate_per_s: float, seconds: float) -> None:
        """Let the rate become another from a moment on, over so many seconds.

        An arrival that was drawn already stays where it is.
        """
        self._ramp = RateRamp(start_s, seconds, self._ramp.rate_per_s(start_s), rate_per_s)
        self._last_s = max(self._last_s, start_s)

    def next_s(self) -> float:
        """Return the moment of the next arrival, on the clock of `change`."""
        between = 1.0 if self._random is None else self._random.expovariate(1.0)
        self._last_s = self._ramp.time_of(self._ramp.expected(self._last_s) + between)
        return self._last_s


class Turns:
    """Every so many-th arrival of a schedule: what one of several processes sends of one load.

    All have the same schedule and take turns, so that together they send its arrivals, each once.
    """

    def __init__(self, schedule: Schedule, first: int, every: int) -> None:
        """Take turns with `every` in all, after `first` others."""
        self._schedule, self._skipped, self._every = schedule, first, every

    def change(self, start_s: float, rate_per_s: float, seconds: float) -> None:
        """Let the rate of the whole load become another; see `Schedule.change`."""
        self._schedule.change(start_s, rate_per_s, seconds)

    def next_s(self) -> float:
        """Return the moment of the next arrival that is this process's."""
        for _ in range(self._skipped):
            self._schedule.next_s()
        self._skipped = self._every - 1
        return self._schedule.next_s()
