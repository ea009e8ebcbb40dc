"""Searches on three axes, CPU, memory and replicas, compared on services that never ran."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loadtests.comparison.ours import ours_on_the_plane, ours_on_three_axes
from loadtests.comparison.score import Attempt, Score, attempts, score
from loadtests.comparison.sharing import MOST_REPLICAS, draw_sharing
from loadtests.comparison.simulated import SimulatedService, draw_service
from loadtests.comparison.strategies import GRID, OURS, Strategy
from loadtests.question import Cost
from loadtests.search.replica_axis import with_spare
from loadtests.search.replica_space import ReplicaSpace

ON_THREE_AXES = Strategy(
    OURS.name,
    "the search of one replica, then the number of replicas: what one needs and the law of how a "
    "load is shared tell what each number of them would cost, and only what may be cheaper than "
    "the best known is measured",
    ours_on_three_axes,
    reads_speed=True,
)
ON_THE_PLANE = Strategy(
    "ours, one replica",
    "the search of one replica alone",
    ours_on_the_plane,
    reads_speed=True,
)
THREE_AXES = (GRID, ON_THE_PLANE, ON_THREE_AXES)


@dataclass(frozen=True)
class ReplicaConditions:
    """So many times the usual noise and drift, and the replicas that may be lost."""

    noise: float
    drift: float
    lost: int = 0

    @property
    def label(self) -> str:
        """The conditions in words."""
        luck = "usual noise" if self.noise == 1 else f"{self.noise:g} times the noise"
        speed = "the CPU drifts" if self.drift else "a CPU of even speed"
        spare = f", {self.lost} replica to spare" if self.lost else ""
        return f"{luck}, {speed}{spare}"


def draw_replicated(seed: int, noise: float = 1.0, drift: float = 0.0) -> SimulatedService:
    """Return a service of the plane's comparison, with replicas that share its load."""
    service = draw_service(seed, noise, drift)
    space = ReplicaSpace.of(service.space, MOST_REPLICAS)
    return replace(service, space=space, sharing=draw_sharing(seed))


def simulate_three_axes(
    strategies: Sequence[Strategy], seeds: Sequence[int], under: ReplicaConditions, cost: Cost
) -> Mapping[str, Sequence[Attempt]]:
    """Run searches on simulated services, one service after the other."""
    made: dict[str, list[Attempt]] = {strategy.name: [] for strategy in strategies}
    for seed in seeds:
        service = draw_replicated(seed, under.noise, under.drift)
        tried = attempts(strategies, service, with_spare(cost, under.lost))
        for name, attempt in tried.items():
            made[name].append(attempt)
    return made


def scores_of(made: Mapping[str, Sequence[Attempt]]) -> Mapping[str, Score]:
    """Return the score of every search; the full grid has to be among them."""
    return {name: score(tried, made[GRID.name]) for name, tried in made.items()}
