"""The log of a search says of each trial what that trial told."""

from loadtests.question import Setting
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.results import SettingResult
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, judgement
from tests.told import measured

AT = Setting(0.5, 300)


def logged(result: SettingResult) -> str:
    log = DecisionLog(lambda _line: None)
    log.decide(AT.label, "Does it hold?")
    log.found(result)
    return log.lines[-1].found


def test_the_first_trial_is_told_with_its_first_reason():
    assert logged(measured(AT, Verdict.FAILS)) == "fails: it fails"


def test_a_trial_that_differs_from_all_together_is_told_as_what_it_was_itself():
    """An undecided long trial of a setting that held before is no `holds`."""
    voided = judgement(Verdict.UNDECIDED, pooled=False)
    trials = [*measured(AT, Verdict.HOLDS).trials, (evidence(setting=AT), voided)]
    assert logged(SettingResult.of(AT, trials)) == (
        "undecided: it undecided; with its earlier trials together: holds"
    )


def test_a_trial_that_agrees_is_told_once():
    assert "together" not in logged(measured(AT, Verdict.HOLDS, Verdict.HOLDS))


def test_each_decision_is_told_as_it_is_made():
    told = []
    DecisionLog(told.append).decide("", "It is over.")
    assert told == ["* It is over."]
