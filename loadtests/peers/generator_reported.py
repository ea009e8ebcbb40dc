"""What load generators report of a load themselves, each in files of its own. Pure."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from loadtests.analysis.latency import percentile
from loadtests.errors import TrialError
from loadtests.peers.generator_seen import Span
from loadtests.record import IN_FLIGHT, OK

Files = Mapping[str, bytes]  # by name


@dataclass(frozen=True)
class Reported:
    """A generator's own words."""

    p50_ms: float
    p99_ms: float
    failures: int
    span: Span | None = None  # what the latencies are of; None: the steady state, to the clock
    longest_pause_ms: float | None = None  # of its own, where it tells


def of_this_project(files: Files) -> Reported:
    """Read `report.json` and `requests.csv`: what began in the steady state and has ended."""
    report = _json(files, "report.json")
    steady, began_s = report["levels"][-1], report["started_wall_s"]
    table = pd.read_csv(io.BytesIO(files["requests.csv"]), keep_default_na=False)
    inside = table["start_s"].between(
        steady["steady_start_s"], steady["steady_end_s"], inclusive="left"
    ) & (table["outcome"] != IN_FLIGHT)
    taken_ms = table["latency_ms"].to_numpy(np.float64)
    felt_ms = np.where(table["outcome"] == OK, taken_ms, np.inf)[inside]
    return Reported(
        percentile(felt_ms, 50),
        percentile(felt_ms, 99),
        int(report["failures"]),
        Span(began_s + steady["steady_start_s"], began_s + steady["steady_end_s"]),
        float(report["heartbeat_lag_max_ms"]),
    )


def of_locust(files: Files) -> Reported:
    """Read what `--json-file` wrote: a histogram, since `--reset-stats` forgot the ramp-up.

    Its latencies are rounded, and percentiles are taken of it as Locust takes those it prints.
    """
    entries = _json(files, "locust.json")
    if not entries:
        _nothing("locust.json")
    (entry,) = entries
    counts = {float(ms): number for ms, number in entry["response_times"].items()}
    return Reported(
        _of_histogram(counts, 0.50),
        _of_histogram(counts, 0.99),
        int(entry["num_failures"]),
        Span(entry["start_time"], entry["last_request_timestamp"]),
    )


def of_k6(files: Files) -> Reported:
    """Read the script's summary: the latencies that it tagged as of the steady state."""
    metrics = _json(files, "summary.json")
    found = metrics["http_req_duration{phase:hold}"]["values"]
    failed = metrics.get("http_req_failed", {"values": {"passes": 0}})["values"]
    return Reported(found["med"], found["p(99)"], int(failed["passes"]))


def of_summary(files: Files) -> Reported:
    """Read the summary of a script of this project's, which is of all that was sent."""
    found = _json(files, "summary.json")
    span = Span(0.0, np.inf)
    return Reported(found["p50_us"] / 1000, found["p99_us"] / 1000, int(found["failures"]), span)


def _of_histogram(counts: Mapping[float, int], share: float) -> float:
    """Return the slowest latency below which lie at most `share` of all requests."""
    faster = sum(counts.values())
    allowed = int(faster * share)
    for latency_ms in sorted(counts, reverse=True):
        faster -= counts[latency_ms]
        if faster <= allowed:
            return latency_ms
    return 0.0


def _json(files: Files, name: str) -> Any:
    if name not in files:
        _nothing(name)
    return json.loads(files[name])


def _nothing(name: str) -> NoReturn:
    raise TrialError(f"the generator left no {name}, or nothing in it")
