"""The searches that are compared: each asks an inquiry until it knows enough.

All ask an undecided setting again, up to three times in all, and answer with the cheapest setting
that holds by their own trials.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from loadtests.comparison.bayesian import TRIALS_WITHOUT_GAIN, bayesian
from loadtests.comparison.problem import Outcome, Problem, SearchRun
from loadtests.question import Cost, Setting, rank
from loadtests.search.budget import Budget
from loadtests.search.minimum import decide


@dataclass(frozen=True)
class Strategy:
    """A way to search: its name, how it goes, and the search itself."""

    name: str
    how: str
    search: Callable[[SearchRun, Cost], None]

    def run(self, problem: Problem, cost: Cost) -> Outcome:
        """Search a problem from nothing."""
        search_run = SearchRun(problem)
        self.search(search_run, cost)
        return search_run.outcome(cost)


def full_grid(search_run: SearchRun, _: Cost) -> None:
    """Measure every setting."""
    for cell in search_run.space.cells:
        search_run.holds(cell)


def linear(search_run: SearchRun, _: Cost) -> None:
    """Go up from the least CPU with all the memory, then from the least memory at that CPU."""
    _per_axis(search_run, _first_upwards)


def binary(search_run: SearchRun, _: Cost) -> None:
    """Halve the steps of CPU with all the memory, then those of memory at that CPU."""
    _per_axis(search_run, _first_by_halves)


_First = Callable[[SearchRun, Sequence[Setting]], Setting | None]


def _per_axis(search_run: SearchRun, first: _First) -> None:
    space = search_run.space
    top = len(space.memory_mib) - 1
    found = first(search_run, [space.cell(cpu, top) for cpu in range(len(space.cpus))])
    if found is not None:
        cpu, _ = space.steps(found)
        first(search_run, [space.cell(cpu, memory) for memory in range(len(space.memory_mib))])


def _first_upwards(search_run: SearchRun, axis: Sequence[Setting]) -> Setting | None:
    return next((cell for cell in axis if search_run.holds(cell)), None)


def _first_by_halves(search_run: SearchRun, axis: Sequence[Setting]) -> Setting | None:
    low, high = 0, len(axis)  # the first that holds is one of low..high; len(axis): none
    while low < high:
        middle = (low + high) // 2
        if search_run.holds(axis[middle]):
            high = middle
        else:
            low = middle + 1
    return axis[low] if low < len(axis) else None


def hill_climbing(search_run: SearchRun, cost: Cost) -> None:
    """Begin in the middle, go up until something holds, then to the best neighbour each time.

    The best of the eight neighbours is the cheapest that holds, so they are asked from the cheapest
    up, and dearer ones than the present setting not at all.
    """
    space = search_run.space
    last = (len(space.cpus) - 1, len(space.memory_mib) - 1)
    here = (last[0] // 2, last[1] // 2)
    while not search_run.holds(space.cell(*here)):
        if here == last:
            return
        here = (min(here[0] + 1, last[0]), min(here[1] + 1, last[1]))
    while (better := _best_neighbour(search_run, here, cost)) is not None:
        here = better


def _best_neighbour(
    search_run: SearchRun, here: tuple[int, int], cost: Cost
) -> tuple[int, int] | None:
    space = search_run.space
    around = [
        space.cell(here[0] + cpu, here[1] + memory)
        for cpu, memory in product((-1, 0, 1), repeat=2)
        if 0 <= here[0] + cpu < len(space.cpus) and 0 <= here[1] + memory < len(space.memory_mib)
    ]
    now = rank(space.cell(*here), cost)
    cheaper = sorted((s for s in around if rank(s, cost) < now), key=lambda s: rank(s, cost))
    best = _first_upwards(search_run, cheaper)
    return None if best is None else space.steps(best)


def ours(search_run: SearchRun, cost: Cost) -> None:
    """Screen with a live staircase, then confirm and refute in fresh containers until supported."""
    expected = search_run.screening()
    budget = Budget()
    while True:
        decision = decide(search_run.space, search_run.findings, expected, cost, budget)
        if decision.ask is None:
            return
        search_run.measure(decision.ask)


GRID = Strategy("full grid", "measures every setting", full_grid)
OURS = Strategy(
    "ours",
    "a live staircase forecasts the least setting; trials then confirm it and refute what is "
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
