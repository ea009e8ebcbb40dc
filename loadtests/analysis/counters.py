"""What kernel and engine counted over the steady state; None is "not reported", never zero."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from loadtests.analysis.docker_samples import samples_by_container, steady_of_role
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import Floats, columns
from loadtests.analysis.remembered import once
from loadtests.analysis.trial_length import is_measured
from loadtests.record import CompanionReport

# Below this share of the 1 Hz samples their means are left blank: the gaps are not random, a busy
# engine skips the busiest seconds.
SAMPLE_COVERAGE = 0.9

_Count = Callable[[Evidence, float, float], int]  # of requests that ended between two moments


def in_steady_state(evidence: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table whose `time_s` lies in the steady state."""
    phases = evidence.trial.phases
    inside = (table["time_s"] >= phases.steady_start_s) & (table["time_s"] < phases.steady_end_s)
    return table[inside]


@once
def sample_coverage(evidence: Evidence) -> float:
    """Return the share of the steady state's seconds sampled, of the replica with the fewest."""
    phases, wanted = evidence.trial.phases, evidence.trial.setting.replicas
    expected = expected_samples(phases.steady_start_s, phases.steady_end_s)
    if expected <= 0:
        return 0.0
    sizes = [len(each.steady) for each in steady_of_role(evidence, "replica")]
    return min(1.0, min(sizes) / expected) if len(sizes) >= wanted else 0.0


def expected_samples(from_s: float, to_s: float) -> int:
    """Return how many samples there are of so many seconds at least."""
    # A window that opens just after a sample sees one less than it has seconds.
    return math.floor(to_s - from_s) - 1


@once
def cpu_cores(evidence: Evidence) -> float | None:
    """Return the cores all replicas used together, mean over the steady state."""
    if not is_measured(evidence) or sample_coverage(evidence) < SAMPLE_COVERAGE:
        return None
    places = np.sort(np.concatenate([s.steady for s in steady_of_role(evidence, "replica")]))
    used = evidence.docker_stats[["container", "cpu_cores"]].iloc[places]
    means = used.groupby("container", observed=True)["cpu_cores"].mean()
    return number(means.sum(skipna=False))


@once
def cpu_ms_per_answer(evidence: Evidence) -> float | None:
    """Return the CPU that one right answer took all replicas together, in milliseconds.

    In the steady state; of a trial that had none, from the first user on, so that the service's
    start is left out.
    """
    return _cpu_ms_each(evidence, _answers)


@once
def cpu_ms_per_request(evidence: Evidence) -> float | None:
    """Return the CPU that one request took, answered or not, in milliseconds.

    The least that an answer may take: who ran into a timeout took CPU too. When, as of an answer.
    """
    return _cpu_ms_each(evidence, _ended)


def _cpu_ms_each(evidence: Evidence, count: _Count) -> float | None:
    if is_measured(evidence):
        phases, used = evidence.trial.phases, cpu_cores(evidence)
        steady_s = phases.steady_end_s - phases.steady_start_s
        cpu_s = None if used is None else used * steady_s
        counted = count(evidence, phases.steady_start_s, phases.steady_end_s)
    else:
        cpu_s, counted = _since_the_first_user(evidence, count)
    return None if cpu_s is None or counted == 0 else 1000 * cpu_s / counted


def demand_cores(evidence: Evidence) -> float | None:
    """Return the cores the workload needs: CPU a right answer x the throughput it implies.

    The utilisation law U = X D (Denning & Buzen 1978), with X as if answers came at once.
    """
    each_ms = cpu_ms_per_answer(evidence)
    implied_rps = evidence.trial.question.workload.expected_rps()
    return None if each_ms is None else each_ms / 1000 * implied_rps


def _since_the_first_user(evidence: Evidence, count: _Count) -> tuple[float | None, int]:
    """Return CPU seconds of all replicas and what is counted between first and last sample."""
    stats = evidence.docker_stats
    stats = stats[(stats["role"] == "replica") & (stats["time_s"] >= 0)]
    containers = stats.groupby("container", observed=True)
    if containers.ngroups < evidence.trial.setting.replicas or containers.size().min() < 2:
        return None, 0
    used = containers["cpu_s"].max() - containers["cpu_s"].min()
    return number(used.sum()), count(evidence, stats["time_s"].min(), stats["time_s"].max())


def _answers(evidence: Evidence, from_s: float, to_s: float) -> int:
    start_s, latency_ms, ok, _ = columns(evidence)
    end_s = start_s + latency_ms / 1000
    return int(np.count_nonzero(ok & (end_s >= from_s) & (end_s < to_s)))


def _ended(evidence: Evidence, from_s: float, to_s: float) -> int:
    start_s, latency_ms, _, in_flight = columns(evidence)
    end_s = start_s + latency_ms / 1000
    return int(np.count_nonzero(~in_flight & (end_s >= from_s) & (end_s < to_s)))


@once
def throttled_ratio(evidence: Evidence) -> float | None:
    """Return throttled / all scheduler periods over the steady state, of the worst replica.

    From the counters' difference over the steady state; without one, from the whole trial's.
    """
    ratios = _period_ratios(evidence, "replica") if is_measured(evidence) else []
    if not ratios:
        ratios = [
            report.throttled_periods / report.periods
            for report in evidence.trial.replicas
            if report.periods and report.throttled_periods is not None
        ]
    return max(ratios, default=None)


@once
def generator_throttled_ratio(evidence: Evidence) -> float | None:
    """Return throttled / all scheduler periods of the generator's container, in steady state."""
    return max(_period_ratios(evidence, "generator"), default=None)


def _period_ratios(evidence: Evidence, role: str) -> list[float]:
    ratios = []
    for each in steady_of_role(evidence, role):
        counted = np.array([each.steady_of("periods"), each.steady_of("throttled_periods")])
        counted = counted[:, ~np.isnan(counted).any(axis=0)]
        periods, throttled = np.ptp(counted, axis=1) if counted.size else (0.0, 0.0)
        if periods > 0:
            ratios.append(float(throttled / periods))
    return ratios


def memory_peak_mib(evidence: Evidence) -> float | None:
    """Return the highest memory of the fullest replica over the whole trial."""
    known = [r.memory_peak_mib for r in evidence.trial.replicas if r.memory_peak_mib is not None]
    if known:
        return max(known)
    stats = evidence.docker_stats
    sampled = stats.loc[stats["role"] == "replica", "memory_mib"]
    return number(sampled.max()) if len(sampled) else None


def companion_cores(evidence: Evidence, companion: CompanionReport) -> float | None:
    """Return the cores that a companion used, mean over the steady state; None: not sampled."""
    return container_mean(evidence, companion.container, "cpu_cores")


def proxy_cores(evidence: Evidence) -> float | None:
    """Return the cores that the proxy used, mean over the steady state; None: none, not sampled."""
    proxy = evidence.trial.proxy
    return None if proxy is None else container_mean(evidence, proxy.container, "cpu_cores")


def container_mean(evidence: Evidence, container: str, column: str) -> float | None:
    """Return the mean of a column of docker stats over the steady state; None: not reported."""
    own = samples_by_container(evidence).get(container)
    if own is None or column not in evidence.docker_stats:
        return None
    known = reported(own.steady_of(column))
    return number(known.mean()) if len(known) else None


def reported(values: Floats) -> Floats:
    """Return those that were reported."""
    return values[~np.isnan(values)]


def number(value: object) -> float | None:
    """Return a scalar of pandas as a number; None where it is none."""
    found = float(np.float64(value))  # type: ignore[arg-type]
    return found if math.isfinite(found) else None
