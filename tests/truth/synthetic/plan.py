"""All trials: every truth under every disturbance, three trials of one service at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from loadtests.analysis.evidence import Evidence
from tests.truth.synthetic.disturbances import OUTSIDE, Disturbance
from tests.truth.synthetic.records import record
from tests.truth.synthetic.speeds import SPEEDS
from tests.truth.synthetic.truths import TRUTHS, Truth, a_world, draws
from tests.truth.synthetic.unsteady import WITHIN, WORSENING
from tests.truth.synthetic.users import Loop
from tests.truth.synthetic.world import Service, World

GROUP = 3
CALM = 2 * GROUP  # trials of each truth that nothing disturbed
RUNS = 3  # of the service alone, to tell the share of slow answers that its stalls make
STALLS_AT_MOST = 0.8  # of the slow answers; the rest come without one


@dataclass(frozen=True)
class Planned:
    """One trial to be made."""

    truth: Truth
    disturbance: str
    group: int
    seed: int
    world: World

    def make(self) -> Evidence:
        """Return its record."""
        return record(self.world, f"{self.seed:064x}", self.seed)


def planned(seed_of_all: int = 2026) -> Iterator[Planned]:
    """Plan every truth under every disturbance, each group of three of one service.

    Of each truth the first two groups are disturbed by nothing, the last one by the CPU's speed.
    """
    for place, truth in enumerate(TRUTHS):
        draw = draws(seed_of_all, place)
        kinds = {**OUTSIDE, **WITHIN}
        if not truth.healthy and "slow" in truth.name:
            kinds |= WORSENING
        names = [name for name in kinds if name != "nothing"]
        names += ["nothing"] * (-len(names) % GROUP)
        names = ["nothing"] * CALM + [str(name) for name in draw.permutation(names)] + [*SPEEDS]
        kinds |= SPEEDS
        for first in range(0, len(names), GROUP):
            world = truth.make(a_world(draw), draw)
            for number, name in enumerate(names[first : first + GROUP], first):
                seed = seed_of_all + 1000 * place + number
                disturbed = _disturbed(world, kinds[name], draws(seed_of_all, seed))
                yield Planned(truth, name, 100 * place + first // GROUP, seed, disturbed)


def _disturbed(world: World, disturbance: Disturbance, draw: np.random.Generator) -> World:
    """Disturb a world, and let stalls of the service be part of its truth, not beyond it."""
    disturbed = disturbance(world, draw)
    if not disturbed.service.stalls:
        return disturbed
    wanted = world.service.slow_share
    while (by_stalls := _slow_by_stalls(disturbed)) > STALLS_AT_MOST * wanted:
        shorter = tuple((b, b + 0.7 * (e - b)) for b, e in disturbed.service.stalls)
        disturbed = replace(disturbed, service=replace(disturbed.service, stalls=shorter))
    rest = (wanted - by_stalls) / (1 - by_stalls)
    return replace(disturbed, service=replace(disturbed.service, slow_share=rest))


def _slow_by_stalls(world: World) -> float:
    """Return the share of the steady state's answers that the stalls alone make slow."""
    alone = World(world.question, world.setting, Service(stalls=world.service.stalls))
    slow = asked = 0
    for seed in range(RUNS):
        seen = Loop(alone, seed).run()
        steady = seen.start_s >= world.steady_start_s
        slow += int((1000 * seen.latency_s[steady] > world.question.slo.latency_ms).sum())
        asked += int(steady.sum())
    return slow / asked
