"""The capacity question: the most users, or arrivals per second, that one setting holds."""

import itertools
from dataclasses import replace

import pytest

from loadtests.question import SLO, Setting
from loadtests.search.budget import Budget
from loadtests.search.capacity import (
    RATE,
    climbs_on,
    decide_load,
    most_passing,
    rate_steps,
    user_steps,
)
from loadtests.verdicts import Finding, Verdict
from tests.search.services import level

SETTING = Setting(0.25, 200)
STEPS = user_steps(12_000)
PLENTY = Budget(trials=50, load_minutes=500)


def searched(holds_up_to, expected, odd=(), budget=PLENTY):
    """Search to the end; return the users asked with, and the last sentence."""
    findings = []
    while True:
        ask, why = decide_load(STEPS, findings, expected, budget)
        if ask is None:
            return findings, why
        verdict = Verdict.HOLDS if ask <= holds_up_to else Verdict.FAILS
        verdict = Verdict.UNDECIDED if ask in odd else verdict
        findings.append(Finding(SETTING, verdict, users=ask, load_s=60))


def test_steps_rise_by_a_fifth_up_to_the_most():
    assert STEPS[-2:] == [10_000, 12_000]
    assert sorted(set(STEPS)) == STEPS
    assert all(1.1 < b / a < 1.3 for a, b in itertools.pairwise(STEPS))


@pytest.mark.parametrize("most", [1, 5, 40, 500])
def test_few_users_have_steps_too(most):
    steps = user_steps(most)
    assert steps[-1] == most
    assert steps == sorted(set(steps))
    assert steps[0] >= 1


def test_what_the_staircase_expects_is_confirmed_in_two_trials():
    findings, why = searched(10_500, expected=10_000)
    assert [f.users for f in findings] == [10_000, 12_000]
    assert why == "10,000 users are held, 12,000 are not."


@pytest.mark.parametrize("most", [1_000, 2_500, 6_000, 9_000, 11_000, 20_000])
@pytest.mark.parametrize("expected", [None, STEPS[0], STEPS[5], STEPS[-1]])
def test_the_most_are_found_whatever_was_expected(most, expected):
    findings, why = searched(most, expected)
    held = [users for users in STEPS if users <= most]
    said = f"{held[-1]:,} users are held" if held else f"Not even {STEPS[0]:,} users"
    assert why.startswith(said)
    assert len(findings) <= 9


def test_the_most_that_were_asked_with_is_no_limit():
    _, why = searched(50_000, expected=STEPS[-1])
    assert why == "12,000 users are held, the most that were asked with; more may be."


def test_a_number_that_stays_undecided_is_neither_held_nor_not():
    findings, why = searched(11_000, expected=10_000, odd={12_000})
    assert [f.users for f in findings] == [10_000, 12_000, 12_000, 12_000]
    assert why == "10,000 users are held, 12,000 stayed undecided."


def test_more_is_not_promised_above_a_number_that_stayed_undecided():
    _, why = searched(50_000, expected=STEPS[-1], odd={12_000})
    assert why == "10,000 users are held, 12,000 stayed undecided."


def test_a_spent_budget_ends_it():
    findings, why = searched(11_000, expected=10_000, budget=Budget(trials=1))
    assert len(findings) == 1
    assert why.startswith("Stopped with the answer open: the budget of trials, 1, is spent")


def test_the_staircase_of_users_ends_after_two_levels_that_fail():
    up = [level(0.25, True, users=n) for n in (100, 200)]
    assert climbs_on(up[:1], SLO())
    assert climbs_on([*up, level(0.25, False, users=300)], SLO())
    two = [level(0.25, False, users=n) for n in (300, 400)]
    assert not climbs_on([*up, *two], SLO())
    assert most_passing([*up, *two], SLO()) == 200
    assert most_passing(two, SLO()) is None


@pytest.mark.parametrize("most", [0.7, 18.0, 95.5, 1_000.0, 12_345.0])
def test_rates_rise_by_a_fifth_up_to_the_most_however_low(most):
    steps = rate_steps(most)
    assert len(steps) == 13
    assert steps[-1] == most
    assert all(1.15 < b / a < 1.25 for a, b in itertools.pairwise(steps))


def test_the_highest_rate_is_found_as_the_most_users_are():
    """18 arrivals/s are held and 21.6 are not, whatever number of users stands ready."""
    steps, findings = rate_steps(31.1), []
    while True:
        ask, why = decide_load(steps, findings, 18.0, PLENTY, RATE)
        if ask is None:
            break
        verdict = Verdict.HOLDS if ask <= 18 else Verdict.FAILS
        findings.append(Finding(SETTING, verdict, users=200, rate_per_s=ask, load_s=60))
    assert [f.rate_per_s for f in findings] == [18.0, 21.6]
    assert why == "18 arrivals/s are held, 21.6 are not."


def test_the_staircase_of_rates_tells_by_its_rates():
    """Its levels may all have as many users, who stand ready."""
    levels = [
        replace(level(0.25, passes, users=200), rate_per_s=rate)
        for passes, rate in ((True, 15.0), (True, 18.0), (False, 21.6))
    ]
    assert most_passing(levels, SLO(), RATE) == 18.0
