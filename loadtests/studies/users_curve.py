"""Measures one setting under more and more users, live: throughput, latency and their knee."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.analysis.evidence import Evidence, Row, Skipped
from loadtests.analysis.users_curve import UsersCurve
from loadtests.bench.preflight import check_load, check_setting
from loadtests.bench.staircase import staircase_plan
from loadtests.errors import HostError, NotReadyError
from loadtests.question import Question, Workload
from loadtests.record import trial_folder
from loadtests.report import figures
from loadtests.report.markup import Fragment
from loadtests.search.capacity import climbs_on
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import USERS_CURVE, read_manifest

BELOW = (0.5, 0.7, 0.85, 1.0)  # of the users asked for


@dataclass(frozen=True)
class UsersStudy:
    """A setting under more and more users, or why that was not measured."""

    curve: UsersCurve | None
    absent: str = ""  # a sentence

    def sentences(self) -> list[str]:
        """Say how many users are held on the staircase, and where the knee is."""
        return [self.absent] if self.curve is None else self.curve.sentences()

    def figure(self) -> Fragment | None:
        """Draw throughput and p95 against the users; None where that was not measured."""
        return None if self.curve is None else figures.users_curve(self.curve)


NO_CURVE = UsersStudy(None, "The least setting was not measured under more and more users.")


def not_climbed(question: Question, least: Row | None, beyond: float) -> UsersStudy | None:
    """Return why no staircase of users is climbed; None: one is."""
    if question.workload.is_open:
        return UsersStudy(None, "The load is a rate, so there is no curve of users.")
    if least is None:
        return UsersStudy(None, "Nothing holds, so no setting was asked by more and more users.")
    return UsersStudy(None, f"{NO_CURVE.absent[:-1]}, as asked.") if beyond == 0 else None


def users_of(asked: Workload, beyond: float) -> list[int]:
    """Return rising numbers of users, around those asked for and up to `beyond` times as many."""
    shares = {*BELOW, math.sqrt(max(1.0, beyond)), max(1.0, beyond)}
    return sorted({max(1, round(share * asked.users)) for share in shares})


def measure_users_curve(experiment: Experiment, least: Row, beyond: float) -> UsersStudy:
    """Climb a staircase of users on a setting, and keep what came of it."""
    setting, question = least.setting, experiment.bench.question
    users = users_of(question.workload, beyond)
    most = replace(question.workload, users=users[-1])
    bench = replace(experiment.bench, question=Question(most, question.slo))
    # Who has just come asks at once, and then not for a pause: until it is over no level is steady.
    plan = staircase_plan(
        bench, setting, users, [setting.cpus], level_warm_up_s=question.workload.warm_up_s
    )
    keys: list[str] = []
    refused: list[Skipped] = []
    with experiment.measuring() as runner:
        try:
            check_load(most, experiment.grants)
            check_setting(setting, most, experiment.grants)
            stairs = runner.staircase(
                bench,
                plan,
                lambda seen: setting.cpus if climbs_on(seen, question.slo) else None,
            )
            keys.append(stairs.trial.key)
        except (HostError, NotReadyError) as why:
            experiment.progress.note(f"{setting.label}: {why}")
            refused.append(Skipped.because(setting, why))
    experiment.keep(USERS_CURVE, bench, [setting], keys, runner, refused)
    return read_users_curve(experiment.run)


def read_users_curve(run: Path) -> UsersStudy:
    """Read what a run measured of it, or that it did not."""
    manifest = read_manifest(run, USERS_CURVE)
    if manifest is None:
        return NO_CURVE
    if manifest.skipped:
        return UsersStudy(None, f"{NO_CURVE.absent[:-1]}: {manifest.skipped[0].reason}.")
    return UsersStudy(UsersCurve.of(Evidence.read(trial_folder(run, manifest.trials[-1]))))
