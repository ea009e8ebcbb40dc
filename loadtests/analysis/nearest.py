"""Which settings are shown where they are too many: those at the edge tell the most."""

import math
from collections.abc import Collection, Sequence

from loadtests.analysis.evidence import Row
from loadtests.analysis.margins import at_slo_ms
from loadtests.question import SLO, Setting


def nearest(rows: Sequence[Row], slo: SLO, most: int, first: Collection[Setting] = ()) -> list[int]:
    """Return the places of at most so many rows, in order: those of `first`, then the nearest.

    Near is by how many times the latency that the SLO limits lies above or below its limit; a row
    without any, as of a replica that was killed, comes last.
    """

    def far(place: int) -> tuple[bool, float]:
        return rows[place].setting not in first, _apart(rows[place], slo)

    return sorted(sorted(range(len(rows)), key=far)[:most])


def _apart(row: Row, slo: SLO) -> float:
    at_ms = at_slo_ms(row, slo)
    if at_ms is None or not 0 < at_ms < math.inf:
        return math.inf
    return abs(math.log(at_ms / slo.latency_ms))
