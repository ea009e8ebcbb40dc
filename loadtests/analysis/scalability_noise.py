"""How far capacities lie from the scalability law by chance, and whether by more than that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.likelihood_region import Coefficients, Data, capacity
from loadtests.analysis.scalability_fit import STEEPEST, best_law, deviations

# No capacity is known to more digits; it keeps the region of points without noise from vanishing.
FINEST = 1e-6
# A worse fit than repeats explain in 1 of 20 laws that do describe their points.
MISFIT = 0.05
# Surer than an interval, since it says that the law is wrong: at 95% it was said of 6 of 100
# invented services that scale linearly.
GROWTH = 0.99


@dataclass(frozen=True)
class Noise:
    """How far points lie from the law by chance, in units of each point's own deviation."""

    variance: float
    freedom: int  # degrees of freedom that the variance was estimated with
    deviation: float  # the unit of a typical point, as a share of its capacity
    misfit: float | None  # p of the lack-of-fit test; None: no count was measured twice

    @property
    def describes(self) -> bool:
        """Whether counts lie no farther from the law than repeats of one explain."""
        return self.misfit is None or self.misfit >= MISFIT

    @property
    def allowed(self) -> float:
        """By how much a law's sum of squares may exceed that of the best."""
        return _t(self.freedom) ** 2 * self.variance

    @property
    def of_one_trial(self) -> float:
        """How far one trial may fall from the law, at 95%, as a share of its capacity."""
        return math.sqrt(self.allowed) * self.deviation


def noise_of(data: Data, best: Coefficients, points: Sequence[CapacityPoint]) -> Noise:
    """Return the noise that the residuals show.

    Where counts lie farther from the law than repeats of one count explain (lack-of-fit test:
    Draper and Smith, "Applied Regression Analysis", 1998, 2.2), the law is wrong by itself, and all
    points of a count are wrong together: then the counts alone tell the noise. Points with
    intervals are believed to be at least as uncertain as those say (as by the scale factor of the
    Particle Data Group, "Review of Particle Physics", 2024, 5.2.2).
    """
    size = len(data.counts)
    variance, freedom = data.squares(best) / (size - 3), size - 3
    between, within, groups = _parts(data, best)
    lacking = groups - 1 - (best.sigma > 0) - (best.kappa > 0)  # what is at its bound fits nothing
    misfit = None
    if size > groups:
        mean_square = max(within / (size - groups), _finest(data) / size)
        ratio = between / lacking / mean_square
        misfit = float(stats.f.sf(ratio, lacking, size - groups))
    if misfit is not None and misfit < MISFIT:
        variance, freedom = between / (groups - 3), groups - 3
    shares = deviations(points)
    if shares is not None:
        return Noise(max(variance, 1.0), freedom, float(np.median(shares)), misfit)
    return Noise(max(variance, FINEST**2), freedom, 1.0, misfit)


def grows_faster(data: Data, best: Coefficients) -> bool:
    """Say whether capacity is shown to grow faster than the number of replicas, at 99%."""
    if best.sigma > 0:
        return False
    free = best_law(data, sigma_least=-STEEPEST / float(data.counts.max() - 1))
    squares, freedom = data.squares(free), len(data.counts) - 3
    allowed = _t(freedom, GROWTH) ** 2 * squares / freedom + _finest(data)
    return free.sigma < 0 and data.squares(best) - squares > allowed


def _t(freedom: int, confidence: float = CONFIDENCE) -> float:
    return float(stats.t.ppf((1 + confidence) / 2, freedom))


def _finest(data: Data) -> float:
    """Return the sum of squares that points known to so many digits have at the least."""
    return float((data.weights * (FINEST * data.rates) ** 2).sum())


def _parts(data: Data, best: Coefficients) -> tuple[float, float, int]:
    """Split the sum of squares: of the counts' means from the law, of repeats from their mean."""
    between = within = 0.0
    groups = np.unique(data.counts)
    for n in groups:
        of = data.counts == n
        weights, rates = data.weights[of], data.rates[of]
        mean = float(np.average(rates, weights=weights))
        within += float((weights * (rates - mean) ** 2).sum())
        between += float(weights.sum()) * (mean - float(capacity(n, best))) ** 2
    return between, within, len(groups)
