"""Wires the rooms: measures what notebooks ask for, judges it, and keeps it.

`measure(setting)` is a trial from the bench judged by the analysis, repeated while it says
nothing certain and the budget lasts. Where no engine answers, what was recorded is read.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from docker import DockerClient

from loadtests.analysis.aa import Pair
from loadtests.analysis.answer import Effort
from loadtests.analysis.ceiling import Ceiling, judge_ceiling
from loadtests.analysis.evidence import Evidence, Judgement, Skipped, Verdict
from loadtests.bench.containers import remove_leftovers
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.host import describe_host
from loadtests.bench.images import API_NULL, GENERATOR, RECIPES, ensure_image, image_digest
from loadtests.bench.preflight import Grants, check_load, check_setting
from loadtests.bench.store import Store
from loadtests.bench.trial import Bench, run_trial
from loadtests.errors import AguantaError, EngineError, HostError
from loadtests.parameters import EXAMPLE, Parameters
from loadtests.part import AGAIN, CEILING, Part, read_part, write_part
from loadtests.progress import Progress, live_progress
from loadtests.question import Setting
from loadtests.record import trial_folder
from loadtests.table import Measured, Table, read_evidence, read_pair, read_table

# An invalid or undecided trial is repeated at most twice.
TRIALS_PER_SETTING = 3


class Experiment:
    """A question put to settings, one after the other, into one run's folder."""

    def __init__(self, asked: Parameters, client: DockerClient, progress: Progress) -> None:
        """Look at the host and make the images; raises AguantaError before any trial starts."""
        self._progress = progress
        self.run = asked.folder
        store = Store(self.run)
        host = describe_host(client)
        self.grants = Grants.look(client, host, self.run)
        check_load(asked.question.load, self.grants)
        if asked.image in RECIPES:
            ensure_image(client, RECIPES[asked.image], progress.note)
        self._bench = Bench(
            client=client,
            store=store,
            host=host,
            question=asked.question,
            target=asked.target,
            image_digest=image_digest(client, asked.image),
            generator_image=ensure_image(client, GENERATOR, progress.note),
            locustfile=asked.locustfile_path,
        )

    def table(self, name: str, settings: Sequence[Setting]) -> Table:
        """Measure settings in order; those the host cannot grant are skipped with the reason."""
        began = time.monotonic()
        measured: list[Measured] = []
        skipped: list[Skipped] = []
        effort = Effort()
        with self._bench.store.writing():
            self._clear_leftovers()
            for setting in dict.fromkeys(settings):
                try:
                    check_setting(setting, self._bench.question.load, self.grants)
                except HostError as error:
                    self._progress.note(f"{setting.label}: skipped, {error}")
                    skipped.append(Skipped(setting, str(error)))
                    continue
                result, effort = self._measure(setting, effort)
                measured.append(result)
        effort = replace(effort, wall_seconds=round(time.monotonic() - began, 1))
        part = Part(
            name=name,
            question=self._bench.question,
            target=self._bench.target,
            settings=tuple(result.setting for result in measured),
            trials=tuple(key for result in measured for key in result.row.trials),
            skipped=tuple(skipped),
            effort=effort,
        )
        write_part(self.run, part)
        return Table(part, tuple(measured))

    def single(self, setting: Setting) -> Table:
        """Measure one setting; raises HostError when the host cannot grant it."""
        check_setting(setting, self._bench.question.load, self.grants)
        return self.table("setting", [setting])

    def ceiling(self) -> Ceiling:
        """Measure a service that does nothing, without limits: what this host can generate.

        A disturbance can only lower it, so the first trial that reaches high enough counts.
        """
        host, bench = self.grants.host, self._bench
        setting = Setting(host.cpus, host.memory_mib // 2)
        with bench.store.writing():
            self._clear_leftovers()
            for repeat in range(TRIALS_PER_SETTING):
                key = bench.key(setting, repeat)
                if not bench.store.has(key):
                    seconds = bench.question.load.duration_s
                    self._progress.trial("A service that does nothing", seconds)
                    # No ticks: to the users' script most answers of this server are wrong.
                    run_trial(bench, setting, repeat, lambda _line: None)
                seen = judge_ceiling(Evidence.read(bench.store.folder(key)))
                self._progress.note(seen.sentence)
                if seen.is_high_enough:
                    break
        write_part(self.run, Part(CEILING, bench.question, bench.target, (setting,), (key,)))
        return seen

    def again(self, setting: Setting) -> Pair:
        """Measure a setting that was measured before once more: whatever differs is noise."""
        bench, repeats = self._bench, (0, TRIALS_PER_SETTING)
        with bench.store.writing():
            self._clear_leftovers()
            for repeat in repeats:
                if not bench.store.has(bench.key(setting, repeat)):
                    seconds = bench.question.load.duration_s
                    self._progress.trial(f"{setting.label}, again", seconds)
                    run_trial(bench, setting, repeat, self._progress.tick)
        keys = tuple(bench.key(setting, repeat) for repeat in repeats)
        write_part(self.run, Part(AGAIN, bench.question, bench.target, (setting,), keys))
        return read_pair(self.run)

    def _clear_leftovers(self) -> None:
        removed = remove_leftovers(self._bench.client, self._bench.store.identity)
        if removed:
            self._progress.note(f"Removed what an ended run left: {', '.join(removed)}")

    def _measure(self, setting: Setting, effort: Effort) -> tuple[Measured, Effort]:
        """Measure a setting until its trials say `holds` or `fails`, or the budget is spent."""
        trials: list[tuple[Evidence, Judgement]] = []
        for repeat in range(TRIALS_PER_SETTING):
            key = self._bench.key(setting, repeat)
            reused = self._bench.store.has(key)
            trials.append(self._trial(setting, repeat, key, reused))
            evidence, judgement = trials[-1]
            effort = replace(
                effort,
                trials_run=effort.trials_run + (not reused),
                trials_reused=effort.trials_reused + reused,
                trials_invalid=effort.trials_invalid + (judgement.verdict is Verdict.INVALID),
                load_seconds=round(
                    effort.load_seconds + (0 if reused else evidence.trial.timings.load_s), 1
                ),
            )
            result = Measured.of(setting, trials)
            self._progress.note(_told(setting, judgement, reused))
            if result.row.verdict in (Verdict.HOLDS, Verdict.FAILS):
                break
        return result, effort

    def _trial(
        self, setting: Setting, repeat: int, key: str, reused: bool
    ) -> tuple[Evidence, Judgement]:
        if reused:
            return read_evidence(self._bench.store.folder(key))
        self._progress.trial(setting.label, self._bench.question.load.duration_s)
        return read_evidence(run_trial(self._bench, setting, repeat, self._progress.tick))


def _told(setting: Setting, judgement: Judgement, reused: bool) -> str:
    reason = f" ({judgement.reasons[0]})" if judgement.reasons else ""
    already = ", measured before" if reused else ""
    return f"{setting.label}: {judgement.verdict}{already}{reason}"


def _engine_for(asked: Parameters, progress: Progress) -> DockerClient:
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
        client = _engine_for(asked, progress)
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
        client = _engine_for(asked, progress)
    except EngineError as error:
        ceiling = _recorded_ceiling(asked, error)
    else:
        null = replace(asked, image=API_NULL.name, port=8000, health_path="/")
        ceiling = Experiment(null, client, progress).ceiling()
    if not ceiling.is_high_enough:
        raise HostError(ceiling.sentence)
    return ceiling


def measure_again(asked: Parameters, table: Table) -> Pair:
    """Measure the table's first holding setting once more, for the noise floor of this host.

    Where no engine answers the recorded pair is read.
    """
    progress = live_progress()
    try:
        client = _engine_for(asked, progress)
    except EngineError as error:
        return _recorded_pair(asked, error)
    holding = [row.setting for row in table.rows if row.verdict is Verdict.HOLDS]
    measured = [row.setting for row in table.rows]
    return Experiment(asked, client, progress).again((holding or measured)[0])


def measure_setting(asked: Parameters) -> Table:
    """Measure the one setting asked for; refuses one the host cannot grant."""
    progress = live_progress()
    return Experiment(asked, ensure_engine(progress.note), progress).single(asked.setting)


def _recorded_pair(asked: Parameters, why: EngineError) -> Pair:
    for run in (asked.folder, EXAMPLE):
        part = read_part(run, AGAIN)
        if part and part.question == asked.question:
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
