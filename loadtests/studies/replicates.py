"""Several trials of every setting, interleaved in random order, so that their spread is seen.

In each round every setting has one trial, in an order of its own; what is left open or invalid then
comes once more in further rounds. The order follows from the run's name, so that a run that was
interrupted goes on where it was: trials that are there are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from loadtests.analysis import formats
from loadtests.analysis.answer import Effort
from loadtests.analysis.evidence import Skipped
from loadtests.bench.preflight import check_setting
from loadtests.errors import HostError, NotReadyError
from loadtests.question import Setting
from loadtests.search.interleaving import rounds, seed_of
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import Manifest, NeverReady, write_manifest
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.studies.trial_runner import TRIAL_OVERHEAD_S, TrialRunner
from loadtests.verdicts import Verdict

# Of a setting whose trials are invalid: so many are made beside those asked for.
INVALID_REPEATS = 2


@dataclass
class _Measured:
    """What was measured so far."""

    results: dict[Setting, SettingResult] = field(default_factory=dict)
    skipped: dict[Setting, Skipped] = field(default_factory=dict)
    unanswered: dict[Setting, NeverReady] = field(default_factory=dict)

    def is_out(self, setting: Setting) -> bool:
        """Say whether no trial more of a setting is made."""
        return setting in self.skipped or setting in self.unanswered

    def wants_more(self, setting: Setting, replicates: int) -> bool:
        """Say whether the trials asked for leave a setting open: undecided, or too few valid."""
        result = self.results.get(setting)
        if result is None or self.is_out(setting):
            return False
        made = len(result.trials)
        valid = sum(judged.verdict is not Verdict.INVALID for _, judged in result.trials)
        if valid < replicates:
            return made < replicates + INVALID_REPEATS
        return not result.row.verdict.decides and made < TRIALS_PER_SETTING


def plan_sentence(experiment: Experiment, settings: Sequence[Setting], replicates: int) -> str:
    """Say how many trials there will be, and how long they take at most without repeats."""
    count = len(dict.fromkeys(settings))
    seconds = experiment.bench.question.workload.duration_s + TRIAL_OVERHEAD_S
    return (
        f"{formats.count(count, 'setting')}, {formats.count(replicates, 'trial')} each, "
        f"interleaved in random order: at most about "
        f"{formats.duration(count * replicates * seconds)}, less what was measured before, or is "
        "stopped early"
    )


def measure_replicates(
    experiment: Experiment, tables: Mapping[str, Sequence[Setting]], replicates: int
) -> dict[str, ResultTable]:
    """Measure the settings of several tables together, and keep each table; by their names.

    A setting in two tables is measured once. What it cost is told with the first table.
    """
    settings = list(dict.fromkeys(s for asked in tables.values() for s in asked))
    experiment.progress.note(plan_sentence(experiment, settings, replicates))
    measured = _Measured()
    with experiment.measuring() as runner:
        for order in rounds(settings, replicates, seed_of(experiment.run.name)):
            for setting in order:
                _one_more(experiment, runner, measured, setting)
        while left := [s for s in settings if measured.wants_more(s, replicates)]:
            for setting in left:
                _one_more(experiment, runner, measured, setting)
    kept = {}
    for number, (name, asked) in enumerate(tables.items()):
        table = _table(experiment, name, list(dict.fromkeys(asked)), measured, runner)
        if number:
            table = replace(table, manifest=replace(table.manifest, effort=Effort()))
        write_manifest(experiment.run, table.manifest)
        kept[name] = table
    return kept


def _one_more(
    experiment: Experiment, runner: TrialRunner, measured: _Measured, setting: Setting
) -> None:
    """Measure one trial more of a setting, unless none of it can be had."""
    if measured.is_out(setting):
        return
    try:
        check_setting(setting, experiment.bench.question.workload, experiment.grants)
        measured.results[setting] = runner.one_more(experiment.bench, setting)
    except HostError as error:
        experiment.progress.note(f"{setting.label}: skipped, {error}")
        measured.skipped[setting] = Skipped(setting, str(error))
    except NotReadyError as error:
        # Trials in which it was ready do not make up for it: who deploys it would not be served.
        measured.unanswered[setting] = runner.never_ready(setting, error)
        measured.results.pop(setting, None)


def _table(
    experiment: Experiment,
    name: str,
    asked: Sequence[Setting],
    measured: _Measured,
    runner: TrialRunner,
) -> ResultTable:
    results = [measured.results[s] for s in asked if s in measured.results]
    manifest: Manifest = experiment.manifest_of(name, results, runner)
    manifest = replace(
        manifest,
        skipped=tuple(measured.skipped[s] for s in asked if s in measured.skipped),
        never_ready=tuple(measured.unanswered[s] for s in asked if s in measured.unanswered),
    )
    return ResultTable(manifest, tuple(results))
