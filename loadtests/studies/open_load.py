"""The answer under the same load with open arrivals: one trial more, which decides nothing.

Where it cannot be had, that is kept with the reason instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.analysis.evidence import Row, Skipped
from loadtests.analysis.open_comparison import OpenComparison, same_load_open
from loadtests.analysis.summary import Judged
from loadtests.bench.preflight import check_load, check_setting
from loadtests.errors import EngineError, HostError, TrialError
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report.markup import Fragment
from loadtests.report.open_table import open_table
from loadtests.report.page import note
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import OPEN_ARRIVALS, read_manifest, write_manifest
from loadtests.studies.results import SettingResult, read_evidence


@dataclass(frozen=True)
class OpenStudy:
    """A setting under the same load with open arrivals, or why that is not known."""

    setting: Setting | None  # None: of none
    comparison: OpenComparison | None
    absent: str = ""  # why there is none, a sentence

    @property
    def sentence(self) -> str:
        """Say how far the p95 are apart, or why that was not measured."""
        return self.absent if self.comparison is None else self.comparison.sentence

    def table(self) -> Fragment:
        """List the figures with closed users and with open arrivals."""
        if self.comparison is None:
            return note("Nothing to compare.")
        return open_table(self.comparison)


NOT_OPENED = OpenStudy(None, None, "The answer was not measured with open arrivals.")


def not_opened(question: Question, least: Row | None) -> OpenStudy | None:
    """Return why an answer is not to be measured with open arrivals; None: it is."""
    if question.workload.is_open:
        return OpenStudy(None, None, "The load was open to begin with.")
    if least is None:
        return OpenStudy(None, None, "Nothing holds, so there is nothing to load otherwise.")
    return None


def measure_open(experiment: Experiment, closed: Sequence[Judged]) -> OpenStudy:
    """Measure the setting of some trials once with open arrivals, and keep what came of it."""
    setting, question = closed[0][0].trial.setting, closed[0][0].trial.question
    measured: list[SettingResult] = []
    refused: list[Skipped] = []
    with experiment.measuring() as runner:
        try:
            workload = same_load_open([evidence for evidence, _ in closed])
            if workload is None:
                raise HostError("how many requests came a second was not measured")
            workload = replace(workload, steady_s=experiment.bench.question.workload.steady_s)
            check_load(workload, experiment.grants)
            check_setting(setting, workload, experiment.grants)
            experiment.progress.note("The same load once more, with open arrivals:")
            bench = replace(experiment.bench, question=Question(workload, question.slo))
            measured.append(runner.one_more(bench, setting))
        except (EngineError, HostError, TrialError) as why:
            experiment.progress.note(f"{setting.label} with open arrivals: {why}")
            refused.append(Skipped(setting, str(why)))
    keys = [evidence.trial.key for evidence, _ in closed] if measured else []
    manifest = experiment.manifest_of(OPEN_ARRIVALS, measured, runner)
    manifest = replace(manifest, trials=(*keys, *manifest.trials), skipped=tuple(refused))
    write_manifest(experiment.run, manifest)
    return read_open(experiment.run)


def read_open(run: Path) -> OpenStudy:
    """Read what a run measured with open arrivals, judged anew, or why it did not."""
    manifest = read_manifest(run, OPEN_ARRIVALS)
    if manifest is None:
        return NOT_OPENED
    if manifest.skipped:
        refused = manifest.skipped[0]
        why = refused.reason.splitlines()[0]  # what a service printed may follow
        said = f"{refused.setting.label} was not measured with open arrivals: {why}."
        return OpenStudy(refused.setting, None, said)
    *closed, opened = (read_evidence(trial_folder(run, key)) for key in manifest.trials)
    return OpenStudy(manifest.settings[0], OpenComparison(tuple(closed), opened))
