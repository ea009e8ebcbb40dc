"""From judged trials to one row a setting."""

from collections.abc import Iterable, Sequence
from statistics import median

from loadtests.analysis import causes, counters, speed
from loadtests.analysis.by_objective import binding
from loadtests.analysis.cut_off import felt_percentile
from loadtests.analysis.evidence import CauseName, Evidence, Judgement, Row
from loadtests.analysis.intervals import percentile_interval
from loadtests.analysis.latency import (
    answered_rps,
    steady_error_rate,
    steady_sample,
)
from loadtests.analysis.pooling import combine
from loadtests.analysis.remembered import once
from loadtests.analysis.trial_length import is_measured, stopped_at_s
from loadtests.question import Setting
from loadtests.verdicts import Verdict

Judged = tuple[Evidence, Judgement]


@once
def measure_row(evidence: Evidence, judgement: Judgement) -> Row:
    """Return one trial as a row, its figures given even where the trial is invalid."""
    sample, trial, measured = steady_sample(evidence), evidence.trial, is_measured(evidence)
    measured = measured and len(sample.latency_ms) > 0
    slo = trial.question.slo
    p95 = percentile_interval(sample, 95, slo.latency_ms)
    return Row(
        setting=trial.setting,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        cause=judgement.cause,
        p50_ms=felt_percentile(sample, 50) if measured else None,
        p95_ms=p95.estimate if measured else None,
        p99_ms=felt_percentile(sample, 99) if measured else None,
        p95_range_ms=(p95.low, p95.high) if measured else None,
        error_rate=judgement.error_rate if len(evidence.requests) else None,
        rps=answered_rps(evidence) if measured and _lasted(evidence) else None,
        cpu_cores=counters.cpu_cores(evidence),
        memory_peak_mib=counters.memory_peak_mib(evidence),
        throttled_ratio=counters.throttled_ratio(evidence),
        trials=(trial.key,),
        stopped_at_s=stopped_at_s(evidence),
        steady_error_rate=steady_error_rate(evidence) if measured else None,
        demand_cores=counters.demand_cores(evidence),
        demand_reference_cores=speed.demand_reference_cores(evidence),
        speed=speed.relative_speed(evidence),
        slow_share=judgement.slow_share.estimate if measured else None,
        slo_ms=felt_percentile(sample, slo.percentile) if measured else None,
        binding=binding(judgement),
    )


def _lasted(evidence: Evidence) -> bool:
    """Say whether every user asked about once in steady state, so that a rate means something.

    What arrives at a rate of its own means something at once.
    """
    if evidence.trial.question.workload.is_open:
        return True
    phases = evidence.trial.phases
    steady_s = phases.steady_end_s - phases.steady_start_s
    return steady_s >= evidence.trial.question.workload.think_mean_s


def never_ready_row(setting: Setting, reason: str, cause: CauseName = CauseName.NEVER_READY) -> Row:
    """Return the row of a setting with which the service never answered: it fails, unmeasured."""
    return Row(setting, Verdict.FAILS, (reason,), cause)


def summarise(setting: Setting, results: Sequence[Judged]) -> Row:
    """Return all trials of one setting as one row.

    Invalid trials are no evidence and count only in `trials`; without any other the row is invalid
    and its figures are None. The verdict is that of `combine`; figures are medians.
    """
    measured = [measure_row(evidence, judgement) for evidence, judgement in results]
    keys = tuple(key for row in measured for key in row.trials)
    usable = [row for row in measured if row.verdict is not Verdict.INVALID]
    if not usable:
        reasons = measured[-1].reasons if measured else ("No trial of this setting was recorded",)
        verdict = Verdict.INVALID if measured else Verdict.UNDECIDED
        return Row(setting, verdict, reasons, trials=keys)
    judgements = [j for _, j in results if j.verdict is not Verdict.INVALID]
    verdict, said = combine(judgements, results[0][0].trial.question.slo)
    agreeing = [row for row in usable if row.verdict is verdict] or usable
    ranges = [row.p95_range_ms for row in usable if row.p95_range_ms is not None]
    return Row(
        setting=setting,
        verdict=verdict,
        reasons=(*said, *agreeing[-1].reasons),
        cause=_cause(agreeing, results) if verdict is Verdict.FAILS else None,
        p50_ms=_median([row.p50_ms for row in usable]),
        p95_ms=_median([row.p95_ms for row in usable]),
        p99_ms=_median([row.p99_ms for row in usable]),
        p95_range_ms=(min(r[0] for r in ranges), max(r[1] for r in ranges)) if ranges else None,
        error_rate=_median([row.error_rate for row in usable]),
        rps=_median([row.rps for row in usable]),
        cpu_cores=_median([row.cpu_cores for row in usable]),
        memory_peak_mib=_median([row.memory_peak_mib for row in usable]),
        throttled_ratio=_median([row.throttled_ratio for row in usable]),
        trials=keys,
        stopped_at_s=_stopped_at_s(usable),
        steady_error_rate=_median([row.steady_error_rate for row in usable]),
        demand_cores=_median([row.demand_cores for row in usable]),
        demand_reference_cores=_median([row.demand_reference_cores for row in usable]),
        speed=_median([row.speed for row in usable]),
        slow_share=_median([row.slow_share for row in usable]),
        slo_ms=_median([row.slo_ms for row in usable]),
        binding=agreeing[-1].binding,
    )


def _stopped_at_s(rows: Sequence[Row]) -> float | None:
    """Return when the last of trials that all ended early did so; None where one ran whole."""
    stops = [row.stopped_at_s for row in rows if row.stopped_at_s is not None]
    return max(stops) if len(stops) == len(rows) else None


def _cause(failing: Sequence[Row], results: Sequence[Judged]) -> CauseName:
    """Return why a setting fails: as its failing trials say, else as the last trial looks.

    Trials that are undecided one by one may fail together, and then none has named a cause.
    """
    named = next((row.cause for row in failing if row.cause), None)
    usable = [evidence for evidence, j in results if j.verdict is not Verdict.INVALID]
    return named or causes.diagnose(usable[-1]).name


def rows(results: Iterable[Judged]) -> list[Row]:
    """Return one row a setting, in the order of the settings: CPU, memory, replicas."""
    by_setting: dict[Setting, list[Judged]] = {}
    for evidence, judgement in results:
        by_setting.setdefault(evidence.trial.setting, []).append((evidence, judgement))
    return [summarise(setting, by_setting[setting]) for setting in sorted(by_setting)]


def by_size(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return rows by the size of one container ("0.5 CPU / 300 MiB"), fewest replicas first."""
    sizes: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: r.setting):
        size = Setting(row.setting.cpus, row.setting.memory_mib).label
        sizes.setdefault(size, []).append(row)
    return sizes


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
