"""What may disturb a trial from outside of the service: each changes the world it is given."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.truth.synthetic.world import Kill, Spans, World

Draw = np.random.Generator
Disturbance = Callable[[World, Draw], World]


def between(low: float, high: float, draw: Draw) -> float:
    """Draw a magnitude, each order of it as likely as any other."""
    return float(math.exp(draw.uniform(math.log(low), math.log(high))))


def moment(world: World, draw: Draw, low: float = 0.0, high: float = 1.0) -> float:
    """Draw a moment of the steady state, between two shares of it."""
    return world.steady_start_s + world.question.workload.steady_s * draw.uniform(low, high)


def pieces(share: float, length_s: float, world: World, draw: Draw) -> Spans:
    """Scatter spans over the whole trial that make up a share of it together."""
    count = max(1, round(share * world.steady_end_s / length_s))
    begins = np.sort(draw.uniform(0, world.steady_end_s, count))
    spans: list[tuple[float, float]] = []
    for begin_s in begins:
        after_s = max(begin_s, spans[-1][1] if spans else 0.0)
        spans.append((after_s, after_s + share * world.steady_end_s / count))
    return tuple(spans)


def nothing(world: World, draw: Draw) -> World:
    """All else went well."""
    return world


def script_raises(world: World, draw: Draw) -> World:
    """Tasks raise before they ask: 0.02 to 30% of them."""
    return replace(world, script=replace(world.script, raise_share=between(0.0002, 0.3, draw)))


def script_sends_nothing(world: World, draw: Draw) -> World:
    """Users who never ask: 0.3 to 50%."""
    return replace(world, script=replace(world.script, silent_share=between(0.003, 0.5, draw)))


def script_sleeps(world: World, draw: Draw) -> World:
    """Tasks sleep as well: 0.3% to twice the think time."""
    sleep_s = world.question.workload.think_mean_s * between(0.003, 2.0, draw)
    return replace(world, script=replace(world.script, sleep_s=(sleep_s, sleep_s)))


def script_thinks_longer(world: World, draw: Draw) -> World:
    """Users think again, for 0 to twice a drawn time of 0.3% to twice what was asked."""
    sleep_s = 2 * world.question.workload.think_mean_s * between(0.003, 2.0, draw)
    return replace(world, script=replace(world.script, sleep_s=(0.0, sleep_s)))


def generator_pauses(world: World, draw: Draw) -> World:
    """The generator is stopped for 1 to 5 s, now and then before or across the steady state."""
    begin_s = moment(world, draw, -0.2, 1.0)
    span = (begin_s, begin_s + draw.uniform(1.0, 5.0))
    return replace(world, generator=replace(world.generator, pauses=(span,)))


def generator_beats_late(world: World, draw: Draw) -> World:
    """The generator's loop stands still for 10 to 500 ms, 0.2 to 20% of the time."""
    spans = pieces(between(0.002, 0.2, draw), between(0.01, 0.5, draw), world, draw)
    return replace(world, generator=replace(world.generator, pauses=spans))


def generator_is_busy(world: World, draw: Draw) -> World:
    """The generator is short of CPU: the nearer to a whole core, the later it is."""
    used = draw.uniform(0.5, 0.99)
    delay_ms = 0.5 * used / (1 - used)
    return replace(
        world, generator=replace(world.generator, cpu_cores=float(used), delay_ms=float(delay_ms))
    )


def generator_loses_users(world: World, draw: Draw) -> World:
    """Users end before the trial does: 0.05 to 50%."""
    generator = replace(
        world.generator,
        lost_share=between(0.0005, 0.5, draw),
        lost_at_s=moment(world, draw, -0.5, 0.5),
    )
    return replace(world, generator=generator)


def generator_lacks_users(world: World, draw: Draw) -> World:
    """Users who never come: 0.5 to 50%."""
    missing = between(0.005, 0.5, draw)
    return replace(world, generator=replace(world.generator, missing_share=missing))


def generator_errs(world: World, draw: Draw) -> World:
    """Requests that the generator had no descriptor or port for: 0.05 to 30%."""
    error = str(draw.choice(["emfile", "eaddrnotavail"]))
    share = between(0.0005, 0.3, draw)
    return replace(world, generator=replace(world.generator, error=error, error_share=share))


def connections_die(world: World, draw: Draw) -> World:
    """Requests that have to connect anew, some of which wait a second for it: 0.1 to 100%."""
    share = between(0.001, 1.0, draw)
    return replace(world, generator=replace(world.generator, reconnect_share=share))


def cpu_is_stolen(world: World, draw: Draw) -> World:
    """The host's neighbours take 0.3 to 40% of its CPU."""
    steal = between(0.003, 0.4, draw)
    host = replace(
        world.host,
        steal=steal,
        slowed=1 / (1 - steal),
        waits=pieces(steal, between(0.02, 1.0, draw), world, draw),
    )
    return replace(world, host=host)


def host_is_crowded(world: World, draw: Draw) -> World:
    """Other programs take all CPU that is left, for 1 to 100% of the trial."""
    length_s = world.steady_end_s * between(0.01, 1.0, draw)
    begin_s = draw.uniform(0, world.steady_end_s - length_s)
    block = (float(begin_s), float(begin_s) + length_s)
    share, piece_s = draw.uniform(0.0, 0.5), between(0.02, 1.0, draw)
    waits = tuple(
        (max(low, block[0]), min(high, block[1]))
        for low, high in pieces(share, piece_s, world, draw)
        if low < block[1] and high > block[0]
    )
    return replace(world, host=replace(world.host, full=(block,), waits=waits))


def host_kills(world: World, draw: Draw) -> World:
    """The host runs out of memory and kills a replica, or a process of it, below its limit."""
    setting, held = world.setting, draw.uniform(0.2, 0.75)
    rest = held * draw.uniform(0.3, 0.9)
    memory = replace(
        world.memory,
        rest_mib=rest * setting.memory_mib,
        users_mib=(held - rest) * setting.memory_mib,
        leak_mib_per_s=0.0,
    )
    survived = bool(draw.random() < 0.25)
    at_s = draw.uniform(2.5, moment(world, draw, 0.9, 0.9))
    kill = Kill(at_s, for_memory=True, by_host=True, survived=survived)
    # A service that would outgrow its limit is taken before it does.
    others = tuple(k for k in world.kills if not k.for_memory)
    return replace(world, memory=memory, kills=(kill, *others))


def clock_jumps(world: World, draw: Draw) -> World:
    """The clock is set by 5 ms to 1 h."""
    return replace(world, host=replace(world.host, drift_ms=between(5.0, 3.6e6, draw)))


OUTSIDE: dict[str, Disturbance] = {
    "nothing": nothing,
    "the script raises": script_raises,
    "the script sends nothing": script_sends_nothing,
    "the script sleeps": script_sleeps,
    "the script thinks longer": script_thinks_longer,
    "the generator pauses": generator_pauses,
    "the generator beats late": generator_beats_late,
    "the generator is busy": generator_is_busy,
    "the generator loses users": generator_loses_users,
    "the generator lacks users": generator_lacks_users,
    "the generator errs": generator_errs,
    "connections die": connections_die,
    "CPU is stolen": cpu_is_stolen,
    "the host is crowded": host_is_crowded,
    "the host kills": host_kills,
    "the clock jumps": clock_jumps,
}
