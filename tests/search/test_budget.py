"""What a search may cost, and when that is spent."""

from dataclasses import replace

import pytest

from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.budget import Budget
from loadtests.verdicts import Finding, Verdict

A_MINUTE = Finding(Setting(1, 300), Verdict.FAILS, load_s=60.0)

SPENT = [
    (Budget(trials=2, load_minutes=10), 1, None, "one trial is left"),
    (Budget(trials=2, load_minutes=10), 2, "the budget of trials, 2, is spent", "all trials"),
    (Budget(load_minutes=2), 1, None, "a minute is left"),
    (Budget(load_minutes=2), 2, "the budget of minutes under load, 2, is spent", "all minutes"),
    (Budget(load_minutes=2, spent_s=59), 1, None, "a second is left"),
    (
        Budget(load_minutes=2, spent_s=60),
        1,
        "the budget of minutes under load, 2, is spent",
        "a staircase",
    ),
    (
        Budget(load_minutes=2, spent_s=180),
        0,
        "the budget of minutes under load, 2, is spent",
        "it alone",
    ),
    (Budget(trials=1, spent_s=60), 0, None, "a staircase is no trial"),
]
LONG = replace(A_MINUTE, is_long=True)


@pytest.mark.parametrize(("budget", "trials", "said", "what"), SPENT)
def test_a_budget_is_spent_by_trials_and_by_minutes_with_those_of_the_staircase(
    budget, trials, said, what
):
    assert budget.spent([A_MINUTE] * trials) == said, what


def test_a_long_trial_is_beyond_the_number_of_trials_but_not_beyond_the_minutes():
    assert Budget(trials=2).spent([A_MINUTE, LONG]) is None
    assert Budget(trials=1).minutes_spent([A_MINUTE]) is None
    said = "the budget of minutes under load, 2, is spent"
    assert Budget(load_minutes=2).spent([A_MINUTE, LONG]) == said
    assert Budget(load_minutes=2).minutes_spent([A_MINUTE, LONG]) == said


@pytest.mark.parametrize(("trials", "minutes"), [(0, 30), (12, 0), (12, float("nan"))])
def test_a_budget_for_nothing_is_refused(trials, minutes):
    with pytest.raises(QuestionError, match="both must be above 0"):
        Budget(trials, minutes)
