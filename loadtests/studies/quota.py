"""The answer without its CPU quota: one more trial that tells what the quota costs.

It is kept apart from the trials that decide, and changes no verdict. Where it cannot be had, that
is kept with the reason instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.analysis.evidence import Row, Skipped
from loadtests.analysis.quota import QuotaCost
from loadtests.analysis.summary import Judged
from loadtests.bench.cpusets import require_cpusets
from loadtests.errors import EngineError, NotReadyError
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report.markup import Fragment
from loadtests.report.page import note
from loadtests.report.quota import quota_table
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import WITHOUT_QUOTA, read_manifest, write_manifest
from loadtests.studies.results import SettingResult, read_evidence

# Who asks with a shorter steady state wants a first look, as `make demo` does, and soon. The trial
# would take as long as any other there, for an answer that is too loose to be taken apart.
SHORT_STEADY_S = 15.0


@dataclass(frozen=True)
class QuotaStudy:
    """What the quota of a setting costs, or why that is not known."""

    setting: Setting | None  # None: of none
    cost: QuotaCost | None
    absent: str = ""  # why there is no cost, a sentence

    @property
    def sentence(self) -> str:
        """Say what the quota costs, or why that was not measured."""
        return self.absent if self.cost is None else self.cost.sentence

    def table(self) -> Fragment:
        """List the figures with the quota and without."""
        return note("Nothing to compare.") if self.cost is None else quota_table(self.cost)


NOT_MEASURED = QuotaStudy(None, None, "The answer was not measured without its CPU quota.")


def left_out(question: Question, least: Row | None) -> QuotaStudy | None:
    """Return why an answer is not to be measured without its quota; None: it is."""
    if least is None:
        return QuotaStudy(None, None, "Nothing holds, so there is no quota to do without.")
    steady_s = question.workload.steady_s
    if steady_s < SHORT_STEADY_S:
        return QuotaStudy(
            least.setting,
            None,
            f"What the CPU quota costs was not asked: a run with a steady state of {steady_s:g} s "
            f"is a first look; with {SHORT_STEADY_S:g} s or more the answer is measured without "
            "its quota too.",
        )
    return None


def measure_quota(experiment: Experiment, limited: Sequence[Judged]) -> QuotaStudy:
    """Measure the setting of some trials once without its quota, and keep what came of it."""
    setting = limited[0][0].trial.setting
    bench = replace(experiment.bench, quota=False)
    measured: list[SettingResult] = []
    refused: list[Skipped] = []
    with experiment.measuring() as runner:
        try:
            require_cpusets(bench.client)
            experiment.progress.note("The same cores once more, without a CPU quota:")
            measured.append(runner.one_more(bench, setting))
        except (EngineError, NotReadyError) as why:
            experiment.progress.note(f"{setting.label} without its CPU quota: {why}")
            refused.append(Skipped(setting, str(why)))
    keys = [evidence.trial.key for evidence, _ in limited] if measured else []
    manifest = experiment.manifest_of(WITHOUT_QUOTA, measured, runner)
    manifest = replace(manifest, trials=(*keys, *manifest.trials), skipped=tuple(refused))
    write_manifest(experiment.run, manifest)
    return read_quota(experiment.run)


def read_quota(run: Path) -> QuotaStudy:
    """Read what a run measured without a quota, judged anew, or why it did not."""
    manifest = read_manifest(run, WITHOUT_QUOTA)
    if manifest is None:
        return NOT_MEASURED
    if manifest.skipped:
        refused = manifest.skipped[0]
        why = refused.reason.splitlines()[0]  # what a service printed may follow
        said = f"{refused.setting.label} was not measured without its CPU quota: {why}."
        return QuotaStudy(refused.setting, None, said)
    *limited, free = (read_evidence(trial_folder(run, key)) for key in manifest.trials)
    return QuotaStudy(manifest.settings[0], QuotaCost(tuple(limited), free))
