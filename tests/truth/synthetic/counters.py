"""What engine, kernel and host would have counted of a world."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from loadtests.record import Event, Phases, ReplicaReport
from tests.truth.synthetic.world import Kill, World

HOST_CPUS = 4
BOOT_S = 3  # of samples before the first user


def replicas(
    world: World, phases: Phases, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], tuple[Event, ...]]:
    """Return docker stats of each replica, and what the engine told of them."""
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
    cores = world.host.used_share * world.setting.cpus * rng.uniform(0.9, 1.1, len(at_s))
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


def generator_stats(world: World, phases: Phases) -> pd.DataFrame:
    """Return docker stats of the load generator."""
    at_s = np.arange(0.5, phases.steady_end_s)
    cores, none = np.full(len(at_s), world.generator.cpu_cores), np.full(len(at_s), np.nan)
    return _stats(world, "generator", "generator", at_s, cores, 0 * cores + 200.0, none)


def replica_report(world: World, phases: Phases, name: str, rows: pd.DataFrame) -> ReplicaReport:
    """Return what became of one replica; `rows` are its docker stats."""
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


def host_table(world: World, phases: Phases, rng: np.random.Generator) -> pd.DataFrame:
    """Return the host's CPU, one row a second."""
    at_s = np.arange(0.5, phases.steady_end_s)
    setting, host = world.setting, world.host
    own = (world.generator.cpu_cores + host.used_share * setting.total_cpus) / HOST_CPUS
    uneven = rng.gamma(2.0, 0.5, len(at_s))
    steal = (host.steal * uneven).clip(0, 0.6)
    busy = np.minimum(own + host.others * rng.uniform(0.8, 1.2, len(at_s)), 1 - steal)
    for begin_s, over_s in host.full:
        busy = np.where((at_s >= begin_s) & (at_s < over_s), 0.99 - steal, busy)
    return pd.DataFrame({"time_s": at_s, "busy_ratio": busy, "steal_ratio": steal})
