"""Invented trials, judgements and rows for the tests of figures, tables and pages."""

import math

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import (
    Check,
    Evidence,
    Interval,
    Judgement,
    Reading,
    Row,
    Skipped,
    Voids,
)
from loadtests.question import Question, Setting, Target
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

DURATION_S = 60


def _replica(number: int, died: bool) -> ReplicaReport:
    return ReplicaReport(
        name=f"api-{number}",
        address=f"172.20.0.{number + 1}",
        running_at_end=not died,
        exit_code=137 if died else None,
        oom_kills=int(died),
        restarts=0,
        memory_peak_mib=200.0,
        cpu_s=30.0,
        periods=600,
        throttled_periods=200,
        throttled_s=10.0,
    )


def a_trial(replicas: int = 1, died_at_s: float | None = None) -> Trial:
    """Return the record of an invented trial at 10,000 users."""
    events: tuple[Event, ...] = ()
    if died_at_s is not None:
        events = tuple(
            Event(died_at_s + 0.2 * k, "api-1", action) for k, action in enumerate(("oom", "die"))
        )
    return Trial(
        key="0a1b2c3d",
        question=Question(),
        setting=Setting(cpus=0.5, memory_mib=300, replicas=replicas),
        target=Target("aguanta/api:test"),
        image_digest="sha256:00",
        locustfile_sha256="00",
        repeat=0,
        seed=7,
        started_at="2025-01-01T00:00:00Z",
        started_wall_s=1_735_689_600.0,
        phases=Phases(spawned_s=20.4, steady_start_s=30.0, steady_end_s=float(DURATION_S)),
        generator=GeneratorReport(10_000, 0, 50_000, 12, 10_000, 4.0, 20.0, 0.4, 1.0),
        replicas=tuple(_replica(n + 1, died_at_s is not None) for n in range(replicas)),
        host=HostReport("host", 2, "cpu", 24_000, "6.1", "2", "27", "overlay2"),
        versions={},
        timings=Timings(1.0, 2.0, 60.0, 1.0),
        events=events,
    )


def _generator(died_at_s: float | None, noise: np.random.Generator) -> pd.DataFrame:
    time = np.arange(1, DURATION_S + 1, dtype=float)
    users = np.minimum(10_000, 500 * time)
    alive = np.ones_like(time, dtype=bool) if died_at_s is None else time < died_at_s
    p50 = 3 + 2 * noise.random(DURATION_S)
    p95 = 12 * np.exp(noise.normal(0, 0.6, DURATION_S)) + 700 * (np.abs(time - 44) < 2)
    rps = users / 10 * noise.normal(1, 0.03, DURATION_S)
    return pd.DataFrame(
        {
            "time_s": time,
            "users": users,
            "in_flight": np.where(alive, 8 + 300 * (np.abs(time - 44) < 2), users * 0.8),
            "rps": np.where(alive, rps, rps * 0.2),
            "failures_per_s": np.where(alive, 0.0, rps * 0.2),
            "p50_ms": np.where(alive, p50, 10_000.0),
            "p95_ms": np.where(alive, p95, 10_000.0),
            "lag_p99_ms": 4.0,
            "lag_max_ms": 9.0,
            "cpu_cores": 0.4,
            "connects": users,
        }
    )


def _stats(
    replicas: int, died_at_s: float | None, counters: bool, noise: np.random.Generator
) -> pd.DataFrame:
    frames = []
    for number in range(1, replicas + 1):
        end = DURATION_S if died_at_s is None else int(died_at_s)
        time = np.arange(1, end + 1, dtype=float)
        workload = np.minimum(1.0, time / 20)
        periods = 10 * time
        throttled = np.cumsum(10 * noise.random(end) * workload * 0.7)
        frames.append(
            pd.DataFrame(
                {
                    "time_s": time,
                    "container": f"api-{number}",
                    "role": "replica",
                    "cpu_cores": 0.45 * workload * noise.normal(1, 0.06, end) / (1 + number / 20),
                    "memory_mib": 95 + 100 * workload + number,
                    "memory_limit_mib": 300.0,
                    "periods": periods if counters else np.nan,
                    "throttled_periods": throttled if counters else np.nan,
                    "throttled_s": throttled / 20 if counters else np.nan,
                }
            )
        )
    time = np.arange(1, DURATION_S + 1, dtype=float)
    generator = pd.DataFrame({"time_s": time, "container": "generator", "role": "generator"})
    generator["cpu_cores"] = 0.4 * np.minimum(1, time / 20)
    generator["memory_mib"] = 300.0
    return pd.concat([*frames, generator], ignore_index=True)


def an_evidence(
    replicas: int = 1, *, died_at_s: float | None = None, counters: bool = True
) -> Evidence:
    """Return an invented trial with its tables."""
    noise = np.random.default_rng(7)
    time = np.arange(1, DURATION_S + 1, dtype=float)
    return Evidence(
        trial=a_trial(replicas, died_at_s),
        requests=pd.DataFrame(
            {"start_s": [31.0], "latency_ms": [4.0], "outcome": ["ok"], "name": ["/predict"]}
        ),
        docker_stats=_stats(replicas, died_at_s, counters, noise),
        generator=_generator(died_at_s, noise),
        host=pd.DataFrame({"time_s": time, "busy_ratio": 0.6, "steal_ratio": 0.01}),
    )


def a_judgement(
    verdict: Verdict = Verdict.HOLDS, cause: str | None = None, share: float = 0.012
) -> Judgement:
    """Return an invented judgement with one check that is well and one that tripped."""
    return Judgement(
        verdict=verdict,
        reasons=("1.2% of requests were slow or failed, 5% are allowed",),
        cause=cause,
        checks=(
            Check("users", True, "10,000 of 10,000 users within 20.4 s", Reading("10,000")),
            Check(
                "steal time",
                False,
                "4.1% of the CPU was stolen",
                Reading("4.1%"),
                Voids.FAILS,
                "use a quiet host",
            ),
        ),
        slow_share=Interval(share, share / 2, min(1.0, share * 2)),
        error_rate=0.0 if verdict is Verdict.HOLDS else 0.2,
        at_its_speed=verdict,
    )


def a_row(
    cpus: float,
    memory_mib: int,
    replicas: int = 1,
    verdict: Verdict = Verdict.HOLDS,
    cause: str | None = None,
    p95_ms: float | None = 14.0,
    error_rate: float | None = 0.0,
    stopped_at_s: float | None = None,
    trials: int = 2,
) -> Row:
    """Return an invented row whose other figures follow from its p95 (ms)."""
    finite = p95_ms is not None and math.isfinite(p95_ms)
    return Row(
        setting=Setting(cpus, memory_mib, replicas),
        verdict=verdict,
        reasons=(f"the trials say {verdict.value}",),
        cause=cause,
        p50_ms=None if p95_ms is None else (max(2.2, p95_ms / 5) if finite else 4_100.0),
        p95_ms=p95_ms,
        p99_ms=None if p95_ms is None else p95_ms * 3,
        p95_range_ms=(p95_ms * 0.6, p95_ms * 1.9) if p95_ms is not None and finite else None,
        error_rate=error_rate,
        rps=996.0,
        cpu_cores=0.51,
        memory_peak_mib=187.0,
        throttled_ratio=0.31 if cause == "cpu_throttled" else None,
        trials=tuple(f"{number:04x}" for number in range(trials)),
        stopped_at_s=stopped_at_s,
    )


def stopped_row(cpus: float = 0.2, memory_mib: int = 150) -> Row:
    """Return the row of a trial that was stopped in its ramp-up, so that it has no percentile."""
    return a_row(cpus, memory_mib, 1, Verdict.FAILS, "out_of_memory", None, 0.009, 16.4, trials=1)


def vertical_rows() -> list[Row]:
    """Return rows like those of the classic table, one of each verdict."""
    return [
        a_row(2, 1000, p95_ms=9.0),
        a_row(1, 500, p95_ms=11.0),
        a_row(0.75, 500, p95_ms=16.0),
        a_row(0.6, 256, p95_ms=38.0),
        a_row(0.5, 300, 1, Verdict.UNDECIDED, None, 620.0),
        a_row(0.45, 256, 1, Verdict.FAILS, "cpu_throttled", 1_720.0, 0.0004),
        a_row(0.5, 100, 1, Verdict.FAILS, "out_of_memory", math.inf, 0.81),
        a_row(0.6, 128, 1, Verdict.INVALID, None, None, None),
    ]


def skipped_settings() -> list[Skipped]:
    """Return settings that a small host cannot grant."""
    return [
        Skipped(Setting(4, 500), "this host has 2 CPUs, the setting asks for 4"),
        Skipped(Setting(2.5, 1500), "this host has 2 CPUs, the setting asks for 2.5"),
    ]


def scale_out_rows() -> dict[str, list[Row]]:
    """Return 1, 3 and 5 replicas of two sizes."""
    return {
        "0.5 CPU / 300 MiB": [
            a_row(0.5, 300, 1, Verdict.UNDECIDED, None, 620.0),
            a_row(0.5, 300, 3, p95_ms=7.0),
            a_row(0.5, 300, 5, p95_ms=8.0),
        ],
        "0.25 CPU / 200 MiB": [
            a_row(0.25, 200, 1, Verdict.FAILS, "out_of_memory", math.inf, 0.9),
            a_row(0.25, 200, 3, p95_ms=13.0),
            a_row(0.25, 200, 5, p95_ms=9.0),
        ],
    }


def prices(rows: list[Row]) -> dict[Row, float]:
    """Return a cost per hour for every row."""
    return {
        r: 0.04 * r.setting.total_cpus + 0.0044 * r.setting.total_memory_mib / 1024 for r in rows
    }
