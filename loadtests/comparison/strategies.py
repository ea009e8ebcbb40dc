"""The searches that are compared: each asks its run until it knows enough, and answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from loadtests.comparison import gaussian_process
from loadtests.comparison.axes import answers_by, per_axis
from loadtests.comparison.bayesian import TRIALS_WITHOUT_GAIN, bayesian
from loadtests.comparison.gaussian_process import level_set
from loadtests.comparison.isotonic import REPLICATES, isotonic_edge
from loadtests.comparison.loss_ratio import RECOMMENDED_EXCEED_RATIO, loss_ratio_edge
from loadtests.comparison.ours import ours
from loadtests.comparison.probabilistic_bisection import SURE, TRIALS_AT_MOST, bisection_edge
from loadtests.comparison.problem import ASKED, Answer, Outcome, Problem, SearchRun
from loadtests.question import Cost, Setting, rank
from loadtests.search.knowledge import TRIALS_PER_SETTING


@dataclass(frozen=True)
class Strategy:
    """A way to search: its name, how it goes, and the search itself."""

    name: str
    how: str
    search: Callable[[SearchRun, Cost], Answer]
    reads_speed: bool = False  # of the CPU, in each trial

    def run(self, problem: Problem, cost: Cost) -> Outcome:
        """Search a problem from nothing."""
        search_run = SearchRun(problem, self.reads_speed)
        return search_run.outcome(self.search(search_run, cost))


def full_grid(search_run: SearchRun, cost: Cost) -> Answer:
    """Measure every setting."""
    for cell in search_run.space.cells:
        search_run.holds(cell)
    return search_run.least_held(cost)


def linear(search_run: SearchRun, cost: Cost) -> Answer:
    """Go up from the least CPU with all the memory, then from the least memory at that CPU."""
    per_axis(search_run, _first_upwards)
    return search_run.least_held(cost)


def binary(search_run: SearchRun, cost: Cost) -> Answer:
    """Halve the steps of CPU with all the memory, then those of memory at that CPU."""
    per_axis(search_run, _first_by_halves)
    return search_run.least_held(cost)


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


def hill_climbing(search_run: SearchRun, cost: Cost) -> Answer:
    """Begin in the middle, go up until something holds, then to the best neighbour each time.

    The best of the eight neighbours is the cheapest that holds, so they are asked from the cheapest
    up, and dearer ones than the present setting not at all.
    """
    space = search_run.space
    last = (len(space.cpus) - 1, len(space.memory_mib) - 1)
    here = (last[0] // 2, last[1] // 2)
    while not search_run.holds(space.cell(*here)):
        if here == last:
            return search_run.least_held(cost)
        here = (min(here[0] + 1, last[0]), min(here[1] + 1, last[1]))
    while (better := _best_neighbour(search_run, here, cost)) is not None:
        here = better
    return search_run.least_held(cost)


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


GRID = Strategy("full grid", "measures every setting", full_grid)
OURS = Strategy(
    "ours",
    "a live staircase forecasts the least setting; trials then confirm it and refute what is "
    "cheaper, each next trial where its failing would rule out most of what is left; those near "
    "the edge are then repeated, until it is decided which is the least that holds as reliably as "
    "asked, by a logistic curve through all trials, each at the CPU speed that the gauge read",
    ours,
    reads_speed=True,
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
    Strategy(
        "MLRsearch",
        "Multiple Loss Ratio Search (RFC 9971) on each axis, by its authors' library: a step of "
        "CPU or memory less is a larger load, the share of slow requests its loss; the duration "
        f"sum is {TRIALS_PER_SETTING} trials, of which a share of {RECOMMENDED_EXCEED_RATIO:g} may "
        "be bad, as the RFC recommends",
        answers_by(loss_ratio_edge(RECOMMENDED_EXCEED_RATIO)),
    ),
    Strategy(
        "strict MLRsearch",
        f"the same, but a share of {1 - ASKED:.1g} may be bad: no more than the reliability asked "
        "for allows",
        answers_by(loss_ratio_edge(1 - ASKED)),
    ),
    Strategy(
        "isotonic (AIPerf)",
        "margins instead of verdicts: on each axis strides that double find a bracket, an isotonic "
        "curve with monotone cubics (PCHIP) goes through the margins, and where it crosses zero "
        f"trials are repeated, {REPLICATES[0]} to {REPLICATES[1]} of a step, while Student's t "
        "interval of their margins holds zero; after the smooth-isotonic search of NVIDIA's AIPerf",
        answers_by(isotonic_edge),
    ),
    Strategy(
        "probabilistic bisection",
        "on each axis a belief about the first step that holds; each trial is made where it halves "
        "the belief, and errs with a chance that is learned at each step; ends when one step is "
        f"believed with {SURE:.0%}, after {TRIALS_AT_MOST} trials at the latest; generalised "
        "probabilistic bisection, after Rodriguez and Ludkovski (2017)",
        answers_by(bisection_edge),
    ),
    Strategy(
        "Gaussian process",
        "a Gaussian process of the margin over log CPU and log memory; measures what reaches "
        "farthest across the edge (straddle heuristic, Bryan et al. 2005) of all that may be the "
        "answer, until nothing does, in "
        f"{gaussian_process.TRIALS_AT_MOST} trials at most; answers with the cheapest setting that "
        "it gives the reliability asked for",
        level_set,
    ),
    OURS,
)
