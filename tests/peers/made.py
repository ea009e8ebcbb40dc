"""Comparisons that were never measured."""

from loadtests.peers.figures import Figure
from loadtests.peers.half import Half
from loadtests.peers.measurement import Comparison, Machine, Measurement
from loadtests.peers.tables import Column

MACHINE = Machine(2, "a CPU", 4_000, "6.1", "20.10", "3.11")
COST = Figure("cost", "ms of cost")
SPEED = Figure("speed", "a second", less_is_better=False)
HALF = Half(
    "made", "thing", ("ours", "theirs", "slow"), (COST, SPEED), (Column(COST), Column(COST, True))
)


def measured(number, contender, place=1, failed="", notes=(), **figures):
    """A contender in a round."""
    return Measurement(
        number, place, contender, "2026-11-27T10:00:00", 300.0, 0.01, figures, notes, failed
    )


def comparison(*measurements, **changes):
    """A comparison of that machine."""
    return Comparison(MACHINE, measurements=measurements, **changes)


# Three rounds of a machine that gets slower: figures drift, ratios within a round do not.
DRIFTING = comparison(
    *(measured(n, "ours", cost=1.0 * n, speed=100.0 / n) for n in (1, 2, 3)),
    *(measured(n, "theirs", cost=4.0 * n, speed=25.0 / n) for n in (1, 2, 3)),
    versions={"theirs": "them 1.2"},
    absent={"slow": "it cannot be installed"},
)
