"""Whether a time grows in proportion to how much there is to do: a line, or a bend in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import CONFIDENCE

LEAST_SIZES = 4  # a bend has three figures to fit, so that fewer sizes would leave nothing to judge
# Of the time at the largest size: a bend of less makes no difference to anybody who waits.
BEND = 0.1


class Shape(StrEnum):
    """What the bend of a line says."""

    LINEAR = "linear"
    FASTER = "faster than linear"
    SLOWER = "slower than linear"
    UNKNOWN = "not told"


@dataclass(frozen=True)
class Growth:
    """Seconds against a size, as fixed + each * size, and how far from that line they bend."""

    fixed_s: float  # whatever the size
    each_s: float
    largest: int  # size up to which it was measured
    bend: Interval  # what a term of the square adds at the largest, as a share of the time there

    @property
    def shape(self) -> Shape:
        """Whether it is linear: where the whole interval of the bend is within what matters."""
        if self.bend.low >= -BEND and self.bend.high <= BEND:
            return Shape.LINEAR
        if self.bend.low > 0:
            return Shape.FASTER
        return Shape.SLOWER if self.bend.high < 0 else Shape.UNKNOWN

    def at(self, size: float) -> float:
        """Return the seconds that the line gives for a size."""
        return self.fixed_s + self.each_s * size


def growth(sizes: Sequence[int], seconds: Sequence[float]) -> Growth:
    """Fit times, one a size and repeat, each by its relative error (weighted least squares).

    The bend's interval is Student's t of the square's coefficient (Draper & Smith, "Applied
    Regression Analysis", 1998, 1.4). Raises ValueError for fewer than four sizes, or five times.
    """
    if len(set(sizes)) < LEAST_SIZES or len(sizes) <= LEAST_SIZES:
        raise ValueError(
            f"{len(set(sizes))} sizes and {len(sizes)} times are too few; measure at least "
            f"{LEAST_SIZES} sizes, {LEAST_SIZES + 1} times in all"
        )
    size, taken = np.asarray(sizes, np.float64), np.asarray(seconds, np.float64)
    line, _, _ = _fitted(size, taken, 1)
    curve, covariance, freedom = _fitted(size, taken, 2)
    largest = float(size.max())
    at_largest = float(np.polynomial.polynomial.polyval(largest, curve))
    share = largest**2 / at_largest
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * float(np.sqrt(covariance[2, 2]))
    square = float(curve[2])
    bend = Interval(square * share, (square - half) * share, (square + half) * share)
    return Growth(float(line[0]), float(line[1]), int(largest), bend)


def _fitted(size: np.ndarray, taken: np.ndarray, degree: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return a polynomial's coefficients, constant first, their covariance, degrees of freedom."""
    terms = np.vander(size, degree + 1, increasing=True) / taken[:, None]
    wanted = np.ones(len(taken))
    coefficients, *_ = np.linalg.lstsq(terms, wanted, rcond=None)
    freedom = len(taken) - degree - 1
    left = wanted - terms @ coefficients
    covariance = np.linalg.pinv(terms.T @ terms) * float(left @ left) / freedom
    return coefficients, covariance, freedom
