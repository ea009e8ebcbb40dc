"""The reports of several workers as that of one load: counts added, and the worst worker's health.

No percentile is made of percentiles: latencies are merged request by request, by who collects the
workers' journals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from loadtests.generator.clock_offset import ClockOffset
from loadtests.generator.report import LevelReport, Report, WorkerReport

# What a worker's report says of its requests and its health, under the same name.
_OF_WORKER = (
    "users_reached",
    "users_lost",
    "requests",
    "failures",
    "connects",
    "heartbeat_lag_p99_ms",
    "heartbeat_lag_max_ms",
    "cpu_cores",
    "clock_drift_ms",
)
_WORST = ("heartbeat_lag_p99_ms", "heartbeat_lag_max_ms", "cpu_cores", "clock_drift_ms")
_SUMMED = (
    "requests",
    "failures",
    "users_ended",
    "closed_by_service",
    "thinks",
    "arrivals",
    "arrivals_waited",
    "arrivals_unexplained",
)
_COUNTED = ("own_errors", "script_errors", "not_judged")
NO_REPORT = "it left no report"

Told = Mapping[str, Any]  # a report as its worker sent it


def merged_level(seen: LevelReport, told: Iterable[Told]) -> LevelReport:
    """Return a level, its times as the master saw them, with what all workers counted in it."""
    levels = [*told]
    sums = {
        name: sum(level[name] for level in levels)
        for name in ("requests", "slow", "failures", "thinks")
    }
    return replace(seen, **sums)


def merged_report(
    seen: Report, told: Mapping[int, Told], workers: Sequence[WorkerReport]
) -> Report:
    """Return the report of a load, as its master saw it, with what its workers reported."""
    reports = [*told.values()]
    if not reports:
        return replace(seen, workers=tuple(workers))
    connects = [report["connects"] for report in reports]
    thinks = [report["thinks_steady"] for report in reports]
    merged: dict[str, Any] = {
        **{name: max(getattr(seen, name), *(r[name] for r in reports)) for name in _WORST},
        **{name: sum(report[name] for report in reports) for name in _SUMMED},
        **{name: _counted(name, reports, getattr(seen, name)) for name in _COUNTED},
        "users_lost": max(seen.users_lost, sum(report["users_lost"] for report in reports)),
        "connects": None if None in connects else sum(connects),
        "thinks_steady": None if None in thinks else sum(thinks),
        "tasks_not_run": _of_all([report["tasks_not_run"] for report in reports]),
        "rarest_share": reports[0]["rarest_share"],
        "redirected": {k: v for report in reports for k, v in report["redirected"].items()},
    }
    return replace(seen, **merged, workers=tuple(workers))


def worker_report(
    worker: int, told: Told | None, offset: ClockOffset, silence: str
) -> WorkerReport:
    """Return how a worker fared, which is not known of one that left no report.

    `silence` says that it was not heard of for too long, "" that it was.
    """
    known = {} if told is None else {name: told[name] for name in _OF_WORKER}
    return WorkerReport(
        number=worker + 1,
        clock_offset_ms=offset.ahead_ms,
        clock_offset_within_ms=offset.within_ms,
        lost=silence or (NO_REPORT if told is None else ""),
        **known,
    )


def _counted(name: str, reports: Sequence[Told], own: Mapping[str, int]) -> dict[str, int]:
    counts = Counter(own)
    for report in reports:
        counts.update(report[name])
    return dict(counts)


def _of_all(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what is in all of the lists: a task is run where any worker has run it."""
    return tuple(item for item in lists[0] if all(item in others for others in lists[1:]))
