"""Under which conditions services are simulated: with how much noise, and how much drift."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loadtests.comparison.score import Attempt, Score, attempts, score
from loadtests.comparison.simulated import draw_service
from loadtests.comparison.strategies import GRID, Strategy
from loadtests.question import Cost

Scores = Mapping[str, Score]
Attempts = Mapping[str, Sequence[Attempt]]


@dataclass(frozen=True)
class Conditions:
    """So many times the usual noise of a trial, and the usual drift of the CPU's speed."""

    noise: float
    drift: float

    @property
    def label(self) -> str:
        """The conditions in words."""
        luck = "usual noise" if self.noise == 1 else f"{self.noise:g} times the noise"
        return f"{luck}, {'the CPU drifts' if self.drift else 'a CPU of even speed'}"


USUAL = Conditions(1.0, 1.0)
EVEN = Conditions(1.0, 0.0)
CONDITIONS = (USUAL, Conditions(2.0, 1.0), EVEN, Conditions(2.0, 0.0))


def simulate(
    strategies: Iterable[Strategy], seeds: Sequence[int], under: Conditions, cost: Cost
) -> Attempts:
    """Run searches on simulated services, one service after the other."""
    listed = tuple(strategies)
    made: dict[str, list[Attempt]] = {strategy.name: [] for strategy in listed}
    for seed in seeds:
        service = draw_service(seed, under.noise, under.drift)
        for name, attempt in attempts(listed, service, cost).items():
            made[name].append(attempt)
    return made


def summed_up(made: Attempts) -> Scores:
    """Return the score of every search; the full grid has to be among them."""
    return {name: score(tried, made[GRID.name]) for name, tried in made.items()}
