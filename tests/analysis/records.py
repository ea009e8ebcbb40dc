"""Builds the record of a trial that never ran: users in a closed loop, with knobs for mishaps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.analysis.evidence import Evidence, Interval, Judgement, Row
from loadtests.question import SLO, Question, Setting, Target, Workload
from loadtests.record import (
    Event,
    GeneratorReport,
    HostReport,
    Phases,
    ReplicaReport,
    Timings,
    Trial,
)
from loadtests.verdicts import Verdict

# A thousand users, 100 requests/s: ramp-up 10 s, warm-up 10 s, steady state 30 s.
QUESTION = Question(Workload(users=1000, spawn_rate=100.0), SLO())
SETTING = Setting(0.5, 300)
HOST = HostReport("bench", 2, "CPU", 24000, "6.18", "1", "20.10", "overlay2")

Latency = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def steady_ms(median_ms: float, slow_share: float = 0.0, slow_ms: float = 2000.0) -> Latency:
    """Latencies around a median, a share of them slow, whatever the time."""

    def latency(start_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        usual = median_ms * rng.lognormal(0.0, 0.4, len(start_s))
        return np.where(rng.random(len(start_s)) < slow_share, slow_ms, usual)

    return latency


def growing_ms(from_s: float, ms_per_s: float, median_ms: float = 5.0) -> Latency:
    """Latencies that grow from a moment on, as in a queue that never drains."""

    def latency(start_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        late = ms_per_s * (start_s - from_s).clip(0)
        return median_ms * rng.lognormal(0.0, 0.4, len(start_s)) + late

    return latency


def dead_from(at_s: float) -> Latency:
    """Latencies without an end from a moment on, as of a service that is gone."""

    def latency(start_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(start_s < at_s, steady_ms(5.0)(start_s, rng), np.inf)

    return latency


def slow_until(end_s: float, slow_share: float = 0.12) -> Latency:
    """Latencies a share of which is slow up to a moment, as while a service warms up."""
    before, after = steady_ms(5.0, slow_share, 600.0), steady_ms(5.0)

    def latency(start_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(start_s < end_s, before(start_s, rng), after(start_s, rng))

    return latency


def requests_table(
    question: Question,
    phases: Phases,
    latency: Latency,
    failures: Mapping[str, float],
    seed: int,
    dropped: float = 0.0,
) -> pd.DataFrame:
    """Every request of users who ask, wait and think until the steady state ends."""
    workload, rng = question.workload, np.random.default_rng(seed)
    at_s = np.sort(rng.uniform(0, workload.ramp_up_s, workload.users))
    starts, times = [], []
    while len(at_s):
        ms = np.minimum(latency(at_s, rng), workload.timeout_s * 1000)
        starts.append(at_s)
        times.append(ms)
        at_s = at_s + ms / 1000 + rng.uniform(*workload.think_time_s, len(at_s))
        at_s = at_s[at_s < phases.steady_end_s]
    start_s, latency_ms = np.concatenate(starts), np.concatenate(times)
    outcome = np.where(latency_ms >= workload.timeout_s * 1000, "timeout", record.OK).astype(object)
    lot = rng.random(len(start_s))
    for name, ratio in failures.items():
        outcome[lot < ratio] = name
        lot = np.where(lot < ratio, 1.0, lot - ratio)
    age_ms = (phases.steady_end_s - start_s) * 1000
    unanswered = latency_ms > age_ms
    outcome[unanswered] = record.IN_FLIGHT
    table = pd.DataFrame(
        {
            "start_s": start_s,
            "latency_ms": np.where(unanswered, age_ms, latency_ms),
            "outcome": pd.Categorical(outcome),
            "replica": pd.Categorical([""] * len(start_s)),
            "name": pd.Categorical(["/predict/"] * len(start_s)),
        }
    )
    return table[rng.random(len(table)) >= dropped].reset_index(drop=True)


def docker_stats_table(
    setting: Setting,
    phases: Phases,
    cpu_share: float,
    throttled: float | None,
    sampled: float = 1.0,
    generator_throttled: float | None = None,
) -> pd.DataFrame:
    """One row a second and container; `sampled` is the share of seconds kept."""
    seconds = np.arange(0.0, phases.steady_end_s)
    seconds = seconds[(np.arange(len(seconds)) * sampled) % 1 + sampled > 1 - 1e-9]
    tables = []
    containers = [(f"replica-{n}", "replica", throttled) for n in range(1, setting.replicas + 1)]
    for name, role, ratio in [*containers, ("generator", "generator", generator_throttled)]:
        periods = np.full(len(seconds), np.nan) if ratio is None else 10 * seconds
        tables.append(
            pd.DataFrame(
                {
                    "time_s": seconds,
                    "container": name,
                    "role": role,
                    "cpu_cores": cpu_share * setting.cpus if role == "replica" else 0.3,
                    "cpu_s": seconds * (cpu_share * setting.cpus if role == "replica" else 0.3),
                    "memory_mib": 120.0,
                    "memory_limit_mib": float(setting.memory_mib),
                    "periods": periods,
                    "throttled_periods": periods * (ratio or 0.0),
                    "throttled_s": periods * (ratio or 0.0) * 0.05,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def evidence(
    *,
    question: Question = QUESTION,
    setting: Setting = SETTING,
    latency: Latency | None = None,
    failures: Mapping[str, float] | None = None,
    key: str = "trial",
    seed: int = 1,
    dropped: float = 0.0,
    cpu_share: float = 0.6,
    throttled: float | None = 0.05,
    generator_throttled: float | None = None,
    sampled: float = 1.0,
    steal: float | None = 0.01,
    busy: float = 0.5,
    spawned_s: float | None = -1.0,
    steady_s: float | None = None,
    ramp_up_ended_s: float | None = None,
    oom_s: float | None = None,
    died_s: float | None = None,
    memory_peak_mib: float | None = 140.0,
    limits_hit: tuple[str, ...] = (),
    oom_event: bool = True,
    cgroup: str = "1",
    asked_twice: bool = False,
    asked: int = 1,
    own_script: bool | None = None,
    work_us: float | None = None,
    reference_us: float | None = None,
    **generator: Any,
) -> Evidence:
    """A trial in which all went well, but for what the arguments say; -1 means on time.

    asked: every request is made so often at once; asked_twice: twice. With
    ramp_up_ended_s the load ended so many seconds into the ramp-up.
    """
    workload = question.workload
    arrived_s = workload.ramp_up_s if spawned_s == -1.0 else spawned_s
    steady_start_s = (arrived_s or workload.ramp_up_s) + workload.warm_up_s
    phases = Phases(
        arrived_s,
        steady_start_s,
        steady_start_s + (workload.steady_s if steady_s is None else steady_s),
    )
    if ramp_up_ended_s is not None:
        phases = Phases(None, ramp_up_ended_s, ramp_up_ended_s)
    table = requests_table(
        question, phases, latency or steady_ms(5.0), failures or {}, seed, dropped
    )
    if (times := 2 if asked_twice else asked) > 1:
        table = pd.concat([table] * times, ignore_index=True)
    failed = int((~table["outcome"].isin([record.OK, record.IN_FLIGHT])).sum())
    report = GeneratorReport(
        users_reached=workload.users,
        users_lost=0,
        requests=len(table),
        failures=failed,
        connects=workload.users + failed,
        heartbeat_lag_p99_ms=4.0,
        heartbeat_lag_max_ms=20.0,
        cpu_cores=0.4,
        clock_drift_ms=1.0,
    )
    gone = oom_s is not None or died_s is not None
    periods = None if throttled is None else 500
    replicas = [
        ReplicaReport(
            name=f"replica-{n}",
            address="",
            running_at_end=True,
            exit_code=None,
            oom_kills=0,
            restarts=0,
            memory_peak_mib=memory_peak_mib,
            cpu_s=None,
            periods=periods,
            throttled_periods=None if throttled is None else int(500 * throttled),
            throttled_s=None,
            limits_hit=limits_hit,
        )
        for n in range(1, setting.replicas + 1)
    ]
    events = []
    if gone:
        replicas[0] = replace(
            replicas[0], running_at_end=False, exit_code=137, oom_kills=int(oom_s is not None)
        )
        if oom_s is not None and oom_event:
            events.append(Event(oom_s, "replica-1", "oom"))
        if died_s is not None:  # by `docker kill`
            events += [Event(died_s, "replica-1", action) for action in ("kill", "die")]
    seconds = np.arange(0.0, phases.steady_end_s)
    trial = Trial(
        key=key,
        question=question,
        setting=setting,
        target=Target("api"),
        image_digest="sha256:0",
        locustfile_sha256="0",
        repeat=0,
        seed=seed,
        started_at="2026-01-01T00:00:00Z",
        started_wall_s=0.0,
        phases=phases,
        generator=replace(report, **generator),
        replicas=tuple(replicas),
        host=replace(HOST, cgroup_version=cgroup),
        versions={"aguanta": "0.1.0"},
        timings=Timings(1.0, 2.0, workload.duration_s, 1.0),
        events=tuple(events),
        own_script=own_script,
        reference_us=reference_us,
    )
    return Evidence(
        trial=trial,
        requests=table,
        docker_stats=docker_stats_table(
            setting, phases, cpu_share, throttled, sampled, generator_throttled
        ),
        generator=pd.DataFrame(
            {
                "time_s": seconds,
                "users": workload.users,
                "work_us": np.nan if work_us is None else work_us,
            },
            columns=record.GENERATOR_COLUMNS,
        ),
        host=pd.DataFrame(
            {
                "time_s": [] if steal is None else seconds,
                "busy_ratio": [] if steal is None else busy,
                "steal_ratio": [] if steal is None else steal,
            }
        ),
    )


def with_requests(given: Evidence, table: pd.DataFrame) -> Evidence:
    """The same trial with other requests."""
    return replace(given, requests=table)


def write(given: Evidence, folder: Path) -> Path:
    """Write a record's folder as the store does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / record.TRIAL_JSON).write_bytes(record.dump_trial(given.trial))
    quickly = {"method": "gzip", "compresslevel": 1}
    given.requests.to_csv(folder / record.REQUESTS_CSV, index=False, compression=quickly)
    given.docker_stats.to_csv(folder / record.DOCKER_STATS_CSV, index=False)
    given.generator.to_csv(folder / record.GENERATOR_CSV, index=False)
    given.host.to_csv(folder / record.HOST_CSV, index=False)
    return folder


def judgement(
    verdict: Verdict,
    slow: float = 0.01,
    cause: str | None = None,
    error_rate: float = 0.0,
    pooled: bool = True,
    at_its_speed: Verdict | None = None,
) -> Judgement:
    """A judgement without a trial, for rules about several of them."""
    bounds = Interval(slow, slow * 0.9, slow * 1.1)
    reasons = (f"it {verdict.value}",)
    return Judgement(
        verdict,
        reasons,
        cause,
        (),
        bounds,
        error_rate,
        pooled,
        at_its_speed=at_its_speed or verdict,
    )


def row(
    cpus: float,
    memory_mib: int,
    replicas: int = 1,
    verdict: Verdict = Verdict.HOLDS,
    p95_ms: float | None = 20.0,
    spread: float = 0.2,
    cause: str | None = None,
    **other: object,
) -> Row:
    """A row with a p95 whose interval is `spread` wide to each side."""
    usual = Row(
        setting=Setting(cpus, memory_mib, replicas),
        verdict=verdict,
        reasons=("because",),
        cause=cause,
        p50_ms=p95_ms,
        p95_ms=p95_ms,
        p99_ms=p95_ms,
        p95_range_ms=None if p95_ms is None else (p95_ms * (1 - spread), p95_ms * (1 + spread)),
        error_rate=0.0,
        rps=100.0,
        cpu_cores=0.3,
        memory_peak_mib=140.0,
        throttled_ratio=None,
        trials=(f"{cpus}-{memory_mib}-{replicas}",),
    )
    return replace(usual, **other)
