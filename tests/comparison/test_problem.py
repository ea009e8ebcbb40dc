"""A search under way: its clock, what it sees of the gauge, and how often it asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from loadtests.comparison.problem import Answer, Begun, Screening, SearchRun
from loadtests.question import Setting
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict
from tests.comparison.problems import SPACE, PlainProblem

HOLDS, FAILS, UNDECIDED, INVALID = Verdict
CELL = Setting(0.4, 150)


@dataclass
class Scripted:
    """Tells, trial by trial, what was written down; remembers when each was begun."""

    own: Sequence[Verdict]
    together: Verdict = UNDECIDED
    killed: bool = False
    space: Space = SPACE
    asked: list[Begun] = field(default_factory=list)

    def reliability(self, _: Setting) -> float:
        return 1.0

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        self.asked.append(trials[-1])
        own = self.own[min(len(trials), len(self.own)) - 1]
        load_s = 150.0 if trials[-1].is_long else 60.0
        return Finding(
            setting, self.together, oom_killed=self.killed, load_s=load_s, own=own, speed=0.8,
            slow_share=0.2, is_long=trials[-1].is_long,
        )  # fmt: skip

    def staircase(self) -> Screening:
        return Screening(Forecast(0.4, 150), 70.0)


def test_the_clock_goes_on_with_the_load_of_the_staircase_and_of_every_trial():
    problem = Scripted([HOLDS])
    search_run = SearchRun(problem)
    search_run.screening()
    search_run.measure(CELL)
    search_run.measure(CELL, is_long=True)
    search_run.measure(Setting(0.1, 50))
    assert problem.asked == [Begun(70.0), Begun(130.0, is_long=True), Begun(280.0)]
    assert search_run.load_s == 70 + 60 + 150 + 60


def test_a_search_with_a_gauge_sees_what_the_speed_made_of_all_trials():
    finding = SearchRun(Scripted([FAILS]), reads_speed=True).measure(CELL)
    assert (finding.verdict, finding.own, finding.speed) == (UNDECIDED, FAILS, 0.8)


@pytest.mark.parametrize(
    ("own", "verdicts", "what"),
    [
        ([FAILS], [FAILS], "one trial"),
        ([HOLDS, HOLDS], [HOLDS, HOLDS], "two that agree"),
        ([UNDECIDED, HOLDS, HOLDS], [UNDECIDED, UNDECIDED, HOLDS], "outnumbered in the end"),
        ([HOLDS, FAILS], [HOLDS, UNDECIDED], "two that differ"),
    ],
)
def test_a_search_without_a_gauge_sees_the_plain_verdicts_of_its_trials(own, verdicts, what):
    """What the speed took back counts for it, and no speed is told."""
    search_run = SearchRun(Scripted(own))
    made = [search_run.measure(CELL) for _ in own]
    assert [finding.verdict for finding in made] == verdicts, what
    assert {finding.speed for finding in made} == {1.0}


def test_a_kill_stands_without_a_gauge_too():
    search_run = SearchRun(Scripted([FAILS, HOLDS], together=FAILS, killed=True))
    assert [search_run.measure(CELL).verdict for _ in range(2)] == [FAILS, FAILS]


def test_trials_of_other_settings_do_not_count():
    """The first trial of one setting failed; that of another holds by itself."""
    search_run = SearchRun(Scripted([HOLDS]))
    search_run.findings.append(Finding(Setting(0.2, 150), FAILS, own=FAILS))
    assert search_run.measure(CELL).verdict is HOLDS


def test_an_invalid_trial_is_made_again_until_it_is_valid():
    search_run = SearchRun(Scripted([INVALID, INVALID, FAILS]))
    finding = search_run.trial(CELL)
    assert finding is not None
    assert finding.own is FAILS
    assert len(search_run.findings) == 3


def test_a_setting_without_a_valid_trial_is_left_after_three():
    search_run = SearchRun(Scripted([INVALID]))
    assert search_run.trial(CELL) is None
    assert len(search_run.findings) == 3


def test_the_outcome_is_the_answer_with_what_was_spent():
    search_run = SearchRun(PlainProblem())
    search_run.measure(CELL)
    outcome = search_run.outcome(Answer(CELL, 0.93))
    assert (outcome.answer, outcome.stated) == (CELL, 0.93)
    assert (outcome.trials, outcome.load_s) == (1, 60.0)
