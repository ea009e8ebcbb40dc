"""Ten whole searches of one question, one after the other: does the answer come out again?

`make searches` makes five alone and five beside a neighbour that comes and goes, each into a run
of its own, so that none reuses what another measured. After each it measures once the size to
deploy that the first one led to. It goes on where it stopped, also where only
its tables are left: `--searches 3` makes at most three now, `--render` only writes the page anew.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from docker import DockerClient

from loadtests.analysis.deployment import size_to_deploy
from loadtests.analysis.searches import ALONE, SEARCHES
from loadtests.analysis.searches_table import (
    COMES_AND_GOES,
    DEPLOY,
    SEARCH,
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    read_lines,
    write_lines,
)
from loadtests.analysis.speed import NOBODY
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.host import describe_host
from loadtests.errors import RecordError
from loadtests.jobs import repeatability
from loadtests.jobs.console import tells_refusals
from loadtests.jobs.search_lines import search_line, trial_lines
from loadtests.jobs.visits import comes_and_goes
from loadtests.question import Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.studies import manifest
from loadtests.studies.experiment import Experiment
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import ROOT, Parameters
from loadtests.studies.progress import PlainProgress, Progress
from loadtests.studies.results import SettingResult, read_table
from loadtests.studies.run_search import find_minimum
from loadtests.verdicts import Verdict

ASKED = Parameters(run="searches", replicas_at_most=1)  # the default question, of one replica
TABLES = ROOT / "data"
VISITS = "neighbour.csv"  # in a run's folder: when its neighbour worked
EXPECTED_MIN = 15.0  # of a search, until one was made
NEIGHBOUR_AT_MOST_S = 2 * 3600.0


@dataclass(frozen=True)
class Made:
    """A search that was made, in the lines that are kept of it."""

    search: SearchLine
    trials: list[TrialLine]


def asked_of(base: Parameters, number: int) -> Parameters:
    """Return what one of the searches asks: the same as all, into a run of its own."""
    return replace(base, run=f"{base.run}-{number:02d}")


def neighbour_of(number: int) -> str:
    """Return who is beside one of the searches."""
    return NOBODY if number <= ALONE else COMES_AND_GOES


def is_made(base: Parameters, number: int) -> bool:
    """Say whether a search is finished, its trial of the size to deploy included."""
    asked = asked_of(base, number)
    found = manifest.read_manifest(asked.folder, manifest.VERTICAL)
    after = manifest.read_manifest(asked.folder, manifest.DEPLOY)
    return found is not None and after is not None and found.question == asked.question


def make(
    base: Parameters,
    number: int,
    client: DockerClient,
    progress: Progress,
    before: Sequence[SearchLine],
) -> None:
    """Make one search and the trial after it; what its run already holds is not measured again.

    The searches before it give it the reference speed, where they were made on such a processor,
    and the size to deploy.
    """
    asked = asked_of(base, number)
    cpu_model = describe_host(client).cpu_model
    known_us = [line.reference_us for line in before if line.cpu_model == cpu_model]
    asked = replace(asked, reference_us=next(iter(known_us), None))
    experiment = Experiment(asked, client, progress)
    with _beside(number, experiment.bench.host.cpus - 1, asked.folder / VISITS):
        found = read_minimum_search(asked.folder)
        if found is None or not found.answers(asked):
            find_minimum(experiment, asked)
        # Anew, as the first search gives the others their reference speed.
        _measure_deployed(Experiment(asked, client, progress), deployed_size(base, before))


@contextmanager
def _beside(number: int, cpu: int, lines: Path) -> Iterator[None]:
    """Have who is beside one of the searches there within the block."""
    if neighbour_of(number) == NOBODY:
        yield
        return
    with comes_and_goes(number, cpu, NEIGHBOUR_AT_MOST_S, lines):
        yield


def deployed_size(base: Parameters, before: Sequence[SearchLine] = ()) -> Setting | None:
    """Return the size to deploy by the first search; None where it led to none.

    Once measured it stays the same, whatever later rules make of that search.
    """
    for line in before:
        if line.deploy_cpus is not None and line.deploy_memory_mib is not None:
            return Setting(line.deploy_cpus, line.deploy_memory_mib)
    folder = asked_of(base, 1).folder
    kept = manifest.read_manifest(folder, manifest.DEPLOY)
    if kept is not None:
        return next(iter(kept.settings), None)
    first = read_minimum_search(folder)
    if first is None or first.least is None:
        return None
    return size_to_deploy(first.least, base.headroom)


def _measure_deployed(experiment: Experiment, size: Setting | None) -> None:
    """Measure a size in one valid trial of its own, and keep which it was."""
    results: list[SettingResult] = []
    with experiment.measuring() as runner:
        if size is not None:
            trials = [runner.beyond(experiment.bench, size)]
            while trials[-1][1].verdict is Verdict.INVALID and len(trials) < TRIALS_PER_SETTING:
                trials.append(runner.beyond(experiment.bench, size))
            results = [SettingResult.of(size, trials)]
    experiment.kept(experiment.manifest_of(manifest.DEPLOY, results, runner), results)


def read(base: Parameters, number: int) -> Made:
    """Return the lines of a search that was made, judged by today's rules."""
    folder = asked_of(base, number).folder
    found, after = read_minimum_search(folder), read_table(folder, manifest.DEPLOY)
    if found is None or after is None:
        raise ValueError(f"search {number} is not made yet")
    parts = {SEARCH: found.table.results, DEPLOY: after.results}
    trials = [
        line
        for part, results in parts.items()
        for result in results
        for line in trial_lines(number, part, result.trials, folder / VISITS)
    ]
    return Made(search_line(number, neighbour_of(number), found, trials), trials)


def make_all(
    base: Parameters, client: DockerClient, progress: Progress, at_most: int, tables: Path
) -> list[Made]:
    """Make the searches that are not there yet, so many at most; write the tables after each.

    Of one whose run is no longer here, the lines that the tables have are kept.
    """
    made: list[Made] = []
    kept = _kept(tables)
    for number in range(1, SEARCHES + 1):
        if not asked_of(base, number).folder.exists() and number in kept:
            made.append(kept[number])
            continue
        if not is_made(base, number):
            if at_most == 0:
                break
            at_most -= 1
            progress.note(_begins(number, made))
            make(base, number, client, progress, [each.search for each in made])
        made.append(read(base, number))
        write_lines(tables / SEARCHES_CSV, SearchLine, [each.search for each in made])
        write_lines(tables / TRIALS_CSV, TrialLine, [t for each in made for t in each.trials])
    progress.note(f"{len(made)} of {SEARCHES} searches are made")
    return made


def _kept(tables: Path) -> dict[int, Made]:
    trials = read_lines(tables / TRIALS_CSV, TrialLine)
    return {
        line.number: Made(line, [trial for trial in trials if trial.search == line.number])
        for line in read_lines(tables / SEARCHES_CSV, SearchLine)
    }


def _begins(number: int, made: list[Made]) -> str:
    each_min = mean(m.search.wall_min for m in made) if made else EXPECTED_MIN
    left = SEARCHES - number + 1
    return (
        f"Search {number} of {SEARCHES}, beside it: {neighbour_of(number)}. The rest takes about "
        f"{left * each_min:.0f} min"
    )


@tells_refusals
def main(arguments: list[str]) -> int:
    """Make what is missing of the ten searches, and write tables and page."""
    parser = argparse.ArgumentParser(prog="make searches", description=__doc__)
    parser.add_argument("--searches", type=int, default=SEARCHES, help="make so many at most")
    parser.add_argument("--render", action="store_true", help="only write the page anew")
    given = parser.parse_args(arguments)
    if not given.render:
        progress = PlainProgress()
        make_all(ASKED, ensure_engine(progress.note), progress, given.searches, TABLES)
    if not repeatability.TABLE.exists():
        raise RecordError(
            f"the page begins with {repeatability.TABLE}, which is not there; write it with `make "
            "repeatability`, then this page with --render"
        )
    repeatability.render(repeatability.TABLE, repeatability.DOCS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
