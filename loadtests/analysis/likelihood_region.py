"""Which coefficients of the scalability law the points allow: its likelihood region.

X(n) = λ n / (1 + σ (n - 1) + κ n (n - 1)): n replicas, capacity X in requests/s, λ that of one, σ
contention, κ coherence (Gunther, "A simple capacity model of massively parallel transaction
systems", CMG 1993; "Guerrilla Capacity Planning", 2007, which takes λ from one replica).

The region holds all (λ, σ, κ) whose sum of squares is at most that of the best by t² s² (Bates and
Watts, "Nonlinear Regression Analysis and Its Applications", 1988, 6.1). The least and the most of a
figure within it are its profile-likelihood interval, be it a capacity, a gain or the peak.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.analysis.evidence import Interval

Floats = NDArray[np.float64]

# What is physical: no share that waits is below none or above all; κ = 1 halves two replicas.
SIGMA_MOST = 1.0
KAPPA_MOST = 1.0

RAYS = 180  # one in two degrees of the ellipse that the region would be if the law were linear
SHELLS = 12  # samples on each ray: the extremes of λ lie within the region
_ZERO = 1e-12  # what rounding leaves where a ray ends at a bound of 0
_SLACK = 1e-9
_FIRST_REACH = 2.0**-6  # of that ellipse; doubled until the ray has left the region
_HALVINGS = 20


@dataclass(frozen=True)
class Coefficients:
    """λ in requests/s, σ and κ without unit: numbers, or arrays of one shape."""

    lam: Any
    sigma: Any
    kappa: Any


@dataclass(frozen=True)
class Data:
    """Replica counts, capacities (requests/s) and weights (1/variance), arrays of one length."""

    counts: Floats
    rates: Floats
    weights: Floats

    def squares(self, of: Coefficients) -> float:
        """Return the weighted sum of squares of the residuals from a law."""
        residuals = self.rates - capacity(self.counts, of)
        return float((self.weights * residuals**2).sum())


def relative_capacity(counts: Any, sigma: Any, kappa: Any) -> Any:
    """Return X(n) / λ: how many times one replica's capacity that of n is."""
    return counts / (1 + sigma * (counts - 1) + kappa * counts * (counts - 1))


def capacity(counts: Any, of: Coefficients) -> Any:
    """Return X(n) in requests/s."""
    return of.lam * relative_capacity(counts, of.sigma, of.kappa)


def peak(of: Coefficients) -> Any:
    """Return the count of the most capacity, sqrt((1 - σ) / κ): at least 1, inf where κ is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt((1 - np.asarray(of.sigma, float)) / np.asarray(of.kappa, float))
    return np.where(np.isnan(found), np.inf, np.maximum(found, 1.0))


def interval(
    figure: Callable[[Coefficients], Any], best: Coefficients, region: Coefficients
) -> Interval:
    """Return a figure of the best law, with its least and most in the region."""
    estimate, seen = float(figure(best)), figure(region)
    return Interval(
        estimate, min(float(np.min(seen)), estimate), max(float(np.max(seen)), estimate)
    )


def likelihood_region(data: Data, best: Coefficients, allowed: float) -> Coefficients:
    """Sample the laws whose sum of squares exceeds that of the best by `allowed` at most.

    Of each σ and κ the sum is a parabola in λ. So rays are sent from the best (σ, κ), cut where
    they leave the region or what is physical, and on each λ takes both of its ends.
    """
    most = data.squares(best) + allowed
    at = np.array([best.sigma, best.kappa])
    ways = _ways(data, best) * np.sqrt(allowed)
    reach = _reach(data, at, ways, most)
    shells = np.linspace(0, 1, SHELLS + 1)
    places = at + (reach[:, None] * shells)[..., None] * ways[:, None, :]
    places = np.clip(places.reshape(-1, 2), 0, (SIGMA_MOST, KAPPA_MOST))
    places[places < _ZERO] = 0
    places = np.vstack([places, [0.0, 0.0]])  # linear scaling, which lies between two rays
    lam, squares, curvature = _profile(data, places)
    inside = squares <= most * (1 + _SLACK)
    half = np.sqrt(np.maximum(most - squares, 0) / curvature)[inside]
    lam, (sigma, kappa) = lam[inside], np.tile(places[inside].T, 2)
    return Coefficients(np.concatenate([lam - half, lam + half]), sigma, kappa)


def _ways(data: Data, best: Coefficients) -> Floats:
    """Return directions (rays x 2) whose unit is the ellipse of the law made linear."""
    n = data.counts
    below = 1 + best.sigma * (n - 1) + best.kappa * n * (n - 1)
    by_lam = n / below
    by_sigma = -best.lam * n * (n - 1) / below**2
    slopes = np.column_stack([by_lam, by_sigma, by_sigma * n]) * np.sqrt(data.weights)[:, None]
    # The inverse by its triangle: squaring the slopes first would lose half of the digits.
    inverse = np.linalg.inv(np.linalg.qr(slopes, mode="r"))
    covariance = inverse @ inverse.T
    angle = 2 * np.pi * np.arange(RAYS) / RAYS
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(circle @ np.linalg.cholesky(covariance[1:, 1:]).T)


def _reach(data: Data, at: Floats, ways: Floats, most: float) -> Floats:
    """Return how far each ray goes, in its own unit, until it leaves the region."""
    ends = np.where(ways > 0, np.array([SIGMA_MOST, KAPPA_MOST]) - at, -at)
    with np.errstate(divide="ignore", invalid="ignore"):
        walls = np.where(ways == 0, np.inf, ends / ways).min(axis=1)

    def inside(reach: Floats) -> NDArray[np.bool_]:
        return _profile(data, at + reach[:, None] * ways)[1] <= most

    low, high = np.zeros(RAYS), np.minimum(_FIRST_REACH, walls)
    within = inside(high)
    while (going := within & (high < walls)).any():
        low = np.where(going, high, low)
        high = np.where(going, np.minimum(2 * high, walls), high)
        within = inside(high)
    stopped = within  # by a wall, where it still was within the region
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        within = inside(middle)
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return np.where(stopped, walls, low)


def _profile(data: Data, places: Floats) -> tuple[Floats, Floats, Floats]:
    """Return of each (σ, κ), rows of places, the best λ, its sum of squares and its curvature."""
    shape = relative_capacity(data.counts, places[:, :1], places[:, 1:])
    curvature = (data.weights * shape**2).sum(axis=1)
    lam = (data.weights * data.rates * shape).sum(axis=1) / curvature
    residuals = data.rates - lam[:, None] * shape
    return lam, (data.weights * residuals**2).sum(axis=1), curvature
