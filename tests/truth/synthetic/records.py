"""The record that a world would have left: requests as written down, and what was counted."""

import math
from bisect import bisect_left
from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.generator.early_stop import proves_failing
from loadtests.generator.lateness import Pause, Window, lateness
from loadtests.question import EarlyStop, Target
from loadtests.record import (
    IN_FLIGHT,
    OK,
    Event,
    GeneratorReport,
    HostReport,
    Phases,
    ReplicaReport,
    Timings,
    Trial,
)
from tests.truth.synthetic.users import Loop, Requests
from tests.truth.synthetic.world import Kill, World

HOST_CPUS = 4
BOOT_S = 3  # of samples before the first user
NOTICED_S = 0.5  # after its end the load on a replica is ended
OWN_ERRORS = ("emfile", "eaddrnotavail", "dns")
QUIET_LAG_MS = 3.0
USED_SHARE = 0.5  # of a replica's CPU limit


def record(world: World, key: str, seed: int) -> Evidence:
    """Return the trial as it would lie in the store."""
    seen = Loop(world, seed).run()
    rng = np.random.default_rng(seed + 1)
    phases, stopped = _phases(world, seen)
    table = _requests(seen, phases.steady_end_s)
    replicas, events = _replicas(world, phases, rng)
    stats = pd.concat([*replicas.values(), _generator_stats(world, phases)], ignore_index=True)
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
        replicas=tuple(
            _replica_report(world, phases, name, rows) for name, rows in replicas.items()
        ),
        host=HostReport(
            "synthetic", HOST_CPUS, "CPU", 16_000, "6.1", world.host.cgroup, "26", "overlay2"
        ),
        versions={},
        timings=Timings(1.0, 2.0, phases.steady_end_s, 1.0),
        events=events,
    )
    return Evidence(trial, table, stats, _seconds(phases), _host(world, phases, rng))


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


def _replicas(
    world: World, phases: Phases, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], tuple[Event, ...]]:
    tables, events = {}, []
    for number in range(1, world.setting.replicas + 1):
        name = f"replica-{number}"
        kills = [k for k in world.kills if number == 1 and k.at_s < phases.steady_end_s]
        ends_s = min((k.at_s for k in kills if not k.survived), default=math.inf)
        tables[name] = _replica_stats(world, phases, name, ends_s, rng)
        events += [event for kill in kills for event in _events(world, name, kill)]
    return tables, tuple(events)


def _events(world: World, name: str, kill: Kill) -> list[Event]:
    """With cgroup v1 the engine hears only of kills by the container's own limit."""
    told = kill.for_memory and kill.event_seen and (not kill.by_host or world.host.cgroup == "2")
    ends = [] if kill.survived else [Event(kill.at_s, name, "die")]
    return [*([Event(kill.at_s, name, "oom")] if told else []), *ends]


def _replica_stats(
    world: World, phases: Phases, name: str, ends_s: float, rng: np.random.Generator
) -> pd.DataFrame:
    first_s = rng.uniform(0, 1) - BOOT_S
    at_s = np.arange(first_s, min(phases.steady_end_s, ends_s))
    at_s = at_s[rng.random(len(at_s)) < 0.98]
    used = _memory_mib(world, at_s)
    filled = np.minimum(used, world.setting.memory_mib * rng.uniform(0.97, 1.0, len(at_s)))
    cores = USED_SHARE * world.setting.cpus * rng.uniform(0.9, 1.1, len(at_s))
    periods = 10 * (at_s + BOOT_S)
    return _stats(world, name, "replica", at_s, cores, filled, periods)


def _memory_mib(world: World, at_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what one replica would use at each moment if it had no limit."""
    memory, ramp_up_s = world.memory, world.question.workload.ramp_up_s
    booted = ((at_s + BOOT_S) / 2).clip(0.1, 1.0)
    here = (at_s / ramp_up_s).clip(0, 1) * world.sent_share
    leaked = memory.leak_mib_per_s * at_s.clip(0)
    return np.asarray(memory.rest_mib * booted + memory.users_mib * here + leaked)


def _stats(
    world: World,
    name: str,
    role: str,
    at_s: npt.NDArray[np.float64],
    cores: npt.NDArray[np.float64],
    memory_mib: npt.NDArray[np.float64],
    periods: npt.NDArray[np.float64],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time_s": at_s,
            "container": name,
            "role": role,
            "cpu_cores": cores,
            "cpu_s": np.cumsum(cores),
            "memory_mib": memory_mib,
            "memory_limit_mib": float(world.setting.memory_mib),
            "periods": periods,
            "throttled_periods": 0.1 * periods,
            "throttled_s": 0.005 * periods,
        }
    )


def _generator_stats(world: World, phases: Phases) -> pd.DataFrame:
    at_s = np.arange(0.5, phases.steady_end_s)
    cores, none = np.full(len(at_s), world.generator.cpu_cores), np.full(len(at_s), np.nan)
    return _stats(world, "generator", "generator", at_s, cores, 0 * cores + 200.0, none)


def _replica_report(world: World, phases: Phases, name: str, rows: pd.DataFrame) -> ReplicaReport:
    kills = [k for k in world.kills if name == "replica-1" and k.at_s < phases.steady_end_s]
    ended = [k for k in kills if not k.survived]
    # The cgroup's counter goes with the last process; the engine's flag comes of its event.
    counted = [k for k in kills if k.for_memory and (k.survived or _told(world, k))]
    code = (137 if ended[0].for_memory else 1) if ended else None
    return ReplicaReport(
        name=name,
        address="",
        running_at_end=not ended,
        exit_code=code,
        oom_kills=len(counted),
        restarts=0,
        memory_peak_mib=float(rows["memory_mib"].max()) if len(rows) else None,
        cpu_s=None,
        periods=None,
        throttled_periods=None,
        throttled_s=None,
        ooms_at_limit=_ooms_at_limit(world, kills),
    )


def _ooms_at_limit(world: World, kills: list[Kill]) -> int | None:
    if world.host.cgroup == "1" or not world.host.counts_read:
        return None
    return sum(kill.for_memory and not kill.by_host for kill in kills)


def _told(world: World, kill: Kill) -> bool:
    return not kill.by_host or world.host.cgroup == "2"


def _seconds(phases: Phases) -> pd.DataFrame:
    return pd.DataFrame({"time_s": np.arange(0.0, phases.steady_end_s)})


def _host(world: World, phases: Phases, rng: np.random.Generator) -> pd.DataFrame:
    at_s = np.arange(0.5, phases.steady_end_s)
    setting, host = world.setting, world.host
    own = (world.generator.cpu_cores + USED_SHARE * setting.total_cpus) / HOST_CPUS
    uneven = rng.gamma(2.0, 0.5, len(at_s))
    steal = (host.steal * uneven).clip(0, 0.6)
    busy = np.minimum(own + host.others * rng.uniform(0.8, 1.2, len(at_s)), 1 - steal)
    for begin_s, over_s in host.full:
        busy = np.where((at_s >= begin_s) & (at_s < over_s), 0.99 - steal, busy)
    return pd.DataFrame({"time_s": at_s, "busy_ratio": busy, "steal_ratio": steal})
