"""A whole run that was never measured: the tables of two notebooks and all their trials."""

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.analysis.evidence import Evidence, Skipped
from loadtests.question import SLO, Question, Setting, Workload
from loadtests.record import trial_folder
from loadtests.studies.manifest import WITHOUT_QUOTA, Manifest, write_manifest
from loadtests.studies.parameters import Parameters
from tests.analysis.records import evidence, growing_ms, steady_ms, write

QUESTION = Question(Workload(users=400, spawn_rate=100, think_time_s=(1, 3), steady_s=20), SLO())
LEAST = Setting(0.2, 150, 2)
TOO_LARGE = Skipped(Setting(64, 500), "64 CPU asked, the host has 2; ask for at most 2")
# Each setting with what happened to it.
VERTICAL: dict[Setting, dict[str, Any]] = {
    Setting(1, 500): {"latency": steady_ms(4)},
    Setting(0.5, 300): {"latency": steady_ms(20)},
    Setting(0.5, 100): {"oom_s": 3.0, "failures": {"connection_refused": 0.6}},
}
SCALE_OUT: dict[Setting, dict[str, Any]] = {
    Setting(0.2, 150): {"latency": growing_ms(4, 200), "throttled": 0.9, "cpu_share": 1.0},
    LEAST: {"latency": steady_ms(30)},
    Setting(0.2, 150, 3): {"latency": steady_ms(8)},
}


def write_run(run: Path) -> None:
    """Write what notebooks 03 and 04 leave in a run's folder."""
    _write_table(run, "vertical", VERTICAL, (TOO_LARGE,))
    _write_table(run, "scale_out", SCALE_OUT, ())
    _write_without_quota(run)


def _write_table(
    run: Path, name: str, told: dict[Setting, dict[str, Any]], skipped: tuple[Skipped, ...]
) -> None:
    keys = []
    for setting, story in told.items():
        key = hashlib.sha256(setting.label.encode()).hexdigest()
        invented = evidence(question=QUESTION, setting=setting, key=key, **story)
        told_by_generator = replace(invented, generator=_seconds(invented))
        write(told_by_generator, trial_folder(run, key))
        keys.append(key)
    target = Parameters().target
    write_manifest(run, Manifest(name, QUESTION, target, tuple(told), tuple(keys), skipped))


def _write_without_quota(run: Path) -> None:
    key, limited = (hashlib.sha256(name.encode()).hexdigest() for name in ("free", LEAST.label))
    free = evidence(question=QUESTION, setting=LEAST, key=key, throttled=None)
    free = replace(free, trial=replace(free.trial, cpusets=("1", "0")), generator=_seconds(free))
    write(free, trial_folder(run, key))
    target = Parameters().target
    write_manifest(run, Manifest(WITHOUT_QUOTA, QUESTION, target, (LEAST,), (limited, key)))


def _seconds(told: Evidence) -> pd.DataFrame:
    """Return the generator's own account, a row a second, of the requests that were invented."""
    workload, timeout_ms = QUESTION.workload, QUESTION.workload.timeout_s * 1000
    rows = []
    for second in range(math.ceil(told.trial.phases.steady_end_s)):
        now = told.requests[told.requests.start_s.between(second, second + 1)]
        failed = ~now.outcome.isin([record.OK, record.IN_FLIGHT])
        times = np.where(failed, timeout_ms, now.latency_ms)
        p50, p95 = np.percentile(times, [50, 95]) if len(times) else (np.nan, np.nan)
        users = min(workload.users, workload.spawn_rate * (second + 1))
        seen = [5, len(now), int(failed.sum()), p50, p95]
        moment = [second, users, *seen, 3.0, 8.0, 0.4, users, 350.0]
        rows.append(dict(zip(record.GENERATOR_COLUMNS, moment, strict=True)))
    return pd.DataFrame(rows)


def notebook_for(run: str, source: Path, copy: Path) -> None:
    """Copy a notebook with the name of a run typed into its parameters cell."""
    notebook = json.loads(source.read_text())
    cell = next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", ()))
    cell["source"] = [f'run = "{run}"']
    copy.write_text(json.dumps(notebook))
