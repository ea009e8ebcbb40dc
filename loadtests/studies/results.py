"""Results of settings: their judged trials, measured now or read from a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from loadtests.analysis.balance import busiest_share
from loadtests.analysis.evidence import CauseName, Evidence, Judgement, Row, Skipped
from loadtests.analysis.judge import judge
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.smoke_test import SmokeTest, smoke_test
from loadtests.analysis.summary import measure_row, never_ready_row, summarise
from loadtests.errors import RecordError
from loadtests.question import Setting
from loadtests.record import (
    Trial,
    read_answer_sizes,
    read_failures,
    read_log,
    trial_folder,
)
from loadtests.studies.frames import to_frame
from loadtests.studies.manifest import REPEAT, SMOKE_TEST, Manifest, read_manifest
from loadtests.studies.parameters import Parameters


@dataclass(frozen=True)
class SettingResult:
    """One setting's trials with their judgements, and the row they add up to."""

    setting: Setting
    trials: tuple[tuple[Evidence, Judgement], ...]
    row: Row

    @classmethod
    def of(cls, setting: Setting, trials: Sequence[tuple[Evidence, Judgement]]) -> "SettingResult":
        """Judge all trials of a setting together.

        Raises RecordError for trials that were balanced in several ways: each is another setting-up
        of the service, and what holds with one may fail with another.
        """
        ways = sorted({evidence.trial.target.balancing.value for evidence, _ in trials})
        if len(ways) > 1:
            raise RecordError(
                f"trials of {setting.label} were balanced by {' and by '.join(ways)}, which are "
                "not judged together; measure each into a run of its own (RUN=…)"
            )
        return cls(setting, tuple(trials), summarise(setting, trials))

    @property
    def evidence(self) -> Evidence:
        """The trial to look at: the last that agrees with the row."""
        return self._shown[0]

    @property
    def judgement(self) -> Judgement:
        """The judgement of `evidence`."""
        return self._shown[1]

    @property
    def _shown(self) -> tuple[Evidence, Judgement]:
        agreeing = [pair for pair in self.trials if pair[1].verdict is self.row.verdict]
        return (agreeing or list(self.trials))[-1]


@dataclass(frozen=True)
class ResultTable:
    """Several settings, measured or not, and what that cost."""

    manifest: Manifest
    results: tuple[SettingResult, ...]

    @property
    def rows(self) -> list[Row]:
        """One row a setting, in the order asked; those with which nothing ever answered last."""
        unanswered = [
            never_ready_row(
                each.setting,
                each.reason,
                CauseName.OUT_OF_MEMORY if each.oom_killed else CauseName.NEVER_READY,
            )
            for each in self.manifest.never_ready
        ]
        return [result.row for result in self.results] + unanswered

    @property
    def asked(self) -> list[Setting]:
        """Every setting that was asked for, measured or not."""
        return [row.setting for row in self.rows] + [skip.setting for skip in self.skipped]

    def ran_script(self, asked: Parameters) -> bool:
        """Say whether its users ran the script that is asked with now; so they did without any."""
        return all(ran_script(result.evidence.trial, asked) for result in self.results[:1])

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each setting."""
        return [(result.evidence, result.judgement) for result in self.results]

    def to_frame(self) -> pd.DataFrame:
        """Return every trial of every setting, a row each; columns as in data/README.md."""
        return to_frame(pair for result in self.results for pair in result.trials)

    @property
    def skipped(self) -> list[Skipped]:
        """Settings the host could not grant."""
        return list(self.manifest.skipped)


def ran_script(trial: Trial, asked: Parameters) -> bool:
    """Say whether a trial's users ran the script that is asked with now.

    This project's own may have changed since; anybody else's must be the same to the letter.
    """
    if trial.own_script and not asked.locustfile:
        return True
    return trial.locustfile_sha256 == asked.script.sha256


def read_evidence(folder: Path) -> tuple[Evidence, Judgement]:
    """Read a stored trial and judge it by today's rules."""
    evidence = Evidence.read(folder)
    judgement = judge(evidence)
    # Remembered, while its requests are in memory: of very many trials they are let go of.
    measure_row(evidence, judgement)
    busiest_share(evidence)
    return evidence, judgement


def read_repeat(run: Path) -> Repeat | None:
    """Read the setting that a run measured twice; None where it measured none twice."""
    manifest = read_manifest(run, REPEAT)
    if manifest is None:
        return None
    *earlier, more = (read_evidence(trial_folder(run, key)) for key in manifest.trials)
    return Repeat(tuple(earlier), more)


def read_smoke_test(run: Path) -> SmokeTest | None:
    """Return what one user saw in a run; None where none was asked first."""
    manifest = read_manifest(run, SMOKE_TEST)
    return None if manifest is None else smoke_test_of(trial_folder(run, manifest.trials[-1]))


def smoke_test_of(folder: Path) -> SmokeTest:
    """Return what the one user of a stored trial saw."""
    tables = read_answer_sizes(folder), read_failures(folder)
    return smoke_test(Evidence.read(folder), *tables, read_log(folder))


def read_table(run: Path, name: str) -> ResultTable | None:
    """Read a table that a notebook measured, judged anew; None when it never was."""
    manifest = read_manifest(run, name)
    if manifest is None:
        return None
    trials = [read_evidence(trial_folder(run, key)) for key in manifest.trials]
    results = [
        SettingResult.of(setting, [pair for pair in trials if pair[0].trial.setting == setting])
        for setting in manifest.settings
    ]
    return ResultTable(manifest, tuple(results))
