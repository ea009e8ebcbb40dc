"""The answer once more, in another way: a trial beside those it rests on, which decides nothing.

Where it cannot be had, that is kept with the reason instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis.evidence import Skipped
from loadtests.analysis.summary import Judged
from loadtests.bench.plan import Bench
from loadtests.errors import EngineError, HostError, TrialError
from loadtests.question import Setting
from loadtests.record import trial_folder
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import read_manifest
from loadtests.studies.results import read_evidence


@dataclass(frozen=True)
class Way:
    """In what other way an answer is measured."""

    part: str  # name of its manifest
    how: str  # "without its CPU quota", as it ends a sentence
    bench: Callable[[Experiment, Sequence[Judged]], Bench]  # may refuse with a reason


@dataclass(frozen=True)
class Beside:
    """The trials an answer rests on, and one of another way; or why there is none."""

    setting: Setting
    usual: tuple[Judged, ...]
    other: Judged | None
    absent: str = ""  # a sentence


def measure_beside(way: Way, experiment: Experiment, usual: Sequence[Judged]) -> None:
    """Measure the setting of some trials once in another way, and keep what came of it."""
    setting = usual[0][0].trial.setting
    keys: list[str] = []
    refused: list[Skipped] = []
    with experiment.measuring() as runner:
        try:
            bench = way.bench(experiment, usual)
            experiment.progress.note(f"The answer once more, {way.how}:")
            more = runner.one_more(bench, setting)
            keys = [seen.trial.key for seen, _ in (*usual, *more.trials)]
        except (EngineError, HostError, TrialError) as why:
            experiment.progress.note(f"{setting.label} {way.how}: {why}")
            refused.append(Skipped.because(setting, why))
    experiment.keep(way.part, experiment.bench, [setting], keys, runner, refused)


def read_beside(way: Way, run: Path) -> Beside | None:
    """Read what a run measured in another way, judged anew, or why it did not; None: never."""
    manifest = read_manifest(run, way.part)
    if manifest is None:
        return None
    if manifest.skipped:
        refused = manifest.skipped[0]
        why = refused.reason.splitlines()[0]  # what a service printed may follow
        said = f"{refused.setting.label} was not measured {way.how}: {why}."
        return Beside(refused.setting, (), None, said)
    *usual, other = (read_evidence(trial_folder(run, key)) for key in manifest.trials)
    return Beside(manifest.settings[0], tuple(usual), other)
