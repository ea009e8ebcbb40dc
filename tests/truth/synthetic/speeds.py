"""A CPU that is slower or faster than the reference speed: the setting is judged by that one."""

import math
from dataclasses import replace

from tests.truth.synthetic.disturbances import Disturbance, Draw, between
from tests.truth.synthetic.world import World

GAUGE_ERROR = 0.02  # standard deviation of its logarithm, from trial to trial
SLOWER = (0.4, 0.87)  # beyond what a check allows, with the gauge's error
FASTER = (1.15, 2.5)
QUICK_SHARE = 0.1  # of the slow answers that may be, where there is CPU enough


def cpu_is_slower(world: World, draw: Draw) -> World:
    """The CPU does 40 to 87% of the work a second: answers take longer, and more CPU."""
    return _at(world, between(*SLOWER, draw), draw)


def cpu_is_faster(world: World, draw: Draw) -> World:
    """The CPU does 1.15 to 2.5 times the work a second: answers take less, and less CPU."""
    return _at(world, between(*FASTER, draw), draw)


def cpu_is_enough(world: World, draw: Draw) -> World:
    """As fast, and a service that is slow for want of CPU has enough of it."""
    faster, slo = cpu_is_faster(world, draw), world.question.slo
    if world.service.slow_share <= slo.slow_share:
        return faster
    needed = draw.uniform(1.0, 1.3)  # of its limit, at the reference speed
    service = replace(world.service, slow_share=QUICK_SHARE * slo.slow_share)
    host = replace(faster.host, used_share=min(1.0, needed / faster.host.speed))
    return replace(faster, service=service, host=host)


def _at(world: World, speed: float, draw: Draw) -> World:
    host = world.host
    return replace(
        world,
        host=replace(
            host,
            speed=speed,
            gauge_error=math.exp(draw.normal(0.0, GAUGE_ERROR)),
            slowed=host.slowed / speed,
            used_share=min(1.0, host.used_share / speed),
        ),
    )


SPEEDS: dict[str, Disturbance] = {
    "the CPU is slower": cpu_is_slower,
    "the CPU is faster": cpu_is_faster,
    "the CPU is faster and enough": cpu_is_enough,
}
