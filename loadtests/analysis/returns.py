"""Why more replicas give less than in proportion: what a request costs, and what goes with that.

Each replica is a process that sleeps until something comes. Where requests come so thick that
several wait when it wakes, one wake-up (a switch to it and back, the system calls around it) serves
them all; spread over more replicas the same requests find more of them asleep. How often threads
went to sleep is counted by the kernel (voluntary context switches); caches are not looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.analysis import formats
from loadtests.analysis.between_trials import (
    known_mean,
    log_interval,
    log_ratio_interval,
    mean_interval,
)
from loadtests.analysis.counters import cpu_ms_per_answer, throttled_ratio
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.latency import answered_rps
from loadtests.analysis.replica_capacity import Climb
from loadtests.analysis.replica_load import replica_loads
from loadtests.analysis.speed import relative_speed
from loadtests.analysis.staircase import at_level

LEVELS_LEAST = 3  # of a staircase that a slope is taken from
NOTABLY_THROTTLED = 0.1  # of the periods; below it next to nothing gathers
NOT_COUNTED = (
    "How often replicas were woken was not reported, so why a request costs more is not known."
)


@dataclass(frozen=True)
class RequestCost:
    """What one request took in one trial, or at one level of a staircase."""

    replicas: int
    cpu_us: float  # of all replicas, at the reference speed where that is known
    wakeups: float | None  # voluntary switches a request; None: not reported
    in_flight: float | None  # requests that waited for one replica at a time
    throttled: float | None  # share of periods, worst replica


def request_cost(evidence: Evidence) -> RequestCost | None:
    """Return what a request took in the steady state; None where its CPU was not measured."""
    cpu_ms = cpu_ms_per_answer(evidence)
    if cpu_ms is None:
        return None
    loads = replica_loads(evidence)
    switches = [load.voluntary_per_s for load in loads]
    waiting = [load.in_flight for load in loads]
    answered, woken = answered_rps(evidence), _sum(switches)
    return RequestCost(
        evidence.trial.setting.replicas,
        1000 * cpu_ms * (relative_speed(evidence) or 1.0),
        woken / answered if woken is not None and answered else None,
        None if (total := _sum(waiting)) is None else total / len(waiting),
        throttled_ratio(evidence),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


@dataclass(frozen=True)
class Returns:
    """What a request cost with each number of replicas, at the same load in all."""

    costs: Mapping[int, tuple[RequestCost, ...]]  # by the number of replicas, a cost a trial
    price_us: Interval | None  # of one wake-up a request more, between staircases; None: not known

    @property
    def compared(self) -> tuple[int, int] | None:
        """The fewest and the most replicas that have two trials; None where two counts have not."""
        often = [count for count, costs in sorted(self.costs.items()) if len(costs) > 1]
        return (often[0], often[-1]) if len(often) > 1 else None

    @property
    def times(self) -> Interval | None:
        """How many times the CPU a request takes with the most as with the fewest; None: open."""
        if self.compared is None:
            return None
        few, many = ([cost.cpu_us for cost in self.costs[count]] for count in self.compared)
        return log_ratio_interval(many, few)

    def sentences(self) -> list[str]:
        """Say how much dearer a request is, what goes with that, and what is not known."""
        if self.compared is None or self.times is None:
            return [
                "Whether a request costs more with more replicas is not known: two numbers of "
                "replicas with two trials each, of the same load, were not measured."
            ]
        return [self._dearer(*self.compared, self.times), *self._why(*self.compared)]

    def _dearer(self, few: int, many: int, times: Interval) -> str:
        each = [
            f"{_interval(log_interval([cost.cpu_us for cost in self.costs[count]]), 0)} us with "
            f"{formats.count(count, 'replica')}"
            for count in (few, many)
        ]
        told = "" if times.low > 1 or times.high < 1 else ", so the trials do not tell them apart"
        return (
            f"Under the same load a request took {each[0]} and {each[1]} of CPU: "
            f"{_interval(times, 2)} times as much{told}."
        )

    def _why(self, few: int, many: int) -> list[str]:
        woken = [known_mean([cost.wakeups for cost in self.costs[count]]) for count in (few, many)]
        if woken[0] is None or woken[1] is None:
            return [NOT_COUNTED]
        said = [
            f"Threads of the replicas went to sleep and were woken {woken[0]:.2f} times a request "
            f"with {few} and {woken[1]:.2f} times with {many}, which is {_each(woken[0])} and "
            f"{_each(woken[1])} requests per wake-up{self._batches(few, many)}."
        ]
        return [*said, self._explained(few, many, woken[1] - woken[0])]

    def _batches(self, few: int, many: int) -> str:
        waiting = [
            known_mean([cost.in_flight for cost in self.costs[count]]) for count in (few, many)
        ]
        stopped = [
            known_mean([cost.throttled for cost in self.costs[count]]) for count in (few, many)
        ]
        said = ""
        if waiting[0] is not None and waiting[1] is not None:
            said += (
                f"; {_about(waiting[0])} and {_about(waiting[1])} requests waited for one of them "
                "at a time"
            )
        few_stopped, many_stopped = stopped
        if (
            few_stopped is not None
            and many_stopped is not None
            and max(few_stopped, many_stopped) > NOTABLY_THROTTLED
        ):
            said += (
                f"; in {formats.share(few_stopped)} and {formats.share(many_stopped)} of their "
                "periods they were throttled, and what gathers meanwhile is answered at one go"
            )
        return said

    def _explained(self, few: int, many: int, more_wakeups: float) -> str:
        """Say how much of what a request costs more goes with its wake-ups."""
        cpu_us = [
            known_mean([cost.cpu_us for cost in self.costs[count]]) or 0.0 for count in (few, many)
        ]
        more_us = cpu_us[1] - cpu_us[0]
        if self.price_us is None:
            return (
                "What one wake-up costs was not measured, so how much of it is their doing, and "
                "how much that of caches and of other things, is not known."
            )
        price = f"{_interval(self.price_us, 0)} us"
        if self.price_us.low <= 0:
            return (
                "Where the number of replicas stays and the load rises, the staircases do not tell "
                f"what a wake-up costs ({price} a wake-up): how much of it is their doing is not "
                "known."
            )
        theirs = sorted(more_wakeups * bound for bound in (self.price_us.low, self.price_us.high))
        return (
            f"Where the number of replicas stays and the load rises, one wake-up a request more "
            f"went with {price} more of CPU; by that, "
            f"{more_wakeups * self.price_us.estimate:.0f} us "
            f"({theirs[0]:.0f} to {theirs[1]:.0f}) of the {more_us:.0f} us more go with wake-ups. "
            "What else adds to it, such as caches that several processes share, was not measured "
            "and is not known."
        )


def returns(trials: Sequence[Evidence], climbs: Sequence[Climb]) -> Returns:
    """Return what requests cost by trials of one load, and the price of a wake-up by staircases."""
    by_count: dict[int, list[RequestCost]] = {}
    for evidence in trials:
        cost = request_cost(evidence)
        if cost is not None:
            by_count.setdefault(cost.replicas, []).append(cost)
    slopes = [slope for climb in climbs if (slope := wakeup_price_us(climb)) is not None]
    return Returns(
        {count: tuple(costs) for count, costs in sorted(by_count.items())}, mean_interval(slopes)
    )


def wakeup_price_us(climb: Climb) -> float | None:
    """Return by how much the CPU of a request grows with its wake-ups over a staircase's levels.

    In microseconds a wake-up, by least squares. None for fewer than three levels that tell, and
    where the wake-ups are the same at all.
    """
    steps = climb.evidence.trial.steps
    costs = [cost for s in steps if (cost := request_cost(at_level(climb.evidence, s))) is not None]
    known = [(cost.wakeups, cost.cpu_us) for cost in costs if cost.wakeups is not None]
    if len(known) < LEVELS_LEAST:
        return None
    wakeups, cpu_us = np.array(known).T
    about = wakeups - wakeups.mean()
    squares = float((about**2).sum())
    return float((about * cpu_us).sum()) / squares if squares > 0 else None


def _each(wakeups: float) -> str:
    return _about(1 / wakeups) if wakeups > 0 else "many"


def _about(value: float) -> str:
    """Write a number in two digits, without an exponent."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _interval(found: Interval | None, digits: int) -> str:
    if found is None:
        return formats.NOT_MEASURED
    estimate, low, high = (f"{x:,.{digits}f}" for x in (found.estimate, found.low, found.high))
    return f"{estimate} ({low} to {high})"
