"""A chance that is logistic over a logarithmic axis: what is believed of its edge and its width.

Where the edge lies and how wide the curve is follow from trials by Bayes' rule on a grid.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

Floats = npt.NDArray[np.float64]

BEYOND_STEPS = 0.5  # the edge may lie so far outside of the steps, in log
EDGES = 240


@dataclass(frozen=True)
class Curve:
    """The chance to hold over a logarithmic axis: a belief about its edge and its width."""

    edges: Floats  # shape (edges, 1): where the chance is a half
    widths: Floats  # shape (1, widths)
    belief: Floats  # shape (edges, widths), sums to 1

    def chances(self, at: float) -> Floats:
        """Return the chance at a place under each edge and width."""
        chances: Floats = expit((at - self.edges) / self.widths)
        return chances

    def mean(self, at: float) -> float:
        """Return the chance at a place, over all that is believed."""
        return float((self.belief * self.chances(at)).sum())

    def at_least(self, chance: float, at: float) -> float:
        """Return how sure it is that the chance at a place is at least so high."""
        above = at - self.edges >= self.widths * logit(chance)
        return float(self.belief[above].sum())


def edges(steps: Sequence[float]) -> Floats:
    """Return where the edge may lie, as logarithms, for rising steps of an axis."""
    low, high = math.log(steps[0]) - BEYOND_STEPS, math.log(steps[-1]) + BEYOND_STEPS
    return np.linspace(low, high, EDGES)


def log_logistic(at: Floats) -> Floats:
    """Return the logarithm of the logistic function, which no distance makes infinite."""
    log_chance: Floats = np.log(expit(at) + 1e-300)
    return log_chance


def log_density(off: Floats) -> Floats:
    """Return the logarithm of the logistic density, but for its scale."""
    density: Floats = -np.abs(off) - 2 * np.log1p(np.exp(-np.abs(off)))
    return density
