"""Measure how much time a trial takes beyond its load (`make overhead`); nothing is asserted."""

import shutil
import sys
import time
from dataclasses import asdict

import pandas as pd
from docker import DockerClient

from loadtests.bench.engine_start import ensure_engine
from loadtests.jobs.console import tells_refusals
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import RUNS, Parameters
from loadtests.studies.progress import PlainProgress

# Starting and removing containers takes longer with more connections and replicas.
CASES = (
    Parameters(run="overhead", users=500, think_min=1, think_max=3, steady_s=5),
    Parameters(
        run="overhead", users=500, think_min=1, think_max=3, steady_s=5, replicas=5, cpus=0.2
    ),
    Parameters(run="overhead", steady_s=5),
)
ROUNDS = 3


def overhead(case: Parameters, client: DockerClient, progress: PlainProgress) -> dict[str, float]:
    """Measure a case once: how long each part of a trial took, in seconds."""
    shutil.rmtree(case.folder, ignore_errors=True)
    experiment = Experiment(case, client, progress)
    began = time.monotonic()
    evidence = experiment.single(case.setting).results[0].evidence
    wall_s = time.monotonic() - began
    timings = evidence.trial.timings
    return {**asdict(timings), "beyond_load_s": round(wall_s - timings.load_s, 2)}


def overheads() -> pd.DataFrame:
    """Measure every case ROUNDS times, alternating; one row per trial, times in seconds."""
    progress = PlainProgress()
    client = ensure_engine(progress.note)
    lines = [
        {
            "round": number,
            "users": case.users,
            "replicas": case.replicas,
            **overhead(case, client, progress),
        }
        for number in range(1, ROUNDS + 1)
        for case in CASES
    ]
    return pd.DataFrame(lines)


@tells_refusals
def main() -> int:
    """Write overhead.csv and print it."""
    table = overheads()
    path = RUNS / "overhead" / "overhead.csv"
    table.to_csv(path, index=False)
    print(table.to_string(index=False))
    worst = table["beyond_load_s"].max()
    print(f"Beyond its load a trial took at most {worst:.1f} s (storing and judging included).")
    print(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
