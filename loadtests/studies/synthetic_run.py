"""A run of trials that never ran: recorded ones, changed a little by chance, as files on disk.

They are of the size and form of real ones, so that reading them costs what it costs; what they say
is of no service.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.trial_length import ended_early
from loadtests.errors import RecordError
from loadtests.record import trial_folder
from loadtests.studies.manifest import SCALE_OUT, VERTICAL, Manifest, read_manifest, write_manifest

# Lognormal, so that nothing becomes negative: of a whole trial, as they differ by the speed of the
# CPU, and of each request.
BETWEEN_TRIALS = 0.1
BETWEEN_REQUESTS = 0.1
START_S = 0.02  # by which a request may have begun earlier or later
MINUTES_APART = 2
# Level 6 makes files as large as level 9 does, within a hundredth, in a third of the time.
LEVEL = 6


@dataclass(frozen=True)
class Templates:
    """Recorded trials of one question that ran their whole length."""

    manifest: Manifest
    trials: tuple[Evidence, ...]


def read_templates(run: Path) -> Templates:
    """Read the whole trials of a run's tables; raises RecordError where it has none."""
    parts = [read_manifest(run, name) for name in (SCALE_OUT, VERTICAL)]
    known = [part for part in parts if part is not None]
    trials = [
        Evidence.read(trial_folder(run, key))
        for key in dict.fromkeys(key for part in known for key in part.trials)
    ]
    whole = tuple(
        each
        for each in trials
        if not ended_early(each) and each.trial.question == known[0].question
    )
    if not whole:
        raise RecordError(f"{run} has no trial that ran its whole length; name a run that has")
    return Templates(known[0], whole)


def write_synthetic(run: Path, templates: Templates, numbers: Sequence[int], seed: int) -> None:
    """Write trials of those numbers into a run's folder; each follows from its number and seed."""
    for number in numbers:
        template = templates.trials[number % len(templates.trials)]
        rng = np.random.default_rng([seed, number])
        slowness = rng.lognormal(0.0, BETWEEN_TRIALS)
        folder = trial_folder(run, key_of(number, seed))
        folder.mkdir(parents=True)
        files = {
            record.REQUESTS_CSV: _requests(template.requests, slowness, rng),
            record.DOCKER_STATS_CSV: _csv(_slower(template.docker_stats, slowness)),
            record.GENERATOR_CSV: _csv(template.generator),
            record.HOST_CSV: _csv(template.host),
            record.TRIAL_JSON: _trial_json(template, number, len(templates.trials), seed),
        }
        for name, content in files.items():
            (folder / name).write_bytes(content)


def key_of(number: int, seed: int) -> str:
    """Return the key of a synthetic trial."""
    return hashlib.sha256(f"synthetic {seed} {number}".encode()).hexdigest()


def write_table_of(run: Path, templates: Templates, trials: int, seed: int) -> None:
    """Let a run have a table of its first so many synthetic trials: scale_out.json."""
    settings = [each.trial.setting for each in templates.trials[:trials]]
    manifest = replace(
        templates.manifest,
        name=SCALE_OUT,
        settings=tuple(dict.fromkeys(settings)),
        trials=tuple(key_of(number, seed) for number in range(trials)),
        skipped=(),
        never_ready=(),
        search=None,
    )
    write_manifest(run, manifest)


def _requests(table: pd.DataFrame, slowness: float, rng: np.random.Generator) -> bytes:
    """Return requests.csv.gz with other latencies and times, in the order they then end."""
    size, phases = len(table), rng.uniform(-START_S, START_S, len(table))
    start_s = (table["start_s"].to_numpy() + phases).clip(0)
    latency_ms = table["latency_ms"].to_numpy() * slowness
    latency_ms = latency_ms * rng.lognormal(0.0, BETWEEN_REQUESTS, size)
    unanswered = (table["outcome"] == record.IN_FLIGHT).to_numpy()
    latency_ms = np.where(unanswered, table["latency_ms"].to_numpy(), latency_ms)
    order = np.argsort(np.where(unanswered, np.inf, start_s + latency_ms / 1000), kind="stable")
    words = table[["outcome", "replica", "name"]].astype(object).fillna("")
    kinds = [words[column].to_numpy()[order] for column in words]
    lines = [",".join(["start_s", "latency_ms", *words])]
    lines += [
        f"{start:.4f},{latency:.2f},{outcome},{replica},{name}"
        for start, latency, outcome, replica, name in zip(
            start_s[order], latency_ms[order], *kinds, strict=True
        )
    ]
    return gzip.compress("\r\n".join([*lines, ""]).encode(), LEVEL, mtime=0)


def _slower(stats: pd.DataFrame, slowness: float) -> pd.DataFrame:
    """Return docker stats in which the containers used more CPU by a factor."""
    used = [name for name in ("cpu_cores", "cpu_s") if name in stats]
    return stats.assign(**{name: (stats[name] * slowness).round(4) for name in used})


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def _trial_json(template: Evidence, number: int, templates: int, seed: int) -> bytes:
    trial = template.trial
    began = datetime.fromisoformat(trial.started_at) + timedelta(minutes=MINUTES_APART * number)
    changed: Mapping[str, object] = {
        "key": key_of(number, seed),
        "repeat": number // templates,
        "seed": number,
        "started_at": began.isoformat(),
    }
    return record.dump_trial(replace(trial, **changed))  # type: ignore[arg-type]  # of a dict
