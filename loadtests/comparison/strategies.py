"""The searches that are compared: each asks an inquiry until it knows enough.

All ask an undecided setting again, up to three times in all, and answer with the cheapest setting
that their own trials show to hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from loadtests.comparison.bayesian import TRIALS_WITHOUT_GAIN, bayesian
from loadtests.comparison.problem import Ground, Inquiry, Outcome
from loadtests.question import Cost, Setting, rank
from loadtests.search.budget import Budget
from loadtests.search.minimum import decide


@dataclass(frozen=True)
class Strategy:
    """A way to search: its name, how it goes, and the search itself."""

    name: str
    how: str
    search: Callable[[Inquiry, Cost], None]

    def run(self, ground: Ground, cost: Cost) -> Outcome:
        """Search a ground from nothing."""
        inquiry = Inquiry(ground)
        self.search(inquiry, cost)
        return inquiry.outcome(cost)


def full_grid(inquiry: Inquiry, _: Cost) -> None:
    """Measure every setting."""
    for cell in inquiry.space.cells:
        inquiry.holds(cell)


def linear(inquiry: Inquiry, _: Cost) -> None:
    """Go up from the least CPU with all the memory, then from the least memory at that CPU."""
    _per_axis(inquiry, _first_upwards)


def binary(inquiry: Inquiry, _: Cost) -> None:
    """Halve the steps of CPU with all the memory, then those of memory at that CPU."""
    _per_axis(inquiry, _first_by_halves)


_First = Callable[[Inquiry, Sequence[Setting]], Setting | None]


def _per_axis(inquiry: Inquiry, first: _First) -> None:
    space = inquiry.space
    top = len(space.memory_mib) - 1
    found = first(inquiry, [space.cell(cpu, top) for cpu in range(len(space.cpus))])
    if found is not None:
        cpu, _ = space.steps(found)
        first(inquiry, [space.cell(cpu, memory) for memory in range(len(space.memory_mib))])


def _first_upwards(inquiry: Inquiry, axis: Sequence[Setting]) -> Setting | None:
    return next((cell for cell in axis if inquiry.holds(cell)), None)


def _first_by_halves(inquiry: Inquiry, axis: Sequence[Setting]) -> Setting | None:
    low, high = 0, len(axis)  # the first that holds is one of low..high; len(axis): none
    while low < high:
        middle = (low + high) // 2
        if inquiry.holds(axis[middle]):
            high = middle
        else:
            low = middle + 1
    return axis[low] if low < len(axis) else None


def hill_climbing(inquiry: Inquiry, cost: Cost) -> None:
    """Begin in the middle, go up until something holds, then to the best neighbour each time.

    The best of the eight neighbours is the cheapest that holds, so they are asked from the cheapest
    up, and dearer ones than the present setting not at all.
    """
    space = inquiry.space
    last = (len(space.cpus) - 1, len(space.memory_mib) - 1)
    here = (last[0] // 2, last[1] // 2)
    while not inquiry.holds(space.cell(*here)):
        if here == last:
            return
        here = (min(here[0] + 1, last[0]), min(here[1] + 1, last[1]))
    while (better := _best_neighbour(inquiry, here, cost)) is not None:
        here = better


def _best_neighbour(inquiry: Inquiry, here: tuple[int, int], cost: Cost) -> tuple[int, int] | None:
    space = inquiry.space
    around = [
        space.cell(here[0] + cpu, here[1] + memory)
        for cpu, memory in product((-1, 0, 1), repeat=2)
        if 0 <= here[0] + cpu < len(space.cpus) and 0 <= here[1] + memory < len(space.memory_mib)
    ]
    now = rank(space.cell(*here), cost)
    cheaper = sorted((s for s in around if rank(s, cost) < now), key=lambda s: rank(s, cost))
    best = _first_upwards(inquiry, cheaper)
    return None if best is None else space.steps(best)


def ours(inquiry: Inquiry, cost: Cost) -> None:
    """Screen with a live staircase, then confirm and refute from a cold start until proven."""
    expected = inquiry.screen()
    budget = Budget()
    while True:
        decision = decide(inquiry.space, inquiry.findings, expected, cost, budget)
        if decision.ask is None:
            return
        inquiry.measure(decision.ask)


GRID = Strategy("full grid", "measures every setting", full_grid)
OURS = Strategy(
    "ours",
    "a live staircase forecasts the least setting; cold trials then confirm it and refute what is "
    "cheaper, each next trial where its failing would rule out most of what is left",
    ours,
)
STRATEGIES = (
    GRID,
    Strategy(
        "linear",
        "from the least CPU up with all the memory, then from the least memory up at that CPU",
        linear,
    ),
    Strategy(
        "binary per axis",
        "halves the steps of CPU with all the memory, then those of memory at that CPU, as "
        "Theodolite does with one resource",
        binary,
    ),
    Strategy(
        "hill climbing",
        "from the middle up both axes until a setting holds, then to the cheapest of the eight "
        "neighbours that holds, until none is cheaper: a reading of the quick search of Triton "
        "Model Analyzer, which goes where the neighbourhood gets better and ends where it does not",
        hill_climbing,
    ),
    Strategy(
        "Bayesian (Optuna)",
        "Optuna's tree-structured Parzen estimator over the two steps, begun with the largest "
        "setting; minimises the cost of what holds, what fails counts for more than any cost; ends "
        f"after {TRIALS_WITHOUT_GAIN} settings without a gain",
        bayesian,
    ),
    OURS,
)
