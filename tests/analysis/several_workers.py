"""Records of loads that several workers sent."""

from dataclasses import replace
from typing import Any

from loadtests.analysis.evidence import Evidence
from loadtests.record import WorkerReport
from tests.analysis.records import evidence


def worker(number: int, **changes: Any) -> WorkerReport:
    """A worker of 500 users who fared well, but for what is changed."""
    given = {
        "users_reached": 500, "users_lost": 0, "requests": 2000, "failures": 0, "connects": 500,
        "heartbeat_lag_p99_ms": 1.0, "heartbeat_lag_max_ms": 5.0, "cpu_cores": 0.3,
        "clock_drift_ms": 0.1, "clock_offset_ms": 0.2, "clock_offset_within_ms": 0.5,
    }  # fmt: skip
    return WorkerReport(number, f"worker-{number}", **(given | changes))


def sent_by(*workers: WorkerReport, **given: Any) -> Evidence:
    """A trial of which so many workers sent the load."""
    found = evidence(**given)
    return replace(found, trial=replace(found.trial, workers=workers))
