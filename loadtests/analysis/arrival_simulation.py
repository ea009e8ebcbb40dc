"""When the requests of very many closed users arrive at each replica, simulated.

A user asks, thinks for a time drawn between two bounds, and asks again; users come one by one at
the spawn rate. Counted are the requests of each replica in short windows of the steady state, so
that one sees how far its fullest moment lies above the mean. Answers take a time that is the same
for all: this is about what arrives, not about what a busy service makes of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loadtests.errors import QuestionError
from loadtests.question import Workload

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEADY_S = 60.0
WINDOW_S = 0.1  # a CPU quota's period
USERS_AT_ONCE = 2**18  # whose times are held at a time: some 20 MB
REPLICAS_AT_ONCE = 2**10  # whose windows are: 5 MB a minute
# After so many cycles the start of a user is forgotten: of what is left of it at think times of 5
# to 15 s, a part in 10^7 (it decays with 2 pi^2 variance / mean^3, Cox, "Renewal Theory", 1962).
# Where they hardly vary it is the spawning over many cycles that spreads users evenly.
CYCLES_TO_FORGET = 10


@dataclass(frozen=True)
class Arrivals:
    """The requests of a steady minute, by replica and window, and where they crowd."""

    users: int
    replicas: int
    window_s: float
    rps: float  # of all replicas together, mean
    cells: Ints  # [k]: in how many windows of a replica k requests came
    fullest_window: int  # most requests that came to one replica in one window
    fullest_second: int  # in one second
    fullest_replica: int  # in the whole time
    steady_s: float

    @property
    def mean_per_window(self) -> float:
        """Mean requests of one replica in a window."""
        return self.rps * self.window_s / self.replicas

    @property
    def window_peak(self) -> float:
        """The fullest window of any replica, over the mean."""
        return self.fullest_window / self.mean_per_window

    @property
    def second_peak(self) -> float:
        """The fullest second of any replica, over the mean."""
        return self.fullest_second * self.replicas / self.rps

    @property
    def replica_peak(self) -> float:
        """The busiest replica over the whole time, over the mean."""
        return self.fullest_replica * self.replicas / (self.rps * self.steady_s)

    @property
    def variance_per_window(self) -> float:
        """Variance of the requests of one replica in a window."""
        counts = np.arange(len(self.cells))
        mean = float((counts * self.cells).sum() / self.cells.sum())
        return float(((counts - mean) ** 2 * self.cells).sum() / self.cells.sum())


def simulate_arrivals(
    workload: Workload,
    replicas: int,
    rng: np.random.Generator,
    *,
    evenly: bool = True,
    response_s: float = 0.0,
    steady_s: float = STEADY_S,
    window_s: float = WINDOW_S,
) -> Arrivals:
    """Simulate a steady state of closed users behind a balancer of connections.

    `evenly`: connections go to the replicas by turns; else each to one drawn at random, as DNS
    does. The steady state is a whole number of seconds, a second one of windows. Time grows with
    users, memory only with the chunks. Raises QuestionError for an open load, whose arrivals are
    given, and for fewer users than replicas.
    """
    if workload.is_open:
        raise QuestionError(
            "the arrivals of an open load are what was asked; simulate closed users"
        )
    if not 1 <= replicas <= workload.users:
        raise QuestionError(
            f"replicas is {replicas!r}; it must be from 1 to the {workload.users:,} users"
        )
    windows, each_s = round(steady_s / window_s), round(1 / window_s)
    shares = _shares(workload.users, replicas, rng, evenly)
    total, fullest = 0, np.zeros(3, np.int64)
    cells = np.zeros(1, np.int64)
    for first in range(0, replicas, REPLICAS_AT_ONCE):
        own = shares[first : first + REPLICAS_AT_ONCE]
        counts = np.zeros(len(own) * windows, np.int64)
        for users, replica in _users(own, first, replicas, workload.users, rng, evenly):
            seen = _requests(workload, users, replica, rng, response_s, steady_s)
            for place, time_s in seen:
                at = place * windows + np.minimum((time_s / window_s).astype(np.int64), windows - 1)
                counts += np.bincount(at, minlength=len(counts))
        by_window = counts.reshape(len(own), windows)
        by_second = by_window.reshape(len(own), -1, each_s).sum(axis=2)
        by_replica = by_window.sum(axis=1)
        fullest = np.maximum(fullest, [by_window.max(), by_second.max(), by_replica.max()])
        total += int(by_replica.sum())
        cells = _added(cells, np.bincount(counts))
    return Arrivals(
        users=workload.users,
        replicas=replicas,
        window_s=window_s,
        rps=total / steady_s,
        cells=cells,
        fullest_window=int(fullest[0]),
        fullest_second=int(fullest[1]),
        fullest_replica=int(fullest[2]),
        steady_s=steady_s,
    )


def _shares(users: int, replicas: int, rng: np.random.Generator, evenly: bool) -> Ints:
    """Return how many users each replica has."""
    if evenly:
        return users // replicas + (np.arange(replicas) < users % replicas).astype(np.int64)
    return rng.multinomial(users, np.full(replicas, 1 / replicas)).astype(np.int64)


def _users(
    own: Ints, first: int, replicas: int, users: int, rng: np.random.Generator, evenly: bool
) -> Iterator[tuple[Floats, Ints]]:
    """Yield, a chunk at a time, which users (in the order they came) are at which of `own`.

    By turns user i is at replica i modulo their number; at random any may be anywhere.
    """
    ends = np.cumsum(own)
    for begin in range(0, int(ends[-1]), USERS_AT_ONCE):
        number = np.arange(begin, min(begin + USERS_AT_ONCE, int(ends[-1])))
        replica = np.searchsorted(ends, number, side="right")
        if evenly:
            turn = number - (ends - own)[replica]
            yield (first + replica + replicas * turn).astype(np.float64), replica
        else:
            yield users * rng.random(len(number)), replica


def _requests(
    workload: Workload,
    users: Floats,
    replica: Ints,
    rng: np.random.Generator,
    response_s: float,
    steady_s: float,
) -> Iterator[tuple[Ints, Floats]]:
    """Yield the replica and time (s) of each request of a steady state, one round at a time."""
    low_s, high_s = (bound + response_s for bound in workload.think_time_s)
    age_s = workload.ramp_up_s + workload.warm_up_s - users / workload.spawn_rate
    time_s = -age_s  # of the first request, counted from the beginning of the steady state
    old = age_s > CYCLES_TO_FORGET * (low_s + high_s) / 2
    # What is left of the cycle that a moment falls into: longer ones are met more often.
    met_s = np.sqrt(low_s**2 + (high_s**2 - low_s**2) * rng.random(int(old.sum())))
    time_s[old] = met_s * rng.random(len(met_s))
    while len(time_s):
        going_on = time_s < steady_s
        time_s, replica = time_s[going_on], replica[going_on]
        inside = time_s >= 0
        yield replica[inside], time_s[inside]
        time_s = time_s + low_s + (high_s - low_s) * rng.random(len(time_s))


def _added(one: Ints, other: Ints) -> Ints:
    """Return the sum of two counts of which one may be longer."""
    total = np.zeros(max(len(one), len(other)), np.int64)
    total[: len(one)] += one
    total[: len(other)] += other
    return total
