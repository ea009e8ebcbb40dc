"""What notebooks ask for: measured now, or where no engine answers, read as it was recorded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from docker import DockerClient

from loadtests.analysis.deployment import size_to_deploy
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.generator_check import GeneratorCheck, judge_generator
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.summary import Judged
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.images import API_NULL
from loadtests.errors import EngineError, HostError, RecordError
from loadtests.question import Balancing, Question, Setting
from loadtests.record import trial_folder
from loadtests.studies.deployment import deployment_of, read_deployment
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import DEPLOY, GENERATOR_CHECK, read_manifest, write_manifest
from loadtests.studies.open_load import (
    NOT_OPENED,
    OpenStudy,
    measure_open,
    not_opened,
    read_open,
)
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.progress import Progress, live_progress
from loadtests.studies.quota import (
    NOT_MEASURED,
    QuotaStudy,
    left_out,
    measure_quota,
    read_quota,
)
from loadtests.studies.results import ResultTable, ran_script, read_repeat, read_table
from loadtests.studies.search_result import SearchResult
from loadtests.studies.study import read_study

Answer = TypeVar("Answer")
Apart = TypeVar("Apart", QuotaStudy, OpenStudy)


def measured_or_recorded(
    asked: Parameters,
    measure: Callable[[DockerClient, Progress], Answer],
    read: Callable[[Path], Answer | None],
) -> Answer:
    """Measure with the engine there is; without one read what this run or the example recorded.

    `read` returns None for a run that does not answer what is asked. Raises EngineError where there
    is neither an engine nor a record.
    """
    progress = live_progress()
    try:
        client = _engine_for(asked, progress)
    except EngineError as why:
        for run in (asked.folder, EXAMPLE):
            if (found := read(run)) is not None:
                progress.note(
                    f"Nothing is measured here: {why}. Shown is what {run.name} recorded."
                )
                return found
        raise EngineError(f"{why}; and nothing recorded answers this question") from why
    return measure(client, progress)


def _engine_for(asked: Parameters, progress: Progress) -> DockerClient:
    if asked.folder == EXAMPLE:
        raise EngineError("the example is there to be read")
    return ensure_engine(progress.note)


def measure_table(asked: Parameters, name: str, settings: Sequence[Setting]) -> ResultTable:
    """Measure a table, or read it; raises EngineError where neither is possible."""

    def read(run: Path) -> ResultTable | None:
        table = read_table(run, name)
        if table is None or not table.ran_script(asked):
            return None
        answers = table.manifest.answers(asked.question, asked.target, list(settings))
        return table if answers else None

    return measured_or_recorded(
        asked,
        lambda client, progress: Experiment(asked, client, progress).table(name, settings),
        read,
    )


def of_nothing(asked: Parameters) -> Parameters:
    """Return the question as it is put to a server that does nothing."""
    # Every answer of it would be wrong to a script that checks them, or needs one to go on; so this
    # project's own asks. It may not be stopped early for wrong answers either.
    return replace(
        asked,
        image=API_NULL.name,
        port=8000,
        health_path="/",
        locustfile="",
        script_options="",
        early_stop=False,
        # What the service is given is nothing to a server that does nothing.
        compose="",
        service="",
        environment=None,
        env_file="",
        files=None,
        command="",
        container_user="",
        # It is the load generator that is asked about.
        balancing=Balancing.DNS.value,
    )


def check_generator(asked: Parameters) -> GeneratorCheck:
    """Say whether this host can generate the load, before anything is concluded from it.

    Raises HostError, naming the load that this host can generate, when it cannot generate the one
    asked for.
    """
    null = of_nothing(asked)

    def read(run: Path) -> GeneratorCheck | None:
        manifest = read_manifest(run, GENERATOR_CHECK)
        if manifest is None or manifest.question != asked.question:
            return None
        evidence = Evidence.read(trial_folder(run, manifest.trials[-1]))
        return judge_generator(evidence) if ran_script(evidence.trial, null) else None

    generator_check = measured_or_recorded(
        asked, lambda client, progress: Experiment(null, client, progress).generator_check(), read
    )
    if not generator_check.is_high_enough:
        raise HostError(generator_check.sentence)
    return generator_check


def measure_repeat(asked: Parameters, found: SearchResult) -> str:
    """Measure the answer once more, where its search did not, and say if it came out as before."""
    if found.repeated is not None:
        return f"{found.repeated.sentence}."
    if found.worth_repeating is None:
        return "Nothing was measured, so nothing is measured again."
    setting, question = found.worth_repeating

    def read(run: Path) -> Repeat | None:
        repeat = read_repeat(run)
        if repeat is None or not ran_script(repeat.more[0].trial, asked):
            return None
        same = (repeat.setting, repeat.question, repeat.target) == (setting, question, asked.target)
        return repeat if same else None

    repeat = measured_or_recorded(
        asked,
        lambda client, progress: Experiment(asked, client, progress).again(setting, question),
        read,
    )
    return f"{repeat.sentence}."


def measure_deployment(asked: Parameters) -> str:
    """Measure the size to deploy, and say what came of it.

    It follows from the least setting of both tables, so notebook 03 must have been run before.
    """

    def measure(client: DockerClient, progress: Progress) -> str:
        try:
            study = read_study(asked.folder)
        except RecordError as why:
            return f"Without a size to deploy: {why}."
        least = study.minimum
        if least is None:
            return "Nothing holds, so there is no size to deploy."
        size = size_to_deploy(least, asked.headroom, study.carrying)
        if size is None:
            return f"Without a size to deploy: what {least.setting.label} uses was not measured."
        table = Experiment(asked, client, progress).table(DEPLOY, [size])
        manifest = replace(table.manifest, headroom=asked.headroom)
        write_manifest(asked.folder, manifest)
        found = deployment_of(replace(table, manifest=manifest))
        if found is None:
            return f"To deploy would be {size.label}; {table.skipped[0].reason}."
        return found.sentence

    def read(run: Path) -> str:
        found = read_deployment(run)
        return "No size to deploy was measured." if found is None else found.sentence

    return measured_or_recorded(asked, measure, read)


def measure_without_quota(asked: Parameters) -> QuotaStudy:
    """Measure the answer once without its CPU quota: how much of its CPU does the quota cost?

    It follows from the least setting of both tables, so notebook 03 must have been run before.
    """
    return _beside_the_answer(asked, NOT_MEASURED, left_out, measure_quota, read_quota)


def measure_open_arrivals(asked: Parameters) -> OpenStudy:
    """Measure the answer once under the same load with open arrivals: how far is its p95 apart?

    It follows from the least setting of both tables, so notebook 03 must have been run before.
    """
    return _beside_the_answer(asked, NOT_OPENED, not_opened, measure_open, read_open)


def _beside_the_answer(
    asked: Parameters,
    none: Apart,
    left_out: Callable[[Question, Row | None], Apart | None],
    measure_it: Callable[[Experiment, Sequence[Judged]], Apart],
    read_it: Callable[[Path], Apart],
) -> Apart:
    """Measure the answer once in another way, or say why not; `none` is what was never measured."""

    def measure(client: DockerClient, progress: Progress) -> Apart:
        try:
            study = read_study(asked.folder)
        except RecordError as why:
            return replace(none, absent=f"{none.absent[:-1]}: {why}.")
        absent = left_out(asked.question, study.minimum)
        if absent is not None:
            return absent
        return measure_it(Experiment(asked, client, progress), study.answer_trials)

    def read(run: Path) -> Apart | None:
        found = read_it(run)
        return None if found is none and run != EXAMPLE else found

    return measured_or_recorded(asked, measure, read)


def measure_setting(asked: Parameters) -> ResultTable:
    """Measure the one setting asked for; refuses one the host cannot grant."""
    progress = live_progress()
    return Experiment(asked, ensure_engine(progress.note), progress).single(asked.setting)
