"""One user before all others: the smoke test of a question, measured or read."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from docker import DockerClient

from loadtests.analysis.objective_names import misnamed
from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes, who
from loadtests.analysis.smoke_test import SmokeTest
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import check_setting, memory_left_mib
from loadtests.bench.script_check import describe_script
from loadtests.errors import BrokenError, QuestionError
from loadtests.question import CLOSED, Question, Setting
from loadtests.record import HostReport, read_trial, trial_folder
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import SMOKE_TEST, Manifest, read_manifest, write_manifest
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.results import ran_script, read_smoke_test, smoke_test_of
from loadtests.studies.trial_runner import TrialRunner

THINK_S = (0.05, 0.1)  # so that every task has its turn within seconds
STEADY_S = 8.0
# What looks broken is looked at for so much longer, in fresh containers, before it is called so: a
# service may be told ready before it is, and answer errors while it loads.
PATIENT_S = 60.0
PATIENT_TIMEOUTS = 3  # and for so many timeouts at least
STEP_MIB = 100


def smoke_question(question: Question, users: int = 1, steady_s: float | None = None) -> Question:
    """Return the question as it is put with one user of each kind, who are in a hurry."""
    alone = replace(
        question.workload,
        users=users,
        spawn_rate=float(users),
        think_time_s=THINK_S,
        steady_s=STEADY_S if steady_s is None else steady_s,
        arrivals=CLOSED,
        rate_per_s=None,
    )
    return replace(question, workload=alone)


def all_there_is(host: HostReport, workers: int = 1) -> Setting:
    """Return one replica with all CPUs, and the memory that a load generator of workers leaves."""
    spare_mib = host.memory_mib - memory_left_mib(1, workers)
    return Setting(host.cpus, max(STEP_MIB, spare_mib // STEP_MIB * STEP_MIB))


def smoke_test(asked: Parameters) -> SmokeTest | None:
    """Let one user run the script before any load; None where a record without one is read.

    Raises QuestionError where objectives name an endpoint that there is none of.
    """

    def measure(client: DockerClient, progress: Progress) -> list[SmokeTest | None]:
        return [_measure(asked, client, progress)]

    (seen,) = measured_or_recorded(asked, measure, _read_for(asked))
    if seen is not None and fault(seen) is None:
        _refuse_misnamed(asked, seen)
    return seen


def _refuse_misnamed(asked: Parameters, seen: SmokeTest) -> None:
    """Raise QuestionError for objectives of endpoints that there are none of."""
    names = [endpoint.name for endpoint in seen.endpoints]
    wrong = misnamed(asked.slo, names, asked.script.files)
    if wrong is not None:
        raise QuestionError(wrong)


def refuse_broken(seen: SmokeTest | None) -> None:
    """Raise BrokenError where one user could not be served: no search could say more."""
    found = None if seen is None else fault(seen)
    if seen is not None and found is not None:
        raise BrokenError(f"{found.heading}. {who(seen)} {found.sentence}")


def _measure(asked: Parameters, client: DockerClient, progress: Progress) -> SmokeTest:
    """Measure it, unless it went well before: what was broken may be mended without a trace."""
    experiment = Experiment(asked, client, progress)
    setting = all_there_is(experiment.bench.host, asked.workers)
    users = len(describe_script(experiment.bench).users)
    question = smoke_question(asked.question, users)
    bench = replace(
        experiment.bench, question=question, stops_early=False, one_of_each=True, workers=1
    )
    patient = replace(bench, question=_patient(question))
    check_setting(setting, question.workload, experiment.grants)
    with experiment.measuring() as runner:
        for repeat in itertools.count():
            keys, longer = [bench.key(setting, repeat)], patient.key(setting, repeat)
            was_there = bench.store.has(keys[0])
            seen = _seen(experiment.run, runner, bench, setting, repeat)
            if fault(seen) is not None and (not was_there or bench.store.has(longer)):
                progress.note(f"{notes(seen)[0]} One user is asked again, for longer.")
                keys.append(longer)
                seen = _seen(experiment.run, runner, patient, setting, repeat)
            if fault(seen) is None or not was_there:
                break
    manifest = Manifest(SMOKE_TEST, question, asked.target, (setting,), tuple(keys))
    write_manifest(
        experiment.run, replace(manifest, effort=runner.effort, prices=experiment.prices)
    )
    progress.note(notes(seen)[0])
    return seen


def _patient(question: Question) -> Question:
    workload = question.workload
    steady_s = max(PATIENT_S, PATIENT_TIMEOUTS * workload.timeout_s)
    return smoke_question(question, workload.users, steady_s)


def _seen(run: Path, runner: TrialRunner, bench: Bench, setting: Setting, repeat: int) -> SmokeTest:
    runner.smoke_test(bench, setting, repeat)
    return smoke_test_of(trial_folder(run, bench.key(setting, repeat)))


def _read_for(asked: Parameters) -> Callable[[Path], list[SmokeTest | None] | None]:
    def read(run: Path) -> list[SmokeTest | None] | None:
        manifest = read_manifest(run, SMOKE_TEST)
        if manifest is None:
            return [None]
        question = smoke_question(asked.question, manifest.question.workload.users)
        if (manifest.question, manifest.target) != (question, asked.target):
            return None
        trial = read_trial(trial_folder(run, manifest.trials[-1]))
        return [read_smoke_test(run)] if ran_script(trial, asked) else None

    return read
