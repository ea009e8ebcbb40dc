"""Trials and staircases, one after the other: measured now, or read where they were before."""

import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from loadtests.analysis.answer import Effort
from loadtests.analysis.by_objective import scaled_share
from loadtests.analysis.counters import cpu_cores
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.health import health_note
from loadtests.analysis.judge import judge
from loadtests.analysis.objective_names import never_made
from loadtests.analysis.speed import relative_speed
from loadtests.analysis.summary import Judged
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.staircase import NextLimit, run_staircase
from loadtests.bench.trial import run_trial
from loadtests.errors import KilledAtStartError, NotReadyError, QuestionError, SlowStartError
from loadtests.question import Question, Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.studies.ladder import load_of
from loadtests.studies.manifest import NeverReady
from loadtests.studies.progress import STANDING, Progress
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.verdicts import Finding, Verdict

# The numbers of trials that are measured to see a verdict again: no search comes so far.
BEYOND = 100
TRIAL_OVERHEAD_S = 5.0  # that a trial takes beyond its load, start and removal (generous)


class TrialRunner:
    """What is measured between one opening of the store and its closing, and what that cost."""

    def __init__(self, progress: Progress) -> None:
        """Nothing is measured yet."""
        self._progress = progress
        self._began = time.monotonic()
        self._trials: dict[tuple[float, Setting], list[Judged]] = defaultdict(list)
        self._next: dict[tuple[Question, Setting], int] = defaultdict(int)  # number of a trial
        self._effort = Effort()
        self._told: set[str] = set()

    @property
    def effort(self) -> Effort:
        """What was measured and read so far, and the seconds since this runner began."""
        return replace(
            self._effort,
            load_seconds=round(self._effort.load_seconds, 1),
            wall_seconds=round(time.monotonic() - self._began, 1),
        )

    def trial(self, bench: Bench, setting: Setting, repeat: int) -> Judged:
        """Measure one trial and judge it, or one that was measured before.

        Raises QuestionError where an objective is of an endpoint that a whole trial never asked
        for: no other trial would tell more.
        """
        measure = partial(run_trial, bench, setting, repeat, self._progress.tick)
        key, seconds = bench.key(setting, repeat), bench.question.workload.duration_s
        reused = bench.store.has(key)
        evidence = self._record(bench, key, setting.label, seconds, measure)
        judgement = judge(evidence)
        invalid = judgement.verdict is Verdict.INVALID
        self._spend(trials_run=not reused, trials_reused=reused, trials_invalid=invalid)
        reason = f" ({judgement.reasons[0]})" if judgement.reasons else ""
        already = ", measured before" if reused else ""
        self._progress.note(f"{setting.label}: {judgement.verdict}{already}{reason}")
        if (absent := never_made(evidence, judgement)) is not None:
            raise QuestionError(absent)
        return evidence, judgement

    def one_more(
        self, bench: Bench, setting: Setting, question: Question | None = None
    ) -> SettingResult:
        """Measure a setting once more, and judge all its trials together.

        The question is the bench's own where none is given; trials that differ in their length only
        belong together. Raises NotReadyError where the service did not answer, twice. Trials that
        an earlier runner found invalid are left where they are: what disturbed them may be gone,
        and so they take no turn from those that are measured now.
        """
        bench = replace(bench, question=question or bench.question)
        asked = load_of(bench.question.workload), setting
        numbered = bench.question, setting
        number = self._first_of_use(bench, setting, self._next[numbered])
        self._next[numbered] = number + 1
        self._trials[asked].append(self._ready_trial(bench, setting, number))
        return SettingResult.of(setting, self._trials[asked])

    def _ready_trial(self, bench: Bench, setting: Setting, number: int) -> Judged:
        """Measure a trial; where the service does not answer in time, once more before it counts.

        One slow start is an accident of the host as often as of the setting; so is a first process
        that was killed before it began, which close to a limit is a matter of chance.
        """
        try:
            return self.trial(bench, setting, number)
        except SlowStartError:
            raise  # all its CPU was not enough, as it would not be the next time
        except NotReadyError as why:
            self._progress.note(f"{setting.label}: {why}; asked once more")
            return self.trial(bench, setting, number)

    def beyond(self, bench: Bench, setting: Setting) -> Judged:
        """Measure a setting in a trial that counts beside those that gave it its verdict."""
        return self.trial(bench, setting, self._first_of_use(bench, setting, BEYOND))

    def _first_of_use(self, bench: Bench, setting: Setting, number: int) -> int:
        """Return the first number from one on whose trial is not there yet, or is valid."""
        while bench.store.has(key := bench.key(setting, number)):
            if judge(Evidence.read(bench.store.folder(key))).verdict is not Verdict.INVALID:
                break
            number += 1
        return number

    def never_ready(self, setting: Setting, why: NotReadyError) -> NeverReady:
        """Tell of a setting with which the service never answered, and return what is kept."""
        self._progress.note(f"{setting.label}: never ready, {why}")
        return NeverReady(setting, str(why), isinstance(why, KilledAtStartError))

    def until_decided(self, bench: Bench, setting: Setting) -> SettingResult:
        """Measure a setting until its trials say `holds` or `fails`, or it was often enough."""
        result = self.one_more(bench, setting)
        while not result.row.verdict.decides and len(result.trials) < TRIALS_PER_SETTING:
            result = self.one_more(bench, setting)
        return result

    def generator_check(self, bench: Bench, setting: Setting, repeat: int) -> Evidence:
        """Measure a service that does nothing: no setting of anybody's, so nothing is judged.

        To the users' script most of its answers are wrong, so its ticks would only confuse.
        """
        return self._unjudged(bench, setting, repeat, "A service that does nothing")

    def smoke_test(self, bench: Bench, setting: Setting, repeat: int) -> Evidence:
        """Measure with one user, of whom no verdict is asked."""
        return self._unjudged(bench, setting, repeat, "One user first")

    def _unjudged(self, bench: Bench, setting: Setting, repeat: int, label: str) -> Evidence:
        measure = partial(run_trial, bench, setting, repeat, lambda _line: None)
        key, seconds = bench.key(setting, repeat), bench.question.workload.duration_s
        return self._record(bench, key, label, seconds, measure)

    def staircase(self, bench: Bench, plan: LoadPlan, next_limit: NextLimit) -> Evidence:
        """Climb a live staircase, or read the one that was climbed before."""
        measure = partial(run_staircase, bench, plan, next_limit, self._progress.tick)
        seconds = plan.users / bench.question.workload.spawn_rate + sum(
            level.warm_up_s + level.steady_s for level in plan.levels
        )
        label = f"A live staircase from {plan.setting.label}"
        return self._record(bench, plan.key, label, seconds, measure)

    def _record(
        self, bench: Bench, key: str, label: str, seconds: float, measure: Callable[[], Path]
    ) -> Evidence:
        """Read a record; where there is none yet, measure it first."""
        if bench.store.has(key):
            return Evidence.read(bench.store.folder(key))
        self._progress.trial(label, seconds)
        evidence = Evidence.read(measure())
        self._spend(load_seconds=evidence.trial.timings.load_s)
        self._tell_of_health(evidence)
        return evidence

    def _tell_of_health(self, evidence: Evidence) -> None:
        """Tell once what the health path answers where that says nothing of readiness."""
        told = evidence.trial.generator
        note = health_note(evidence.trial.target, told.health_status, told.health_location)
        if note is not None and note not in self._told:
            self._told.add(note)
            self._progress.note(f"{STANDING}{note}")

    def _spend(self, **more: float) -> None:
        spent = {name: getattr(self._effort, name) + amount for name, amount in more.items()}
        self._effort = replace(self._effort, **spent)


def finding_of_never_ready(seen: NeverReady) -> Finding:
    """Return what a search gets to see of a setting with which a service never answered."""
    return Finding(seen.setting, Verdict.FAILS, seen.reason, oom_killed=seen.oom_killed, died=True)


def finding_of(measured: SettingResult) -> Finding:
    """Return what a search gets to see of a setting's trials, after the last of them."""
    row, (evidence, judgement) = measured.row, measured.trials[-1]
    share = scaled_share(judgement, evidence.trial.question.slo)
    own = judgement.at_its_speed
    used = cpu_cores(evidence)
    lengths_s = [seen.trial.question.workload.steady_s for seen, _ in measured.trials]
    return Finding(
        setting=measured.setting,
        verdict=row.verdict,
        reason=row.reasons[0] if row.reasons else "",
        oom_killed=row.cause == CauseName.OUT_OF_MEMORY,
        died=row.verdict is Verdict.FAILS and row.cause == CauseName.REPLICA_DIED,
        load_s=evidence.trial.timings.load_s,
        users=evidence.trial.question.workload.users,
        rate_per_s=evidence.trial.question.workload.rate_per_s,
        own=own
        if judgement.is_sound
        else Verdict.INVALID,  # voided by a check, it tells of no edge
        speed=relative_speed(evidence) or 1.0,
        cpu_used=None if used is None else used / measured.setting.total_cpus,
        slow_share=None if math.isnan(share) else share,
        is_long=lengths_s[-1] > lengths_s[0],
    )


def findings_of(table: ResultTable) -> list[Finding]:
    """Return what a search got to see of a table's trials, one after the other."""
    found = [
        finding_of(SettingResult.of(result.setting, result.trials[: number + 1]))
        for result in table.results
        for number in range(len(result.trials))
    ]
    return [*found, *(finding_of_never_ready(each) for each in table.manifest.never_ready)]
