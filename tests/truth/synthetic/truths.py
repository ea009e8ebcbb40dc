"""The truths that a service may be of, from far within the SLO to far beyond it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from loadtests.question import SLO, Question, Setting, Workload
from tests.truth.synthetic.disturbances import Draw, between
from tests.truth.synthetic.world import Host, Kill, Memory, Service, World

STEEPEST_RPS = 120.0  # so that 250 trials are made and judged in half a minute


@dataclass(frozen=True)
class Truth:
    """One kind of service."""

    name: str
    healthy: bool
    near: bool  # so near the edge that a sample may well say otherwise
    make: Callable[[World, Draw], World]


def a_world(draw: Draw) -> World:
    """Draw a question, a setting and a service at ease."""
    users = round(between(200, 3000, draw))
    think_s = max(between(0.5, 10.0, draw), users / STEEPEST_RPS)
    spread = draw.uniform(0.0, 1.0)
    workload = Workload(
        users=users,
        spawn_rate=users / draw.uniform(2.0, 8.0),
        think_time_s=(think_s * (1 - spread), think_s * (1 + spread)),
        steady_s=float(round(between(10, 60, draw))),
    )
    slo = SLO(
        percentile=float(draw.choice([90.0, 95.0, 95.0, 95.0, 99.0])),
        latency_ms=float(round(between(50, 2000, draw))),
        error_rate=between(0.0005, 0.02, draw),
    )
    memory_mib = int(between(50, 1000, draw))
    held = draw.uniform(0.3, 0.85)
    rest = held * draw.uniform(0.3, 0.9)
    return World(
        question=Question(workload, slo),
        setting=Setting(
            round(float(draw.uniform(0.1, 1.0)), 2), memory_mib, int(draw.integers(1, 4))
        ),
        service=Service(
            slow_share=slo.slow_share * draw.uniform(0.02, 0.5),
            spread=None if draw.random() < 0.5 else float(draw.uniform(0.2, 1.0)),
            bumpy=float(draw.choice([0.0, 0.0, 0.3, 0.6])),
            error_share=float(draw.choice([0.0, 0.1])) * slo.error_rate,
        ),
        memory=Memory(rest * memory_mib, (held - rest) * memory_mib),
        host=Host(cgroup=str(draw.choice(["1", "2"])), counts_read=bool(draw.random() < 0.5)),
        early_stop=bool(draw.random() < 0.8),
    )


def _slow(low: float, high: float) -> Callable[[World, Draw], World]:
    def make(world: World, draw: Draw) -> World:
        share = min(0.9, world.question.slo.slow_share * draw.uniform(low, high))
        return replace(world, service=replace(world.service, slow_share=share))

    return make


def _failing(low: float, high: float) -> Callable[[World, Draw], World]:
    def make(world: World, draw: Draw) -> World:
        share = min(0.9, world.question.slo.error_rate * between(low, high, draw))
        return replace(world, service=replace(world.service, error_share=share))

    return make


def _locking_out(world: World, draw: Draw) -> World:
    share = min(0.9, world.question.slo.slow_share * draw.uniform(1.5, 6.0))
    begin_s = world.steady_start_s + world.question.workload.steady_s * draw.uniform(-1.0, 0.3)
    patient = replace(world.question.workload, timeout_s=float(draw.choice([10.0, 120.0])))
    return replace(
        world,
        question=replace(world.question, workload=patient),
        service=replace(world.service, locked_share=share, locked_from_s=float(begin_s)),
    )


def _killed_at_its_limit(world: World, draw: Draw) -> World:
    """Memory is taken by the users of the ramp-up, or by a leak that fills it in steady state."""
    limit, ramp_up_s = world.setting.memory_mib, world.question.workload.ramp_up_s
    rest = world.memory.rest_mib
    if draw.random() < 0.5:
        users = (limit - rest) * draw.uniform(1.05, 2.0)
        memory = Memory(rest, users)
        at_s = ramp_up_s * (limit - rest) / users
    else:
        at_s = world.steady_start_s + world.question.workload.steady_s * draw.uniform(0.0, 0.8)
        memory = replace(world.memory, leak_mib_per_s=0.0)
        left = limit - rest - world.memory.users_mib
        memory = replace(memory, leak_mib_per_s=left / at_s)
    kill = Kill(
        at_s,
        for_memory=True,
        survived=bool(draw.random() < 0.2),
        event_seen=bool(draw.random() < 0.9),
    )
    return replace(world, memory=memory, kills=(kill,))


def _dying(world: World, draw: Draw) -> World:
    at_s = world.steady_start_s + world.question.workload.steady_s * draw.uniform(-0.3, 0.9)
    return replace(world, kills=(Kill(max(1.0, float(at_s)), for_memory=False),))


def _as_it_is(world: World, draw: Draw) -> World:
    return world


TRUTHS = (
    Truth("healthy", True, False, _as_it_is),
    Truth("hardly healthy: slow answers", True, True, _slow(0.85, 0.97)),
    Truth("hardly healthy: failures", True, True, _failing(0.7, 0.95)),
    Truth("slow", False, False, _slow(2.0, 10.0)),
    Truth("hardly too slow", False, True, _slow(1.03, 1.15)),
    Truth("failing", False, False, _failing(3.0, 30.0)),
    Truth("hardly failing", False, True, _failing(1.05, 1.4)),
    Truth("locks users out", False, False, _locking_out),
    Truth("OOM-killed at its limit", False, False, _killed_at_its_limit),
    Truth("a replica dies", False, False, _dying),
)


def draws(*seeds: int) -> Draw:
    """Return a source of chance that only depends on the seeds."""
    return np.random.default_rng(seeds)
