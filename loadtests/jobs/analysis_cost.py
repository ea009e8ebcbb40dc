"""Measure what analysing many trials costs, and write docs/analysis-cost.md (`make analysis-cost`).

Trials that never ran are made from recorded ones, of full size and as files; each number of them is
read, judged and drawn as a report does it, by a process of its own, and all are removed again.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from loadtests.analysis.analysis_cost import Analysed, AnalysisCost, Goals
from loadtests.bench.host import cpu_model
from loadtests.errors import HostError
from loadtests.jobs.console import say, tells_refusals
from loadtests.report.analysis_cost import MadeOf, page
from loadtests.report.page import png
from loadtests.report.plots.analysis_cost import analysis_cost_figure
from loadtests.studies.parameters import EXAMPLE, ROOT, RUNS
from loadtests.studies.synthetic_run import (
    Templates,
    read_templates,
    write_synthetic,
    write_table_of,
)
from loadtests.units import MIB

DOCS = ROOT / "docs"
SIZES = (50, 100, 200, 500, 1000)
ROUNDS = 2
SEED = 1
GOALS = Goals(trials=1000, wall_s=60.0, peak_mib=1000.0)
MIB_A_TRIAL = 0.6  # on disk, at most
WRITTEN_AT_ONCE = 25


def make(run: Path, templates: Templates, trials: int, seed: int) -> None:
    """Write so many synthetic trials, a process a CPU; raises HostError where they do not fit."""
    free_mib = shutil.disk_usage(run).free / MIB
    if free_mib < 2 * trials * MIB_A_TRIAL:
        raise HostError(
            f"{trials} trials take {trials * MIB_A_TRIAL:,.0f} MiB and {free_mib:,.0f} are free at "
            f"{run}; free twice as much, or make fewer with --sizes"
        )
    parts = [range(trials)[at : at + WRITTEN_AT_ONCE] for at in range(0, trials, WRITTEN_AT_ONCE)]
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(write_synthetic, run, templates, seed=seed), parts))


def analysed(run: Path) -> Analysed:
    """Let a process analyse a run's table, and return what it says of itself."""
    command = [sys.executable, "-m", "loadtests.jobs.analyse_trials", str(run), f"{time.time()}"]
    # No threads of a library's own: what is told is of one core.
    alone = os.environ | {"OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=alone, check=True, stdout=subprocess.PIPE)
    return Analysed(**json.loads(done.stdout))


def measured(sizes: Sequence[int], rounds: int, seed: int, templates: Templates) -> list[Analysed]:
    """Return each size as often as there are rounds, in an order drawn by chance in each."""
    rng, found = random.Random(seed), []  # noqa: S311  # an order, no secret
    RUNS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".analysis-cost-", dir=RUNS) as folder:
        run = Path(folder)
        say(f"Making {max(sizes)} trials of full size in {run}")
        make(run, templates, max(sizes), seed)
        for number in range(1, rounds + 1):
            for size in rng.sample([*sizes], len(sizes)):
                write_table_of(run, templates, size, seed)
                found.append(analysed(run))
                told = found[-1]
                said = f"{told.wall_s:.1f} s, {told.cpu_s:.1f} of CPU, {told.peak_mib:.0f} MiB"
                say(f"Round {number}, {size} trials: {said}")
    return found


def write(found: AnalysisCost, templates: Templates, docs: Path) -> Path:
    """Write analysis-cost.md and its figure, and return where the page lies."""
    made_of = MadeOf(
        templates.manifest.question.workload,
        len(templates.trials),
        fmean(len(each.requests) for each in templates.trials),
        datetime.now(UTC).date().isoformat(),
        os.cpu_count() or 1,
        cpu_model(),
    )
    docs.mkdir(exist_ok=True)
    (docs / "analysis-cost.png").write_bytes(png(analysis_cost_figure(found)))
    path = docs / "analysis-cost.md"
    path.write_text(page(found, made_of))
    return path


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many trials")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page is written")
    return parser.parse_args(arguments)


@tells_refusals
def main(arguments: Sequence[str]) -> int:
    """Measure all sizes and write the page."""
    asked, templates = _arguments(arguments), read_templates(EXAMPLE)
    found = measured(asked.sizes, asked.rounds, SEED, templates)
    path = write(AnalysisCost(tuple(found), GOALS), templates, asked.docs)
    say(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
