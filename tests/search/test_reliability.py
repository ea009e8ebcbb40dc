"""How reliably a setting holds, told from trials whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.reliability import Goal, Reliability
from loadtests.verdicts import Finding, Forecast, Verdict
from tests.search.services import SPACE

AT, BELOW = Setting(0.3, 250), Setting(0.25, 250)


def told(setting: Setting, verdict: Verdict, **more) -> Finding:
    """A trial of a setting that told so, by itself and with those before it."""
    return Finding(setting, verdict, **more)


def says(*findings: Finding) -> Reliability:
    """What trials say together."""
    return Reliability(SPACE, findings, Goal())


HELD, FAILED = told(AT, Verdict.HOLDS), told(BELOW, Verdict.FAILS)


def test_without_trials_nothing_is_sure():
    assert 0.2 < says().stated(AT) < 0.8


def test_the_step_between_what_failed_and_what_held_is_where_it_turns():
    both = says(HELD, FAILED)
    assert both.stated(Setting(0.4, 250)) > 0.95
    assert both.stated(AT) > 0.75
    assert both.stated(BELOW) < 0.25
    assert both.stated(Setting(0.15, 250)) < 0.05


def test_a_second_trial_that_holds_makes_it_more_reliable():
    assert says(HELD, HELD, FAILED).stated(AT) > says(HELD, FAILED).stated(AT) + 0.01


def test_one_that_failed_on_a_slow_cpu_is_evidence_against_less_cpu_only():
    """At 80% of its speed 0.3 CPU are 0.24 of the reference's."""
    slow = told(AT, Verdict.UNDECIDED, own=Verdict.FAILS, speed=0.8)
    ample = told(Setting(0.4, 250), Verdict.HOLDS)
    assert says(slow, ample).stated(AT) > says(told(AT, Verdict.FAILS), ample).stated(AT) + 0.1
    assert says(slow, ample).stated(Setting(0.2, 250)) < 0.1


def test_one_that_held_on_a_fast_cpu_is_evidence_for_more_cpu_only():
    fast = told(AT, Verdict.HOLDS, speed=1.3)
    assert says(fast, FAILED).stated(AT) < says(HELD, FAILED).stated(AT) - 0.1


def test_what_a_staircase_saw_tells_of_the_edge_before_any_trial():
    """More CPU than it saw is likelier than less: it is no trial in fresh containers."""
    seen = Reliability(SPACE, (), Goal(), Forecast(0.25, 200, edge_cpus=0.22))
    stated = [seen.stated(Setting(cpus, 500)) for cpus in SPACE.cpus]
    assert stated[SPACE.cpus.index(0.1)] < 0.1
    assert stated[SPACE.cpus.index(0.4)] > 0.5
    nothing = Reliability(SPACE, (), Goal(), Forecast(0.25, 200))
    assert nothing.stated(AT) == says().stated(AT)


def test_trials_overrule_what_a_staircase_saw():
    forecast = Forecast(0.25, 200, edge_cpus=0.22)
    failed = tuple(told(Setting(0.4, 300), Verdict.FAILS) for _ in range(2))
    held = (told(Setting(1.0, 300), Verdict.HOLDS),)
    both = Reliability(SPACE, failed + held, Goal(), forecast)
    assert both.stated(Setting(0.4, 300)) < 0.3


def test_one_that_hardly_held_is_less_reliable_than_one_that_held_easily():
    hardly = told(AT, Verdict.HOLDS, slow_share=0.04)
    easily = told(AT, Verdict.HOLDS, slow_share=0.0)
    assert says(hardly, FAILED).stated(AT) < says(easily, FAILED).stated(AT) - 0.1


def test_one_that_used_up_its_cpu_is_less_reliable_than_one_that_left_half_of_it():
    """However quick it was: with a little less of it it would have come to its end."""
    full = told(AT, Verdict.HOLDS, slow_share=0.0, cpu_used=0.99)
    half = told(AT, Verdict.HOLDS, slow_share=0.0, cpu_used=0.5)
    assert says(full, FAILED).stated(AT) < says(half, FAILED).stated(AT) - 0.05


def test_a_share_of_slow_requests_that_contradicts_the_verdict_is_left_aside():
    """It failed by errors: that hardly any was slow says nothing of how far off it was."""
    by_errors = told(BELOW, Verdict.FAILS, slow_share=0.01)
    assert says(HELD, by_errors).stated(AT) == pytest.approx(says(HELD, FAILED).stated(AT))


def test_a_kill_speaks_against_less_memory_and_not_against_less_cpu():
    killed = told(Setting(0.3, 200), Verdict.FAILS, oom_killed=True)
    both = says(HELD, killed)
    assert both.stated(Setting(0.3, 150)) < 0.05
    assert both.stated(Setting(0.3, 300)) > 0.85
    assert both.stated(AT) == pytest.approx(says(HELD).stated(AT), abs=0.05)


def test_what_could_not_be_measured_says_nothing():
    invalid = told(AT, Verdict.INVALID)
    assert says(HELD, FAILED, invalid).stated(AT) == says(HELD, FAILED).stated(AT)


def test_the_band_lies_around_the_answer():
    band = says(HELD, HELD, HELD, FAILED, FAILED).band(AT)
    assert band.memory_mib == 250
    assert band.fails_to_cpus < AT.cpus
    assert AT.cpus <= band.holds_from_cpus <= 0.4
    assert band.reliability == says(HELD, HELD, HELD, FAILED, FAILED).stated(AT)
    assert band.asked == 0.9


def test_an_undecided_trial_is_at_the_edge_however_few_were_slow():
    """It may be errors that leave it in doubt."""
    doubt = told(AT, Verdict.UNDECIDED, slow_share=0.004)
    assert says(doubt, FAILED).stated(AT) == pytest.approx(
        says(told(AT, Verdict.UNDECIDED), FAILED).stated(AT)
    )
    assert says(doubt, FAILED).stated(AT) < 0.7


@pytest.mark.parametrize("asked", [0.4, 0.99, 1.0, math.nan])
def test_a_reliability_that_no_search_could_show_is_refused(asked):
    with pytest.raises(QuestionError, match="reliability is"):
        Goal(asked)


settings = st.sampled_from(SPACE.cells)
verdicts = st.sampled_from((Verdict.HOLDS, Verdict.FAILS))
trials = st.lists(st.builds(told, settings, verdicts), max_size=6)


@given(trials, settings, settings)
def test_more_cpu_is_never_less_reliable(findings, one, other):
    both = says(*findings)
    less, more = sorted((one.cpus, other.cpus))
    chances = [both.stated(Setting(cpus, one.memory_mib)) for cpus in (less, more)]
    cpu_part = chances[1] - chances[0]
    assert cpu_part >= -1e-9


@given(trials, settings)
def test_a_trial_more_moves_its_setting_the_way_it_came_out(findings, setting):
    before = says(*findings).stated(setting)
    held = says(*findings, told(setting, Verdict.HOLDS)).stated(setting)
    failed = says(*findings, told(setting, Verdict.FAILS)).stated(setting)
    assert failed <= before + 1e-9
    assert held >= before - 1e-9


def test_what_is_stated_is_what_happens():
    """Of many services, with trials by their own luck: chances stated against chances true."""
    rng = np.random.default_rng(1)
    stated, true = [], []
    for _ in range(150):
        edge, width = rng.uniform(math.log(0.15), math.log(0.6)), rng.choice([0.03, 0.06])
        at = min(range(len(SPACE.cpus)), key=lambda s: abs(math.log(SPACE.cpus[s]) - edge))
        findings = []
        for step in (at - 1, at, at + 1, at, at + 1):
            setting = SPACE.cell(step, 3)
            above = math.log(setting.cpus) - edge + rng.logistic(0, width)
            findings.append(told(setting, Verdict.HOLDS if above > 0 else Verdict.FAILS))
        for step in (at - 1, at, at + 1):
            setting = SPACE.cell(step, 3)
            stated.append(says(*findings).stated(setting))
            true.append(1 / (1 + math.exp(-(math.log(setting.cpus) - edge) / width)))
    stated, true = np.array(stated), np.array(true)
    sure = stated >= 0.9
    assert sure.sum() > 50
    assert true[sure].mean() == pytest.approx(stated[sure].mean(), abs=0.03)
    assert true.mean() == pytest.approx(stated.mean(), abs=0.05)
