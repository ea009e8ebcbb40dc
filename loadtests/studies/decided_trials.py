"""Trials that a search decides on, one after the other, and what each told."""

from dataclasses import replace

from loadtests.bench.plan import Bench
from loadtests.errors import NotReadyError
from loadtests.question import Question, Setting
from loadtests.search.minimum import Decision
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.manifest import NeverReady
from loadtests.studies.results import SettingResult
from loadtests.studies.trial_runner import TrialRunner, finding_of, finding_of_never_ready
from loadtests.verdicts import Finding, Verdict


class DecidedTrials:
    """What was found so far, in order; measuring goes on from there."""

    def __init__(
        self, runner: TrialRunner, bench: Bench, last_question: Question, log: DecisionLog
    ) -> None:
        """Begin with nothing found; `last_question` is that of long trials."""
        self.findings: list[Finding] = []
        self.measured: dict[Setting, SettingResult] = {}
        self.unanswered: list[NeverReady] = []
        self.log = log
        self._runner, self._bench, self._last_question = runner, bench, last_question

    def measure(self, setting: Setting, decision: Decision) -> None:
        """Measure a setting as decided, once more where it was before, and keep what it told."""
        self.log.decide(setting.label, decision.why)
        try:
            question = self._last_question if decision.is_long else None
            result = self._runner.one_more(self._bench, setting, question)
        except NotReadyError as error:
            self._never_ready(setting, decision, error)
            return
        self.measured[setting] = result
        self.findings.append(finding_of(result))
        self.log.found(result)

    def _never_ready(self, setting: Setting, decision: Decision, error: NotReadyError) -> None:
        if setting in self.measured:  # it did answer before
            doubt = Finding(setting, Verdict.UNDECIDED, str(error), own=Verdict.INVALID)
            self.findings.append(replace(doubt, is_long=decision.is_long))
            self.log.result(f"undecided: {error}")
            return
        # The ample setting did answer: with this one the service does not even start.
        self.unanswered.append(self._runner.never_ready(setting, error))
        self.findings.append(finding_of_never_ready(self.unanswered[-1]))
        self.log.result(f"fails: {error}")
