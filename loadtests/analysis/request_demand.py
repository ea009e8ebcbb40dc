"""CPU that requests take of a replica, and that it takes beside them, from several trials."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from loadtests.analysis.forecast import FRESH
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.latency import Floats
from loadtests.analysis.observed import Observed

# Rates that lie closer together do not tell what is taken by request from what is taken beside.
APART = 1.5


@dataclass(frozen=True)
class Demand:
    """A replica's use of CPU, in cores: `beside` and so much a request, U = U0 + X D.

    The utilisation law (Denning & Buzen 1978) with an intercept, which Rolia & Vetland ("Parameter
    estimation for performance models of distributed application systems", 1995) regress for. What
    is taken beside requests, above all to wake up for them, is not taken once all CPU is in use.
    """

    each_s: float  # CPU seconds a request
    beside: float  # cores
    error: float  # standard deviation of one more trial's use, of its logarithm

    def cores(self, rps: float) -> float:
        """Return the cores that one replica uses at so many requests a second."""
        return self.beside + rps * self.each_s

    def wake_s(self, rps: float, threads: int = 1) -> float:
        """Return what a request that finds the replica idle takes more, in CPU seconds.

        So much that at this rate all of them together take what is taken beside requests; one in
        1 - U finds it idle, as many as the share of time that it is (arrivals by chance; of several
        threads U is the use of each).
        """
        idle = 1 - min(1.0, self.cores(rps) / threads)
        return self.beside / (rps * idle) if idle > 0 else 0.0

    @property
    def times(self) -> float:
        """By which factor one more trial's use may be more, or less, at 95%."""
        return math.exp(float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * self.error)

    def at_bounds(self) -> tuple["Demand", "Demand"]:
        """Return it so much lower and so much higher."""
        low, high = (
            Demand(self.each_s * factor, self.beside * factor, self.error)
            for factor in (1 / self.times, self.times)
        )
        return low, high


def fit_demand(trials: Sequence[Observed]) -> Demand:
    """Return the demand that fits best, by least squares of relative errors, none below zero.

    At the reference speed of the CPU. Trials that used all of their CPU tell of the request alone.
    Raises ValueError without trials.
    """
    if not trials:
        raise ValueError("a demand needs a trial")
    rates = np.array([trial.replica_rps for trial in trials])
    cores = np.array([trial.replica_cores * trial.speed for trial in trials])
    beside = np.array([0.0 if trial.is_saturated else 1.0 for trial in trials])
    by_rate = (rates / cores)[:, np.newaxis]
    with_beside = np.column_stack([by_rate, beside / cores])
    design = with_beside if _told_apart(rates, beside) else by_rate
    found, distance = optimize.nnls(design, np.ones(len(trials)))
    if found[0] == 0:  # no request takes nothing: the trials contradict such a line
        design = by_rate
        found, distance = optimize.nnls(design, np.ones(len(trials)))
    freedom = len(trials) - design.shape[1]
    deviation = float(distance) / math.sqrt(freedom) if freedom > 0 else 0.0
    # What a trial's CPU is worth drifts by so much at least, whatever a few trials show.
    error = max(deviation, FRESH) * math.sqrt(1 + design.shape[1] / len(trials))
    return Demand(float(found[0]), float(found[1]) if len(found) > 1 else 0.0, error)


def _told_apart(rates: Floats, beside: Floats) -> bool:
    """Say whether trials tell what is taken by request from what is taken beside."""
    free = rates[beside > 0]
    if 0 < len(free) < len(rates):  # some were saturated, others not
        return True
    return len(free) > 1 and bool(free.max() >= APART * free.min())
