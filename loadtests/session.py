"""Trials of settings, one after the other: measured now, or read where they were before."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from loadtests.analysis.answer import Effort
from loadtests.analysis.causes import OUT_OF_MEMORY
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.staircase import NextLimit, run_staircase
from loadtests.bench.trial import run_trial
from loadtests.judged import Finding, Verdict
from loadtests.progress import Progress
from loadtests.question import Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.table import Measured, read_evidence

Judged = tuple[Evidence, Judgement]


class Session:
    """What is measured between one opening of the store and its closing, and what that cost."""

    def __init__(self, progress: Progress) -> None:
        """Nothing is measured yet."""
        self._progress = progress
        self._trials: dict[tuple[int, Setting], list[Judged]] = defaultdict(list)
        self.effort = Effort()

    def one_more(self, bench: Bench, setting: Setting) -> Measured:
        """Measure a setting once more, and judge all its trials together."""
        trials = self._trials[bench.question.load.users, setting]
        repeat = len(trials)
        key = bench.key(setting, repeat)
        reused = bench.store.has(key)
        if reused:
            folder = bench.store.folder(key)
        else:
            self._progress.trial(setting.label, bench.question.load.duration_s)
            folder = run_trial(bench, setting, repeat, self._progress.tick)
        evidence, judgement = read_evidence(folder)
        trials.append((evidence, judgement))
        self._count(evidence, reused, judgement.verdict is Verdict.INVALID)
        reason = f" ({judgement.reasons[0]})" if judgement.reasons else ""
        already = ", measured before" if reused else ""
        self._progress.note(f"{setting.label}: {judgement.verdict}{already}{reason}")
        return Measured.of(setting, trials)

    def until_decided(self, bench: Bench, setting: Setting) -> Measured:
        """Measure a setting until its trials say `holds` or `fails`, or it was often enough."""
        result = self.one_more(bench, setting)
        while not result.row.verdict.decides and len(result.trials) < TRIALS_PER_SETTING:
            result = self.one_more(bench, setting)
        return result

    def staircase(self, bench: Bench, plan: LoadPlan, next_limit: NextLimit) -> Evidence:
        """Climb a live staircase, or read the one that was climbed before."""
        reused = bench.store.has(plan.key)
        if reused:
            folder: Path = bench.store.folder(plan.key)
        else:
            seconds = plan.users / bench.question.load.spawn_rate + sum(
                level.settle_s + level.hold_s for level in plan.levels
            )
            self._progress.trial(f"A live staircase from {plan.setting.label}", seconds)
            folder = run_staircase(bench, plan, next_limit, self._progress.tick)
        evidence = Evidence.read(folder)
        self._count(evidence, reused, invalid=False)
        return evidence

    def _count(self, evidence: Evidence, reused: bool, invalid: bool) -> None:
        cold = not evidence.trial.steps
        load_s = 0.0 if reused else evidence.trial.timings.load_s
        self.effort = replace(
            self.effort,
            trials_run=self.effort.trials_run + (cold and not reused),
            trials_reused=self.effort.trials_reused + (cold and reused),
            trials_invalid=self.effort.trials_invalid + invalid,
            load_seconds=round(self.effort.load_seconds + load_s, 1),
        )


def never_ready(setting: Setting) -> Finding:
    """Return what a search gets to see of a setting with which a service never answered."""
    return Finding(setting, Verdict.FAILS, "it never answered")


def finding_of(measured: Measured) -> Finding:
    """Return what a search gets to see of a setting's trials."""
    row, (evidence, _) = measured.row, measured.trials[-1]
    return Finding(
        setting=measured.setting,
        verdict=row.verdict,
        reason=row.reasons[0] if row.reasons else "",
        short_of_memory=row.cause == OUT_OF_MEMORY,
        load_s=evidence.trial.timings.load_s,
        users=evidence.trial.question.load.users,
    )
