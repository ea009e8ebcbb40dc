"""Measure a full grid of settings, for the comparison of strategies (`make grid`).

The data on which strategies are compared must not depend on one of them: every setting of the grid
is measured, in random order, no trial is stopped early, and one live staircase is measured too.
"""

import csv
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loadtests.analysis.calibration import calibrate
from loadtests.analysis.early_stop import replay
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.hosts import steal_ratio
from loadtests.analysis.summary import measure_row
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.staircase import staircase_plan
from loadtests.jobs.console import tells_refusals
from loadtests.search.space import Space
from loadtests.search.staircase import MOST_LEVELS, next_cpus
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import ROOT, Parameters
from loadtests.studies.progress import PlainProgress
from loadtests.studies.results import SettingResult

GRID = ROOT / "data" / "grid"
SPACE = Space((0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0), (100, 150, 200, 250, 300, 400, 500))
SEED = 7  # of the order of the trials
ASKED = Parameters(run="grid", early_stop=False)


def trial_lines(measured: Iterable[SettingResult]) -> list[dict[str, object]]:
    """Return one line per trial: its own verdict, and that of all trials of its setting so far."""
    lines: list[dict[str, object]] = []
    for result in measured:
        for number, (evidence, judgement) in enumerate(result.trials):
            row = SettingResult.of(result.setting, result.trials[: number + 1]).row
            own = measure_row(evidence, judgement)
            early = replay(evidence, judgement.verdict)
            lines.append(
                {
                    "cpus": result.setting.cpus,
                    "memory_mib": result.setting.memory_mib,
                    "repeat": number,
                    "verdict": row.verdict.value,
                    "own_verdict": judgement.verdict.value,
                    "reason": judgement.reasons[0] if judgement.reasons else "",
                    "short_of_memory": str(row.cause == CauseName.OUT_OF_MEMORY).lower(),
                    "load_s": round(early.load_s, 1),
                    "full_load_s": round(early.whole_s, 1),
                    "ended_early": str(early.stopped_s is not None).lower(),
                    "p95_ms": own.p95_ms,
                    "failure_ratio": own.error_rate,
                    "steal_ratio": steal_ratio(evidence),
                    "trial": evidence.trial.key[:16],
                }
            )
    return lines


def level_lines(staircase: Evidence) -> list[dict[str, object]]:
    """Return one line per level of the staircase."""
    names = ("cpus", "users", "requests", "slow", "failures", "cpu_cores")
    return [
        {name: getattr(step, name) for name in names} | {"end_s": round(step.steady_end_s, 1)}
        for step in staircase.trial.steps
    ]


def write(folder: Path, measured: Sequence[SettingResult], staircase: Evidence) -> None:
    """Write trials.csv, staircase.csv and grid.json."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "trials.csv", trial_lines(measured))
    _write_csv(folder / "staircase.csv", level_lines(staircase))
    trial = staircase.trial
    about = {
        "cpu_steps": SPACE.cpus,
        "memory_steps": SPACE.memory_mib,
        "users": trial.question.workload.users,
        "memory_mib": calibrate(staircase).expected_mib,
        "staircase_load_s": trial.timings.load_s,
        "recorded": trial.started_at[:10],
        "host": f"{trial.host.cpus} CPUs ({trial.host.cpu_model}), Linux {trial.host.kernel}",
    }
    (folder / "grid.json").write_text(json.dumps(about, indent=1) + "\n")


def _write_csv(path: Path, lines: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


@tells_refusals
def main() -> int:
    """Measure what the run `grid` lacks, and write data/grid."""
    progress = PlainProgress()
    order = list(SPACE.cells)
    random.Random(SEED).shuffle(order)  # noqa: S311  (no secret)
    experiment = Experiment(ASKED, ensure_engine(progress.note), progress)
    table = experiment.table("grid", order)
    slo, bench = ASKED.question.slo, experiment.bench
    plan = staircase_plan(bench, SPACE.ample, [ASKED.users] * MOST_LEVELS, SPACE.cpus)
    with experiment.measuring() as runner:
        stairs = runner.staircase(bench, plan, lambda seen: next_cpus(seen, SPACE.cpus, slo))
    write(GRID, sorted(table.results, key=lambda result: result.setting), stairs)
    levels = len(stairs.trial.steps)
    print(f"Written to {GRID}: {len(table.results)} settings, a staircase of {levels} levels")
    return 0


if __name__ == "__main__":
    sys.exit(main())
