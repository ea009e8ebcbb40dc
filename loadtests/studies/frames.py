"""Trials as one tidy table, to be worked on with pandas; `data/README.md` has its columns."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from loadtests.analysis import counters, hosts
from loadtests.analysis.balance import busiest_share
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.summary import measure_row

# Every column with its kind and its unit, "" where it has none: of a table without trials too, so
# that what reads it need not ask.
_COLUMNS = {
    "trial": ("string", ""),
    "started_at": ("datetime64[ns, UTC]", "UTC"),
    "users": ("int64", ""),
    "rate_per_s": ("float64", "1/second"),
    "cpus": ("float64", "core"),
    "memory_mib": ("int64", "MiB"),
    "replicas": ("int64", ""),
    "repeat": ("int64", ""),
    "verdict": ("string", ""),
    "cause": ("string", ""),
    "reasons": ("string", ""),
    "stopped_early": ("bool", ""),
    "load_s": ("float64", "second"),
    "steady_s": ("float64", "second"),
    "p50_ms": ("float64", "millisecond"),
    "p95_ms": ("float64", "millisecond"),
    "p95_low_ms": ("float64", "millisecond"),
    "p95_high_ms": ("float64", "millisecond"),
    "p99_ms": ("float64", "millisecond"),
    "slow_share": ("float64", "share"),
    "error_rate": ("float64", "share"),
    "steady_error_rate": ("float64", "share"),
    "throughput_rps": ("float64", "1/second"),
    "cpu_used_cores": ("float64", "core"),
    "memory_peak_mib": ("float64", "MiB"),
    "throttled_ratio": ("float64", "share"),
    "steal_ratio": ("float64", "share"),
    "has_quota": ("bool", ""),
    "demand_cores": ("float64", "core"),
    "speed": ("float64", "ratio"),
    "balancing": ("string", ""),
    "busiest_share": ("float64", "ratio"),
    "proxy_cpu_cores": ("float64", "core"),
    "connects": ("float64", ""),
    "generator_cpu_cores": ("float64", "core"),
    "generator_lag_p99_ms": ("float64", "millisecond"),
}
COLUMNS = {name: kind for name, (kind, _) in _COLUMNS.items()}
UNITS = {name: unit for name, (_, unit) in _COLUMNS.items()}


def to_frame(trials: Iterable[tuple[Evidence, Judgement]]) -> pd.DataFrame:
    """Return one row a trial, in the order given, with the columns of COLUMNS.

    What was not measured is NaN (NA in text), never zero. A percentile that so many failed requests
    kept from being reached is infinite; `error_rate` is of the whole trial, all other rates and
    percentiles are of its steady state.
    """
    table = pd.DataFrame([_line(*pair) for pair in trials], columns=[*COLUMNS])
    return table.astype(COLUMNS)


def _line(evidence: Evidence, judgement: Judgement) -> Mapping[str, Any]:
    row, trial = measure_row(evidence, judgement), evidence.trial
    low_ms, high_ms = row.p95_range_ms or (None, None)
    return {
        "trial": trial.key[:16],
        "started_at": pd.Timestamp(trial.started_at),
        "users": trial.question.workload.users,
        "rate_per_s": trial.question.workload.rate_per_s,
        "cpus": trial.setting.cpus,
        "memory_mib": trial.setting.memory_mib,
        "replicas": trial.setting.replicas,
        "repeat": trial.repeat,
        "verdict": row.verdict.value,
        "cause": row.cause,
        "reasons": "; ".join(row.reasons),
        "stopped_early": trial.generator.stopped_early is not None,
        "load_s": trial.timings.load_s,
        "steady_s": max(0.0, trial.phases.steady_end_s - trial.phases.steady_start_s),
        "p50_ms": row.p50_ms,
        "p95_ms": row.p95_ms,
        "p95_low_ms": low_ms,
        "p95_high_ms": high_ms,
        "p99_ms": row.p99_ms,
        "slow_share": judgement.slow_share.estimate,
        "error_rate": row.error_rate,
        "steady_error_rate": row.steady_error_rate,
        "throughput_rps": row.rps,
        "cpu_used_cores": row.cpu_cores,
        "memory_peak_mib": row.memory_peak_mib,
        "throttled_ratio": row.throttled_ratio,
        "steal_ratio": hosts.steal_ratio(evidence),
        "has_quota": not trial.cpusets,
        "demand_cores": row.demand_cores,
        "speed": row.speed,
        "balancing": trial.target.balancing.value,
        "busiest_share": busiest_share(evidence),
        "proxy_cpu_cores": counters.proxy_cores(evidence),
        "connects": trial.generator.connects,
        "generator_cpu_cores": trial.generator.cpu_cores,
        "generator_lag_p99_ms": trial.generator.heartbeat_lag_p99_ms,
    }
