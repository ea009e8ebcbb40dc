"""The record that a world would have left, as it would lie in the store."""

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.generator.early_stop import proves_failing
from loadtests.generator.lateness import Pause, Window, lateness
from loadtests.question import EarlyStop, Target
from loadtests.record import (
    IN_FLIGHT,
    OK,
    GeneratorReport,
    HostReport,
    Phases,
    Timings,
    Trial,
)
from tests.truth.synthetic.counters import (
    HOST_CPUS,
    generator_stats,
    host_table,
    replica_report,
    replicas,
)
from tests.truth.synthetic.users import Loop, Requests
from tests.truth.synthetic.world import World

NOTICED_S = 0.5  # after its end the load on a replica is ended
OWN_ERRORS = ("emfile", "eaddrnotavail", "dns")
QUIET_LAG_MS = 3.0
REFERENCE_US = 300.0  # of the speed gauge


def record(world: World, key: str, seed: int) -> Evidence:
    """Return the trial as it would lie in the store."""
    seen = Loop(world, seed).run()
    rng = np.random.default_rng(seed + 1)
    phases, stopped = _phases(world, seen)
    table = _requests(seen, phases.steady_end_s)
    world = _as_busy_as_asked(world, table, phases)
    by_name, events = replicas(world, phases, rng)
    stats = pd.concat([*by_name.values(), generator_stats(world, phases)], ignore_index=True)
    trial = Trial(
        key=key,
        question=world.question,
        setting=world.setting,
        target=Target("synthetic"),
        image_digest="sha256:0",
        locustfile_sha256="0",
        repeat=0,
        seed=seed,
        started_at="2026-01-01T00:00:00Z",
        started_wall_s=0.0,
        phases=phases,
        generator=_generator_report(world, seen, table, phases, stopped),
        replicas=tuple(replica_report(world, phases, name, rows) for name, rows in by_name.items()),
        host=HostReport(
            "synthetic", HOST_CPUS, "CPU", 16_000, "6.1", world.host.cgroup, "26", "overlay2"
        ),
        versions={},
        timings=Timings(1.0, 2.0, phases.steady_end_s, 1.0),
        events=events,
        reference_us=REFERENCE_US,
    )
    return Evidence(trial, table, stats, _seconds(world, phases), host_table(world, phases, rng))


def _as_busy_as_asked(world: World, table: pd.DataFrame, phases: Phases) -> World:
    """Let the service use as much less CPU as fewer requests were sent, as when users wait."""
    begin_s = phases.steady_start_s if phases.steady_end_s > phases.steady_start_s + 1 else 0.0
    sent = int((table["start_s"] >= begin_s).sum()) / max(phases.steady_end_s - begin_s, 1.0)
    asked = min(1.0, sent / world.question.workload.expected_rps())
    return replace(world, host=replace(world.host, used_share=asked * world.host.used_share))


def _phases(world: World, seen: Requests) -> tuple[Phases, bool]:
    """Return the phases and whether the load was stopped early, by the generator's own rule."""
    workload, end_s = world.question.workload, world.steady_end_s
    for begin_s, over_s in world.generator.pauses:
        end_s = over_s if begin_s <= end_s < over_s else end_s
    hopeless_s = _hopeless_s(world, seen) if world.early_stop else math.inf
    stopped = hopeless_s < end_s
    gone_s = [kill.at_s for kill in world.kills if world.early_stop and not kill.survived]
    end_s = min([end_s, hopeless_s, *(at_s + NOTICED_S for at_s in gone_s)])
    spawned_s = None if world.generator.missing_share else workload.ramp_up_s
    if spawned_s is not None and end_s < spawned_s:
        spawned_s = None
    return Phases(spawned_s, min(world.steady_start_s, end_s), end_s), stopped


def _hopeless_s(world: World, seen: Requests) -> float:
    """Return when failures prove that no rest of the load could mend it; inf: they never do."""
    rule = EarlyStop.of(world.question)
    ends_s = np.sort((seen.start_s + seen.latency_s)[seen.outcome != OK])

    def proven(failures: int) -> bool:
        seconds = Counter(int(end_s) for end_s in ends_s[:failures])
        return proves_failing(seconds, rule.requests, rule.error_rate)

    first = bisect_left(range(len(ends_s) + 1), True, key=proven)
    return float(ends_s[first - 1]) if first <= len(ends_s) else math.inf


def _requests(seen: Requests, end_s: float) -> pd.DataFrame:
    sent = seen.start_s < end_s
    start_s, latency_s, outcome = seen.start_s[sent], seen.latency_s[sent], seen.outcome[sent]
    unanswered = start_s + latency_s > end_s
    outcome[unanswered] = IN_FLIGHT
    return pd.DataFrame(
        {
            "start_s": start_s,
            "latency_ms": 1000 * np.where(unanswered, end_s - start_s, latency_s),
            "outcome": pd.Categorical(outcome),
            "replica": pd.Categorical([""] * len(start_s)),
            "name": pd.Categorical(["/"] * len(start_s)),
        }
    )


def _generator_report(
    world: World, seen: Requests, table: pd.DataFrame, phases: Phases, stopped: bool
) -> GeneratorReport:
    workload, generator = world.question.workload, world.generator
    outcomes = {str(name): int(n) for name, n in table["outcome"].value_counts().items()}
    failures = sum(n for name, n in outcomes.items() if name not in (OK, IN_FLIGHT))
    broken = sum(outcomes.get(name, 0) for name in ("reset", "refused", "timeout"))
    late = lateness(
        [Pause(*span) for span in generator.pauses],
        [Window(phases.steady_start_s, phases.steady_end_s)],
    )
    lag_ms = QUIET_LAG_MS + 4.6 * generator.delay_ms  # of an exponential delay, exceeded by 1%
    reached = workload.users - round(generator.missing_share * workload.users)
    lost = round(generator.lost_share * workload.users)
    reached = min(reached, round(workload.spawn_rate * phases.steady_end_s))
    again = int((seen.again & (seen.start_s < phases.steady_end_s)).sum())
    return GeneratorReport(
        users_reached=reached,
        users_lost=lost if generator.lost_at_s < phases.steady_end_s else 0,
        requests=len(table) - outcomes.get(IN_FLIGHT, 0),
        failures=failures,
        connects=reached + broken + again,
        heartbeat_lag_p99_ms=max(late.p99_ms, lag_ms),
        heartbeat_lag_max_ms=max(late.max_ms, 3 * lag_ms),
        cpu_cores=generator.cpu_cores,
        clock_drift_ms=world.host.drift_ms,
        own_errors={name: outcomes[name] for name in OWN_ERRORS if name in outcomes},
        stopped_early="requests had failed" if stopped else None,
        requests_of_whole=workload.requests_at_most if stopped else 0,
        script_errors={"KeyError": seen.raised} if seen.raised else {},
    )


def _seconds(world: World, phases: Phases) -> pd.DataFrame:
    seen_us = REFERENCE_US / (world.host.speed * world.host.gauge_error)
    return pd.DataFrame({"time_s": np.arange(0.0, phases.steady_end_s), "work_us": seen_us})
