"""What may disturb a trial, from hardly at all to much: each changes the world it is given."""

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
WITHIN: dict[str, Disturbance] = {
    "it degrades": service_degrades,
    "it is not settled": service_settles,
    "it stalls": service_stalls,
    "it stands still periodically": service_collects,
    "older requests stay": requests_stay,
}
