"""One user before all others: the smoke test of a question, measured or read."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from docker import DockerClient

from loadtests.analysis.smoke_test import SmokeTest
from loadtests.bench.preflight import check_setting
from loadtests.errors import BrokenError
from loadtests.question import CLOSED, Question
from loadtests.record import trial_folder
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import SMOKE_TEST, Manifest, read_manifest, write_manifest
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.results import read_smoke_test, smoke_test_of

THINK_S = (0.05, 0.1)  # so that every task has its turn within seconds
STEADY_S = 8.0


def smoke_question(question: Question) -> Question:
    """Return the question as it is put with one user, who is in a hurry."""
    alone = replace(
        question.workload,
        users=1,
        spawn_rate=1.0,
        think_time_s=THINK_S,
        steady_s=STEADY_S,
        arrivals=CLOSED,
        rate_per_s=None,
    )
    return replace(question, workload=alone)


def smoke_test(asked: Parameters) -> SmokeTest | None:
    """Let one user run the script before any load; None where a record without one is read.

    Raises BrokenError where that fails: no search could say more.
    """

    def measure(client: DockerClient, progress: Progress) -> list[SmokeTest | None]:
        return [_measure(asked, client, progress)]

    (seen,) = measured_or_recorded(asked, measure, _read_for(asked))
    if seen is not None and seen.broken:
        raise BrokenError(
            f"{seen.sentence[:-1]}: no CPU, memory or replica will mend that. Mend the service or "
            "the script, then ask again"
        )
    return seen


def _measure(asked: Parameters, client: DockerClient, progress: Progress) -> SmokeTest:
    """Measure it, unless it went well before: what was broken may be mended without a trace."""
    experiment = Experiment(asked, client, progress)
    host = experiment.bench.host
    setting = asked.space(host.cpus, host.memory_mib).ample
    question = smoke_question(asked.question)
    bench = replace(experiment.bench, question=question, stops_early=False)
    check_setting(setting, question.workload, experiment.grants)
    with experiment.measuring() as runner:
        for repeat in itertools.count():
            key = bench.key(setting, repeat)
            was_there = bench.store.has(key)
            runner.smoke_test(bench, setting, repeat)
            seen = smoke_test_of(trial_folder(experiment.run, key))
            if not (was_there and seen.broken):
                break
    manifest = Manifest(SMOKE_TEST, question, asked.target, (setting,), (key,))
    write_manifest(
        experiment.run, replace(manifest, effort=runner.effort, prices=experiment.prices)
    )
    progress.note(seen.sentence)
    return seen


def _read_for(asked: Parameters) -> Callable[[Path], list[SmokeTest | None] | None]:
    def read(run: Path) -> list[SmokeTest | None] | None:
        manifest = read_manifest(run, SMOKE_TEST)
        if manifest is None:
            return [None]
        same = (manifest.question, manifest.target) == (
            smoke_question(asked.question),
            asked.target,
        )
        return [read_smoke_test(run)] if same else None

    return read
