"""A second opinion on a trial, in plain loops over its raw files.

Nothing is shared with the analysis, numpy and pandas included: the same mistake is not made twice.
It knows no intervals and no validity. It asks of the raw requests whether the SLO was met,
so a trial that is said to hold must pass it.
"""

import csv
import gzip
import json
import math
from fractions import Fraction
from pathlib import Path


def objections(folder: Path) -> list[str]:
    """Return what speaks against `holds`, a sentence each; nothing when the trial may hold."""
    trial = json.loads((folder / "trial.json").read_text())
    with gzip.open(folder / "requests.csv.gz", "rt", newline="") as file:
        requests = [
            (float(row["start_s"]), float(row["latency_ms"]), row["outcome"])
            for row in csv.DictReader(file)
        ]
    found = [*_deaths(trial), *_failures(trial, requests), *_latency(trial, requests)]
    return found


def _deaths(trial):
    for replica in trial["replicas"]:
        if replica["oom_kills"]:
            yield f"{replica['name']} was OOM-killed"
        if not replica["running_at_end"]:
            yield f"{replica['name']} was gone at the end"
        if replica["restarts"]:
            yield f"{replica['name']} was restarted"


def _failures(trial, requests):
    timeout_ms = 1000 * trial["question"]["workload"]["timeout_s"]
    ended = failed = 0
    for _, latency_ms, outcome in requests:
        if outcome == "ok":
            ended += 1
        elif outcome != "in_flight" or latency_ms >= timeout_ms:
            ended += 1
            failed += 1
    if ended == 0:
        yield "nobody was answered"
    elif failed > trial["question"]["slo"]["error_rate"] * ended:
        yield f"{failed} of {ended} requests failed"


def _latency(trial, requests):
    slo, phases = trial["question"]["slo"], trial["phases"]
    limit_ms = slo["latency_ms"]
    felt_ms = []
    for start_s, latency_ms, outcome in requests:
        if not phases["steady_start_s"] <= start_s < phases["steady_end_s"]:
            continue  # nobody asked for it in the steady state
        if outcome == "ok":
            felt_ms.append(latency_ms)
        elif outcome != "in_flight" or latency_ms > limit_ms:
            felt_ms.append(math.inf)
    if not felt_ms:
        yield "nobody asked in the steady state"
        return
    # Nearest rank: the least latency that at least this share of the requests did not exceed.
    rank = math.ceil(Fraction(str(slo["percentile"])) / 100 * len(felt_ms))
    reached_ms = sorted(felt_ms)[rank - 1]
    if reached_ms > limit_ms:
        yield f"p{slo['percentile']:g} was {reached_ms:.0f} ms, above {limit_ms:g} ms"
