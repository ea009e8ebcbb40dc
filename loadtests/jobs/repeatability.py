"""Measure what makes trials of one setting differ, and write docs/repeatability.md.

`make repeatability` runs trials of several settings in random order, alone and beside neighbours
put in on purpose, each watched by every speed gauge; `--render` writes the page anew.
"""

import random
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd
from docker import DockerClient

from loadtests.analysis import speed
from loadtests.analysis.counters import cpu_ms_per_answer, throttled_ratio
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.latency import percentile, steady_sample
from loadtests.bench.containers import remove_leftovers
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.jobs.console import say, tells_refusals
from loadtests.jobs.neighbour import BUSY, CACHE, neighbour
from loadtests.jobs.pinned_work import mean_us, pinned_work
from loadtests.jobs.sample_service import sample_bench
from loadtests.question import Question, Setting, Workload
from loadtests.report.page import png
from loadtests.report.plots.repeatability import gauges_figure
from loadtests.report.plots.searches import searches_figure
from loadtests.report.repeatability import page, read_trials
from loadtests.report.ten_searches import FIGURE, read_ten_searches, section
from loadtests.studies.parameters import ROOT, RUNS

RUN = RUNS / "repeatability"
TABLE = ROOT / "data" / "repeatability.csv"
DOCS = ROOT / "docs"
ROUNDS = 3
SEED = 1  # of the order
# Half the requests a second of the default workload, by fewer users who think for less long: so a
# trial takes half a minute, and service, generator and a neighbour fit on two CPUs.
QUESTION = Question(
    Workload(users=2_000, spawn_rate=500, think_time_s=(2.0, 6.0), steady_s=15.0, timeout_s=10.0)
)
SETTINGS = (
    Setting(1.0, 300),
    Setting(0.5, 300),
    Setting(0.3, 300),
    Setting(0.5, 200, 2),
    Setting(0.3, 200, 4),
)
NEIGHBOURS = (speed.NOBODY, BUSY, CACHE)


@dataclass(frozen=True)
class Turn:
    """One trial to be made."""

    setting: Setting
    neighbour: str
    repeat: int


def turns(rounds: int, seed: int) -> list[Turn]:
    """Return every setting beside every neighbour, each round in a random order of its own."""
    rng = random.Random(seed)  # noqa: S311  (no secret)
    order: list[Turn] = []
    for number in range(rounds):
        pairs = [*product(SETTINGS, enumerate(NEIGHBOURS))]
        rng.shuffle(pairs)
        order += [
            Turn(setting, kind, number * len(NEIGHBOURS) + place)
            for setting, (place, kind) in pairs
        ]
    return order


def measure(run: Path, client: DockerClient, rounds: int) -> pd.DataFrame:
    """Measure all turns into a run's folder, and return one row a trial.

    Trials that the folder holds are not measured again.
    """
    store = Store(run)
    bench = sample_bench(client, store, QUESTION, say, stops_early=False)
    rows = []
    with store.writing():
        remove_leftovers(client, store.identity)
        order = turns(rounds, SEED)
        for number, turn in enumerate(order, start=1):
            folder = _trial(run, bench, turn)
            rows.append(row(Evidence.read(folder), turn, run / f"{folder.name}.pinned.csv"))
            say(f"Trial {number} of {len(order)}: {turn.setting.label}, {turn.neighbour}")
    return pd.DataFrame(rows)


def _trial(run: Path, bench: Bench, turn: Turn) -> Path:
    """Measure a turn where the run does not hold it yet, and return the trial's folder."""
    folder = bench.store.folder(key := bench.key(turn.setting, turn.repeat))
    if bench.store.has(key):
        return folder
    last_cpu, longest_s = bench.host.cpus - 1, QUESTION.workload.duration_s + 120
    with (
        pinned_work(run / f"{folder.name}.pinned.csv"),
        neighbour(turn.neighbour, last_cpu, longest_s),
    ):
        return run_trial(bench, turn.setting, turn.repeat, lambda _line: None)


def row(evidence: Evidence, turn: Turn, pinned: Path) -> dict[str, object]:
    """Return what the page needs of one trial."""
    trial, phases = evidence.trial, evidence.trial.phases
    wall_s = trial.started_wall_s
    return {
        "started_at": trial.started_at,
        "cpu_model": trial.host.cpu_model,
        "setting": turn.setting.label,
        "replicas": turn.setting.replicas,
        "neighbour": turn.neighbour,
        "verdict": judge(evidence).verdict.value,
        "p95_ms": percentile(steady_sample(evidence).latency_ms, 95),
        "service_cpu_ms": cpu_ms_per_answer(evidence),
        "throttled_ratio": throttled_ratio(evidence),
        "generator_cpu_ms": speed.generator_cpu_ms(evidence),
        "work_us": speed.work_us(evidence),
        "pinned_us": mean_us(pinned, wall_s + phases.steady_start_s, wall_s + phases.steady_end_s),
    }


def render(table: Path, docs: Path) -> None:
    """Write repeatability.md and its figures from the table of trials, and those of searches."""
    trials, made = read_trials(table), read_ten_searches(table.parent)
    docs.mkdir(exist_ok=True)
    (docs / "repeatability.png").write_bytes(png(gauges_figure(trials)))
    if made is not None:
        (docs / FIGURE).write_bytes(png(searches_figure(made.searches)))
    searches = [] if made is None else section(made)
    (docs / "repeatability.md").write_text(page(trials, pd.read_csv(table), QUESTION, searches))
    say(f"Written to {docs / 'repeatability.md'}")


@tells_refusals
def main(arguments: list[str]) -> int:
    """Measure all and write table and page; `--render` only writes the page anew."""
    if "--render" not in arguments:
        measure(RUN, ensure_engine(say), ROUNDS).round(4).to_csv(TABLE, index=False)
    render(TABLE, DOCS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
