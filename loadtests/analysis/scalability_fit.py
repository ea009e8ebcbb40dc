"""The scalability law fitted by least squares, each point weighed by how far it scatters."""

from collections.abc import Sequence

import lmfit
import numpy as np
from scipy import stats

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.likelihood_region import (
    KAPPA_MOST,
    SIGMA_MOST,
    Coefficients,
    Data,
    Floats,
    capacity,
)

# Of the typical interval of a point, the least that one is believed to have: a few repeats that
# happen to agree must not outweigh all others.
NARROWEST = 0.5
# How steeply a law may grow that is let off sigma >= 0: its denominator stays above a tenth.
STEEPEST = 0.9
NORMAL = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


def fit_law(points: Sequence[CapacityPoint]) -> tuple[Data, Coefficients]:
    """Return points as arrays with their weights, and the law of the least weighted squares.

    Points that all have an interval are weighed by it. Others are taken to scatter by the same
    share of their capacity, as what disturbs them does: the steps of load are shares, and so is
    what a CPU is slower by. (R's usl takes them to scatter by the same number of requests.)
    """
    counts = np.array([float(point.replicas) for point in points])
    rates = np.array([point.rate_per_s for point in points])
    shares = deviations(points)
    if shares is not None:
        data = Data(counts, rates, (shares * rates) ** -2.0)
        return data, best_law(data)
    # By the capacities of a law: those measured would weigh what happens to be low the most.
    first = best_law(Data(counts, rates, rates**-2.0))
    data = Data(counts, rates, np.asarray(capacity(counts, first)) ** -2.0)
    return data, best_law(data)


def deviations(points: Sequence[CapacityPoint]) -> Floats | None:
    """Return the standard deviation of each point as a share of it; None: not all are known."""
    shares = [
        (point.high_per_s - point.low_per_s) / 2 / NORMAL / point.rate_per_s
        for point in points
        if point.low_per_s is not None and point.high_per_s is not None
    ]
    typical = float(np.median(shares)) if shares else 0.0
    if len(shares) < len(points) or typical == 0:
        return None
    return np.maximum(shares, NARROWEST * typical)


def best_law(data: Data, sigma_least: float = 0.0) -> Coefficients:
    """Return the λ, σ and κ of the least weighted squares, σ up to 1 and κ from 0."""
    start = _start(data)
    asked = lmfit.Parameters()
    asked.add("lam", value=start.lam, min=0)
    asked.add("sigma", value=start.sigma, min=sigma_least, max=SIGMA_MOST)
    asked.add("kappa", value=start.kappa, min=0, max=KAPPA_MOST)

    def residuals(given: lmfit.Parameters) -> Floats:
        law = Coefficients(given["lam"].value, given["sigma"].value, given["kappa"].value)
        return np.asarray(np.sqrt(data.weights) * (data.rates - capacity(data.counts, law)))

    # Dogbox ends on a bound itself, where lmfit's other methods only come near to it.
    found = lmfit.Minimizer(residuals, asked).least_squares(
        method="dogbox", x_scale="jac", ftol=1e-10, xtol=1e-10, gtol=1e-10
    )
    values = found.params.valuesdict()
    return Coefficients(values["lam"], values["sigma"], values["kappa"])


def _start(data: Data) -> Coefficients:
    """Solve n / X = (1 + σ (n - 1) + κ n (n - 1)) / λ, which is linear, weighed as X is."""
    n = data.counts
    scale = np.sqrt(data.weights) * data.rates**2 / n
    columns = np.column_stack([np.ones_like(n), n - 1, n * (n - 1)]) * scale[:, None]
    (one, by_sigma, by_kappa), *_ = np.linalg.lstsq(columns, scale * n / data.rates)
    # A tenth of the best count's share a replica at the least: a start needs only be possible.
    one = max(one, 0.1 / float((data.rates / n).max()))
    sigma = min(max(by_sigma / one, 0.0), SIGMA_MOST)
    kappa = min(max(by_kappa / one, 0.0), KAPPA_MOST)
    return Coefficients(1 / one, sigma, kappa)
