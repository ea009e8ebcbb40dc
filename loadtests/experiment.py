"""Wires the rooms: measures what notebooks ask for, judges it, and keeps it.

`measure(setting)` is a trial from the bench judged by the analysis, repeated while it says
nothing certain and the budget lasts. Where no engine answers, what was recorded is read.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from docker import DockerClient

from loadtests.analysis.aa import Pair
from loadtests.analysis.ceiling import Ceiling, judge_ceiling
from loadtests.analysis.evidence import Evidence, Skipped
from loadtests.bench.containers import remove_leftovers
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.host import describe_host
from loadtests.bench.images import API_NULL, GENERATOR, RECIPES, ensure_image, image_digest
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import Grants, check_load, check_setting
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.errors import AguantaError, EngineError, HostError, NotReadyError
from loadtests.parameters import EXAMPLE, Parameters
from loadtests.part import AGAIN, CEILING, Part, read_part, write_part
from loadtests.progress import Progress, live_progress
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.session import Session
from loadtests.table import Measured, Table, read_pair, read_table


class Experiment:
    """A question put to settings, one after the other, into one run's folder."""

    def __init__(self, asked: Parameters, client: DockerClient, progress: Progress) -> None:
        """Look at the host and make the images; raises AguantaError before any trial starts."""
        self.progress = progress
        self.run = asked.folder
        self.prices = asked.prices
        store = Store(self.run)
        host = describe_host(client)
        self.grants = Grants.look(client, host, self.run)
        check_load(asked.question.load, self.grants)
        if asked.image in RECIPES:
            ensure_image(client, RECIPES[asked.image], progress.note)
        self.bench = Bench(
            client=client,
            store=store,
            host=host,
            question=asked.question,
            target=asked.target,
            image_digest=image_digest(client, asked.image),
            generator_image=ensure_image(client, GENERATOR, progress.note),
            locustfile=asked.locustfile_path,
            gives_up=asked.give_up,
        )

    @contextmanager
    def measuring(self) -> Iterator[Session]:
        """Hold the store for writing, with what a killed run left behind removed."""
        with self.bench.store.writing():
            removed = remove_leftovers(self.bench.client, self.bench.store.identity)
            if removed:
                self.progress.note(f"Removed what an ended run left: {', '.join(removed)}")
            yield Session(self.progress)

    def table(self, name: str, settings: Sequence[Setting]) -> Table:
        """Measure settings in order.

        Those the host cannot grant are skipped with the reason; those with which the service never
        answers fail.
        """
        began = time.monotonic()
        measured: list[Measured] = []
        skipped: list[Skipped] = []
        unanswered: list[Skipped] = []
        with self.measuring() as session:
            for setting in dict.fromkeys(settings):
                try:
                    check_setting(setting, self.bench.question.load, self.grants)
                except HostError as error:
                    self.progress.note(f"{setting.label}: skipped, {error}")
                    skipped.append(Skipped(setting, str(error)))
                    continue
                try:
                    measured.append(session.until_decided(self.bench, setting))
                except NotReadyError as error:
                    self.progress.note(f"{setting.label}: fails, {error}")
                    unanswered.append(Skipped(setting, str(error)))
        part = self.part_of(name, measured, session, time.monotonic() - began)
        part = replace(part, skipped=tuple(skipped), never_ready=tuple(unanswered))
        return self.kept(part, measured)

    def part_of(
        self, name: str, measured: Sequence[Measured], session: Session, wall_s: float
    ) -> Part:
        """Return the part that says what was measured and what it cost."""
        return Part(
            name=name,
            question=self.bench.question,
            target=self.bench.target,
            settings=tuple(result.setting for result in measured),
            trials=tuple(key for result in measured for key in result.row.trials),
            effort=replace(session.effort, wall_seconds=round(wall_s, 1)),
            prices=self.prices,
        )

    def kept(self, part: Part, measured: Sequence[Measured]) -> Table:
        """Keep a part with the run, and return it with what was measured."""
        write_part(self.run, part)
        return Table(part, tuple(measured))

    def single(self, setting: Setting) -> Table:
        """Measure one setting.

        Raises HostError when the host cannot grant it, NotReadyError when the service never
        answers with it.
        """
        check_setting(setting, self.bench.question.load, self.grants)
        table = self.table("setting", [setting])
        for unanswered in table.part.never_ready:
            raise NotReadyError(f"{setting.label}: {unanswered.reason}")
        return table

    def ceiling(self) -> Ceiling:
        """Measure a service that does nothing, without limits: what this host can generate.

        A disturbance can only lower it, so the first trial that reaches high enough counts.
        """
        host, bench = self.grants.host, self.bench
        setting = Setting(host.cpus, host.memory_mib // 2)
        with self.measuring():
            for repeat in range(TRIALS_PER_SETTING):
                key = bench.key(setting, repeat)
                if not bench.store.has(key):
                    seconds = bench.question.load.duration_s
                    self.progress.trial("A service that does nothing", seconds)
                    # No ticks: to the users' script most answers of this server are wrong.
                    run_trial(bench, setting, repeat, lambda _line: None)
                seen = judge_ceiling(Evidence.read(bench.store.folder(key)))
                self.progress.note(seen.sentence)
                if seen.is_high_enough:
                    break
        write_part(self.run, Part(CEILING, bench.question, bench.target, (setting,), (key,)))
        return seen

    def again(self, setting: Setting, question: Question) -> Pair:
        """Measure a setting that was measured before once more: whatever differs is noise."""
        bench, repeats = replace(self.bench, question=question), (0, TRIALS_PER_SETTING)
        with self.measuring():
            for repeat in repeats:
                if not bench.store.has(bench.key(setting, repeat)):
                    seconds = bench.question.load.duration_s
                    self.progress.trial(f"{setting.label}, again", seconds)
                    run_trial(bench, setting, repeat, self.progress.tick)
        keys = tuple(bench.key(setting, repeat) for repeat in repeats)
        write_part(self.run, Part(AGAIN, bench.question, bench.target, (setting,), keys))
        return read_pair(self.run)


def engine_for(asked: Parameters, progress: Progress) -> DockerClient:
    """Return the engine to measure with; raises EngineError where there is none to use."""
    if asked.folder == EXAMPLE:
        raise EngineError("the example is there to be read")
    return ensure_engine(progress.note)


def measure_table(asked: Parameters, name: str, settings: Sequence[Setting]) -> Table:
    """Measure a table, or read it where no engine answers and it was recorded.

    Raises EngineError when there is neither.
    """
    progress = live_progress()
    try:
        client = engine_for(asked, progress)
    except EngineError as error:
        return _recorded(asked, name, settings, error)
    experiment = Experiment(asked, client, progress)
    return experiment.table(name, settings)


def measure_ceiling(asked: Parameters) -> Ceiling:
    """Say whether this host can generate the load, before anything is concluded from it.

    Where no engine answers the recorded ceiling is read. Raises HostError, naming the load that
    this host can generate, when it cannot generate the one asked for.
    """
    progress = live_progress()
    try:
        client = engine_for(asked, progress)
    except EngineError as error:
        ceiling = _recorded_ceiling(asked, error)
    else:
        # Every answer of it is wrong to the users' script, so it may not be given up for that.
        null = replace(asked, image=API_NULL.name, port=8000, health_path="/", give_up=False)
        ceiling = Experiment(null, client, progress).ceiling()
    if not ceiling.is_high_enough:
        raise HostError(ceiling.sentence)
    return ceiling


def measure_again(asked: Parameters, chosen: tuple[Setting, Question] | None) -> str:
    """Measure what was chosen once more, and say what that tells of the noise of this host.

    Where no engine answers the recorded pair is read.
    """
    if chosen is None:
        return "nothing was measured, so nothing is known of the noise"
    progress = live_progress()
    try:
        client = engine_for(asked, progress)
    except EngineError as error:
        return _recorded_pair(asked, chosen[1], error).sentence
    return Experiment(asked, client, progress).again(*chosen).sentence


def measure_setting(asked: Parameters) -> Table:
    """Measure the one setting asked for; refuses one the host cannot grant."""
    progress = live_progress()
    return Experiment(asked, ensure_engine(progress.note), progress).single(asked.setting)


def _recorded_pair(asked: Parameters, question: Question, why: EngineError) -> Pair:
    for run in (asked.folder, EXAMPLE):
        part = read_part(run, AGAIN)
        if part and part.question == question:
            return read_pair(run)
    raise EngineError(f"{why}; and no setting was recorded twice for this question") from why


def _recorded_ceiling(asked: Parameters, why: EngineError) -> Ceiling:
    for run in (asked.folder, EXAMPLE):
        part = read_part(run, CEILING)
        if part and part.question == asked.question:
            return judge_ceiling(Evidence.read(trial_folder(run, part.trials[0])))
    raise EngineError(f"{why}; and no ceiling was recorded for this question") from why


def _recorded(
    asked: Parameters, name: str, settings: Sequence[Setting], why: AguantaError
) -> Table:
    progress = live_progress()
    for run in (asked.folder, EXAMPLE):
        table = read_table(run, name)
        if table and table.part.answers(asked.question, asked.target, list(settings)):
            progress.note(f"Nothing is measured here: {why}. Shown is what {run.name} recorded.")
            return table
    raise EngineError(f"{why}; and nothing recorded answers this question") from why
