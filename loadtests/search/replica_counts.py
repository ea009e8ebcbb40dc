"""What each number of replicas needs at least: measured, or as the law has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.question import Setting, rank
from loadtests.search.replica_standing import WORTH_A_TRIAL, Rivals, Standing
from loadtests.verdicts import Verdict

# How sure it is that a setting holds as often as asked, at the ends of what a count may need. What
# is said to be expected to hold too seldom is nowhere said to hold perhaps.
PERHAPS, LIKELY, SURELY = WORTH_A_TRIAL, 0.5, 0.95


@dataclass(frozen=True)
class CountNeeds:
    """The least setting of one number of replicas; None where no step has so much."""

    replicas: int
    held: Setting | None  # the cheapest that trials show to hold as often as asked
    expected: Setting | None  # the cheapest that sooner does than not
    perhaps: Setting | None  # the cheapest that is not ruled out
    surely: Setting | None  # the cheapest that next to certainly does


def needs_by_count(rivals: Rivals) -> list[CountNeeds]:
    """Return what every number of replicas needs, by all trials."""
    return [_needs(rivals, replicas) for replicas in rivals.says.space.replicas]


def _needs(rivals: Rivals, replicas: int) -> CountNeeds:
    of_count = sorted(
        (cell for cell in rivals.says.space.cells if cell.replicas == replicas),
        key=lambda cell: rank(cell, rivals.cost),
    )
    of_count = [cell for cell in of_count if _may_do(rivals, cell)]
    sure = {cell: rivals.says.sure(cell) for cell in of_count}
    holding = [cell for cell in of_count if cell in rivals.known.holding]
    held = holding[0] if holding else None
    return CountNeeds(
        replicas,
        held,
        held or _first(of_count, sure, LIKELY),
        _first(of_count, sure, PERHAPS),
        held or _first(of_count, sure, SURELY),
    )


def _may_do(rivals: Rivals, cell: Setting) -> bool:
    """Say whether nothing is known that speaks against a setting, by trials or by the law."""
    if cell.replicas == 1 or cell in rivals.known.holding:
        return rivals.known.verdict(cell) is not Verdict.FAILS
    return rivals.standing(cell) is Standing.NEAR


def _first(cells: Sequence[Setting], sure: dict[Setting, float], at_least: float) -> Setting | None:
    return next((cell for cell in cells if sure[cell] >= at_least), None)
