"""How a service itself may be unsteady: each changes the world it is given."""

from dataclasses import replace

import numpy as np

from tests.truth.synthetic.disturbances import Disturbance, Draw, between, moment, pieces
from tests.truth.synthetic.world import Spans, World


def service_degrades(world: World, draw: Draw) -> World:
    """It gets slower all the time, by 1 to 20% of the SLO's latency in the steady state."""
    added_ms = world.question.slo.latency_ms * between(0.01, 0.2, draw)
    return _growing(world, added_ms, world.steady_start_s)


def service_breaks_down(world: World, draw: Draw) -> World:
    """Begins well, then its latency grows, past the SLO's before the steady state is over."""
    begin_s = moment(world, draw, 0.0, 0.5)
    left = (world.steady_end_s - begin_s) / world.question.workload.steady_s
    added_ms = world.question.slo.latency_ms * draw.uniform(1.1, 4.0)
    quiet = replace(world.service, slow_share=0.2 * world.question.slo.slow_share)
    return _growing(replace(world, service=quiet), added_ms / left, begin_s)


def _growing(world: World, added_ms: float, from_s: float) -> World:
    per_s = added_ms / world.question.workload.steady_s
    return replace(
        world, service=replace(world.service, growth_ms_per_s=per_s, growth_from_s=from_s)
    )


def service_settles(world: World, draw: Draw) -> World:
    """Up to a third of the steady state it is twice to eight times as slow as then."""
    share = min(0.9, world.service.slow_share * draw.uniform(2.0, 8.0))
    until_s = moment(world, draw, -0.3, 0.33)
    return replace(world, service=replace(world.service, other_share=share, other_until_s=until_s))


def service_turns(world: World, draw: Draw) -> World:
    """Up to half of the steady state it is well, then what it is."""
    share, until_s = 0.1 * world.service.slow_share, moment(world, draw, 0.0, 0.5)
    return replace(world, service=replace(world.service, other_share=share, other_until_s=until_s))


def service_stalls(world: World, draw: Draw) -> World:
    """Now and then it gives no answer, for up to three times the SLO's latency."""
    length_s = world.question.slo.latency_ms / 1000 * draw.uniform(0.3, 3.0)
    share = between(0.005, 0.1, draw)
    return _stalling(world, pieces(share, length_s, world, draw))


def service_collects(world: World, draw: Draw) -> World:
    """It stands still at equal distances, at least four times in the steady state."""
    length_s = world.question.slo.latency_ms / 1000 * draw.uniform(0.3, 2.0)
    every_s = max(5 * length_s, world.question.workload.steady_s / draw.uniform(4.0, 20.0))
    begins = np.arange(draw.uniform(0, every_s), world.steady_end_s, every_s)
    return _stalling(world, tuple((float(b), float(b) + length_s) for b in begins))


def _stalling(world: World, spans: Spans) -> World:
    """Let it stall; its other answers are quick or slow, so that the two can be told apart."""
    return replace(world, service=replace(world.service, spread=None, stalls=spans))


def requests_stay(world: World, draw: Draw) -> World:
    """0.5 to 100% of its users are kept with a request from before the steady state, in time."""
    workload = world.question.workload
    until_s = world.steady_start_s + draw.uniform(0.05, 0.9) * min(
        workload.steady_s, workload.timeout_s - workload.think_mean_s / 2
    )
    service = replace(
        world.service,
        old_share=between(0.005, 1.0, draw),
        old_until_s=max(until_s, world.steady_start_s),
    )
    return replace(world, service=service)


WITHIN: dict[str, Disturbance] = {
    "it degrades": service_degrades,
    "it is not settled": service_settles,
    "it stalls": service_stalls,
    "it stands still periodically": service_collects,
    "older requests stay": requests_stay,
}
# What a slow service does that was none at first.
WORSENING: dict[str, Disturbance] = {
    "it breaks down": service_breaks_down,
    "it was quick at first": service_turns,
}
