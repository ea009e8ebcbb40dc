"""A Gaussian process over the plane of CPU and memory, asked where it is least sure of the edge.

The level is the margin at which as many trials are within the SLO as asked. The straddle heuristic
for level sets (Bryan, Schneider, Nichol, Miller, Genovese and Wasserman,
"Active learning for identifying function threshold boundaries", NIPS 2005): measure where 1.96
standard deviations reach farthest across the level. Of the plane only what can still be the answer
is asked: what costs less than the present one, and that itself.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtr, ndtri

from loadtests.comparison.axes import margin
from loadtests.comparison.problem import ASKED, Answer, SearchRun
from loadtests.question import Cost, rank
from loadtests.search.space import Space

STRADDLE = 1.96
TRIALS_AT_MOST = 25
# Of these the likeliest are taken: log CPU and log memory over which margins stay alike, and the
# standard deviation of one trial; margins are within 1 of the level.
LENGTHS = (0.2, 0.6)
NOISES = (0.2, 0.5)
_FIT_EVERY = 3  # trials

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Belief:
    """What is believed of the margin of every setting."""

    mean: Floats
    deviation: Floats
    noise: float

    @property
    def reliability(self) -> Floats:
        """The chance of one more trial of each setting to be within the SLO."""
        return np.asarray(ndtr(self.mean / np.hypot(self.deviation, self.noise)))

    @property
    def above(self) -> Floats:
        """How far each setting lies above the level: there, as many trials hold as asked."""
        return self.mean - self.noise * float(ndtri(ASKED))

    @property
    def straddle(self) -> Floats:
        """How far each setting reaches across the level; below 0: it is told from it."""
        return STRADDLE * self.deviation - np.abs(self.above)


class _Process:
    """Margins over the settings of a space, by a squared exponential of unit variance."""

    def __init__(self, space: Space) -> None:
        places = np.log([(cell.cpus, cell.memory_mib) for cell in space.cells])
        squared = (places[:, None, :] - places[None, :, :]) ** 2
        self._alike = {
            lengths: np.exp(-0.5 * (squared / np.square(lengths)).sum(axis=2))
            for lengths in product(LENGTHS, repeat=2)
        }
        self._asked: list[int] = []
        self._margins: list[float] = []
        self._fitted = (LENGTHS[1], LENGTHS[1]), NOISES[1]

    def tell(self, cell: int, told: float) -> None:
        """Learn one trial's margin."""
        self._asked.append(cell)
        self._margins.append(told)
        if len(self._asked) % _FIT_EVERY == 0:
            self._fitted = max(product(self._alike, NOISES), key=lambda fit: self._evidence(*fit))

    @property
    def trials(self) -> int:
        """How many trials it has learned from."""
        return len(self._asked)

    def belief(self) -> _Belief:
        """Return what follows for every setting."""
        lengths, noise = self._fitted
        factor = self._factor(lengths, noise)
        across = self._alike[lengths][self._asked]
        mean = across.T @ cho_solve(factor, np.array(self._margins))
        variance = 1 - (across * cho_solve(factor, across)).sum(axis=0)
        return _Belief(mean, np.sqrt(np.maximum(variance, 1e-12)), noise)

    def _factor(self, lengths: tuple[float, float], noise: float) -> tuple[Floats, bool]:
        alike = self._alike[lengths][np.ix_(self._asked, self._asked)]
        factor: tuple[Floats, bool] = cho_factor(alike + noise**2 * np.eye(len(alike)), lower=True)
        return factor

    def _evidence(self, lengths: tuple[float, float], noise: float) -> float:
        """Return the logarithm of the marginal likelihood, but for a constant."""
        factor = self._factor(lengths, noise)
        margins = np.array(self._margins)
        fit = margins @ cho_solve(factor, margins)
        return float(-0.5 * fit - np.log(np.diag(factor[0])).sum())


def level_set(search_run: SearchRun, cost: Cost) -> Answer:
    """Measure the straddling settings; answer with the cheapest above the level."""
    space = search_run.space
    cells = sorted(space.cells, key=lambda cell: rank(cell, cost))
    process = _Process(space)
    where = [space.cells.index(cell) for cell in cells]  # by cost

    def measure(nth: int) -> None:
        process.tell(where[nth], margin(search_run.trial(cells[nth])))

    asked = {len(cells) - 1, len(cells) // 2}
    for nth in sorted(asked, reverse=True):
        measure(nth)
    while True:
        belief = process.belief()
        straddle = belief.straddle[where]
        enough = np.flatnonzero(belief.above[where] >= 0)
        answer = int(enough[0]) if enough.size else len(cells) - 1
        ask = int(straddle[: answer + 1].argmax())
        if straddle[ask] < 0:
            ask = answer
        if (ask in asked and straddle[ask] < 0) or process.trials >= TRIALS_AT_MOST:
            break
        asked.add(ask)
        measure(ask)
    if not enough.size:
        return Answer(None)
    return Answer(cells[answer], float(belief.reliability[where[answer]]))
