"""The Universal Scalability Law of a service: its capacity against its number of replicas.

The law and its coefficients stand in `likelihood_region`. Least squares find it (lmfit, bounded at
what is physical). Its intervals are profile likelihoods by Student's t, and not

- estimate ± t standard errors: at a bound, where perfect scaling lies, there are none, and beside
  it they reach below zero;
- lmfit's conf_interval, which is the same profile, but needs those standard errors, and knows
  coefficients only: no capacity, gain or peak;
- a bootstrap: residuals of six points are too small by the three coefficients they were fitted
  with, and its draws pile up at the bound.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loadtests.analysis import scalability_words as words
from loadtests.analysis.capacity_point import CapacityPoint, counts_of, too_few
from loadtests.analysis.evidence import Interval
from loadtests.analysis.likelihood_region import (
    Coefficients,
    Floats,
    capacity,
    interval,
    likelihood_region,
    peak,
    relative_capacity,
)
from loadtests.analysis.scalability_fit import fit_law
from loadtests.analysis.scalability_gains import Gain, Peak
from loadtests.analysis.scalability_noise import Noise, grows_faster, noise_of
from loadtests.errors import ScalabilityError


@dataclass(frozen=True)
class Prediction:
    """What the law says of a count: its capacity in requests/s, and where one more trial falls."""

    replicas: int
    capacity: Interval  # of the law itself: what many trials would agree on
    one_trial: Interval  # that, and the noise of one trial
    beyond: bool  # below or above the counts that were measured


@dataclass(frozen=True)
class ScalabilityLaw:
    """The law that fits the points best, and all that they allow beside it, at 95%."""

    points: tuple[CapacityPoint, ...]
    best: Coefficients
    noise: Noise
    grows_faster: bool  # than the number of replicas, shown at 99%: the law has no room for that
    region: Coefficients = field(repr=False, compare=False)

    @property
    def counts(self) -> tuple[int, ...]:
        """The replica counts that were measured, the least first."""
        return counts_of(self.points)

    @property
    def lam_per_s(self) -> Interval:
        """λ: the capacity of one replica, requests/s."""
        return self._interval(lambda law: law.lam)

    @property
    def sigma(self) -> Interval:
        """σ, contention: the share of the work that waits for what all replicas share."""
        return self._interval(lambda law: law.sigma)

    @property
    def kappa(self) -> Interval:
        """κ, coherence: what each pair of replicas costs each other."""
        return self._interval(lambda law: law.kappa)

    @property
    def peak(self) -> Peak:
        """The count with the most capacity."""
        return Peak(self._interval(peak), self.counts[-1])

    @property
    def residuals_per_s(self) -> tuple[float, ...]:
        """How far each point lies above the law, requests/s, in the order of `points`."""
        return tuple(
            point.rate_per_s - float(capacity(point.replicas, self.best)) for point in self.points
        )

    @property
    def freedom(self) -> int:
        """Degrees of freedom: points less coefficients."""
        return len(self.points) - 3

    @property
    def standard_error_per_s(self) -> float:
        """The residual standard error, requests/s, all points alike."""
        return math.sqrt(sum(r**2 for r in self.residuals_per_s) / self.freedom)

    def predict(self, replicas: int) -> Prediction:
        """Return the capacity of so many replicas; raises ValueError below one."""
        found = self._interval(lambda law: capacity(_count(replicas), law))
        noise = self.noise.of_one_trial * found.estimate
        low = found.estimate - math.hypot(found.estimate - found.low, noise)
        high = found.estimate + math.hypot(found.high - found.estimate, noise)
        one = Interval(found.estimate, max(0.0, low), high)
        beyond = not self.counts[0] <= replicas <= self.counts[-1]
        return Prediction(replicas, found, one, beyond)

    def gain(self, replicas: int) -> Gain:
        """Return what the n-th replica adds to the capacity of those before it; from the 2nd on."""
        more, fewer = _count(replicas), _count(replicas - 1)
        share = self._interval(lambda law: capacity(more, law) / capacity(fewer, law) - 1)
        return Gain(replicas, share, beyond=not self.counts[0] < replicas <= self.counts[-1])

    @property
    def gains(self) -> tuple[Gain, ...]:
        """What each replica adds, from the first whose predecessors were measured to the last."""
        return tuple(self.gain(n) for n in range(self.counts[0] + 1, self.counts[-1] + 1))

    def efficiency(self, replicas: int) -> Interval:
        """Return the capacity of n replicas as a share of n times that of one."""
        n = _count(replicas)
        return self._interval(lambda law: relative_capacity(n, law.sigma, law.kappa) / n)

    def curve(self, replicas: Floats) -> tuple[Floats, Floats, Floats]:
        """Return capacity, low and high bound at many places, whole or not (requests/s)."""
        found = [self._interval(lambda law, n=n: capacity(n, law)) for n in replicas]
        low, high = (np.array([getattr(i, side) for i in found]) for side in ("low", "high"))
        return np.array([i.estimate for i in found]), low, high

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say the law, how well it fits, what each replica adds, and where it peaks."""
        most = self.counts[-1]
        last, share = self.predict(most).capacity, self.efficiency(most)
        return (
            words.fitted(self.lam_per_s, self.sigma, self.kappa, self.points),
            words.distance(self.standard_error_per_s, self.noise),
            *([words.GROWS_FASTER] if self.grows_faster else []),
            words.what_is_shown(self.sigma, self.kappa, share),
            *words.gains(self.gains, self.counts),
            self.peak.sentence,
            words.linear(last, share, self.lam_per_s, most),
        )

    def _interval(self, figure: Any) -> Interval:
        return interval(figure, self.best, self.region)


def fit_scalability(points: Sequence[CapacityPoint]) -> ScalabilityLaw:
    """Fit the law to points of at least six counts; raises ScalabilityError, naming them."""
    if why := too_few(points):
        raise ScalabilityError(why)
    ordered = tuple(sorted(points, key=lambda point: point.replicas))
    data, best = fit_law(ordered)
    noise = noise_of(data, best, ordered)
    region = likelihood_region(data, best, noise.allowed)
    return ScalabilityLaw(ordered, best, noise, grows_faster(data, best), region)


def _count(replicas: int) -> float:
    if replicas < 1:
        raise ValueError(f"a law of {replicas!r} replicas; there must be at least 1")
    return float(replicas)
