"""Capacities of invented services that scale by a known law, and one published measurement."""

from collections.abc import Sequence

import numpy as np

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.likelihood_region import Coefficients, capacity

# A Sun SPARCcenter 2000 in the SPEC SDM91 benchmark, 1994: simulated users, scripts per hour. From
# Gunther, "Guerrilla Capacity Planning" (2007), as R's package usl carries it (data specsdm91).
# Intervals of one width: usl weighs all points alike.
SPECSDM91 = tuple(
    CapacityPoint(load, throughput, throughput - 1, throughput + 1)
    for load, throughput in (
        (1, 64.9), (18, 995.9), (36, 1652.4), (72, 1853.2), (108, 1828.9), (144, 1775.0),
        (216, 1702.2),
    )
)  # fmt: skip

COUNTS = (1, 2, 3, 4, 5, 6, 7, 8)
USUAL = Coefficients(400.0, 0.05, 0.004)  # peaks at 15.4
PEAKED = Coefficients(400.0, 0.05, 0.03)  # at 5.6


def points_of(
    law: Coefficients,
    counts: Sequence[int] = COUNTS,
    noise: float = 0.0,
    repeats: int = 1,
    seed: int = 0,
    bracket: float | None = None,
) -> list[CapacityPoint]:
    """Capacities by a law, with noise as a share of each; bracket: half an interval, the same."""
    rng = np.random.default_rng(seed)
    found = []
    for count in counts:
        for factor in 1 + noise * rng.standard_normal(repeats):
            rate = float(capacity(count, law)) * factor
            bounds = () if bracket is None else (rate * (1 - bracket), rate * (1 + bracket))
            found.append(CapacityPoint(count, rate, *bounds))
    return found
