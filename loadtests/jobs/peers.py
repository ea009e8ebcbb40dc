"""Measure this project beside what people would use instead (`make peers`).

Rounds that are finished are kept in data/runs/peers and not measured again; what they tell is
written to data/peers, with notebook 06 as a report, and into the README. `--render` only writes it
anew.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from loadtests.jobs.console import say, tells_refusals
from loadtests.jobs.notebooks import PEERS, export_report, run_notebook
from loadtests.peers.gauge import Gauge
from loadtests.peers.generator import GENERATOR
from loadtests.peers.generator_bench import prepared as prepared_generators
from loadtests.peers.half import Half, Prepare
from loadtests.peers.measurement import Comparison, read_comparison, write_comparison
from loadtests.peers.rounds import measure_rounds, resume
from loadtests.peers.service import SERVICE
from loadtests.peers.service_bench import prepared as prepared_services
from loadtests.studies.parameters import ROOT, RUNS

RUN = RUNS / "peers"
DATA = ROOT / "data" / "peers"
README = ROOT / "README.md"
ROUNDS = 5
HALVES: dict[str, tuple[Half, Prepare]] = {
    SERVICE.name: (SERVICE, prepared_services),
    GENERATOR.name: (GENERATOR, prepared_generators),
}


def measure(half: Half, prepare: Prepare, only: Sequence[str], rounds: int, run: Path) -> None:
    """Measure what a run's folder does not have of one half, of all or of some contenders."""
    path = half.path(run)
    with prepare(half.chosen(only), run, say) as ready:
        for name, why in ready.absent.items():
            say(f"{name} cannot be measured: {why}")
        here = Comparison(ready.machine, ready.versions, ready.made_of, ready.absent)
        comparison = resume(path, here, say)
        measure_rounds(path, comparison, ready.contenders, rounds, ready.measure, Gauge(), say)


def keep(halves: Sequence[Half], run: Path, data: Path, readme: Path) -> None:
    """Keep with the project what a run measured, and write its tables into the README."""
    for half in halves:
        if (comparison := read_comparison(half.path(run))) is not None:
            write_comparison(half.path(data), comparison)
        readme.write_text(half.put_into(readme.read_text(), data))


def write_report(folder: Path, run: Path) -> Path:
    """Run notebook 06 on a folder of comparisons, and return it as one HTML file in a run's."""
    run.mkdir(parents=True, exist_ok=True)
    run_notebook(PEERS, {"measured": str(folder.resolve())}, run)
    return export_report(run, PEERS)


@tells_refusals
def main(arguments: list[str]) -> int:
    """Measure, keep, write, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.jobs.peers", description=__doc__)
    parser.add_argument("--half", nargs="+", choices=[*HALVES], default=[*HALVES])
    parser.add_argument("--only", nargs="+", default=[], metavar="CONTENDER")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--run", type=Path, default=RUN, help="folder of what is measured")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    asked = parser.parse_args(arguments)
    for name in asked.half:
        half, prepare = HALVES[name]
        if not asked.render:
            measure(half, prepare, asked.only, asked.rounds, asked.run)
        say(half.text(asked.run))
    if asked.run == RUN and not asked.only:
        keep([HALVES[name][0] for name in asked.half], RUN, DATA, README)
        shutil.copy(write_report(DATA, RUN), DATA)
        say(f"Kept in {DATA}, and in the README; report: {DATA / 'report.html'}")
    else:
        say(f"Report: {write_report(asked.run, asked.run)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
