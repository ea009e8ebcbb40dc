"""The search for the least setting, against services whose needs are known."""

import itertools
from dataclasses import replace

import pytest

from loadtests.question import Setting
from loadtests.search.budget import Budget
from loadtests.search.minimum import decide
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict
from tests.evidence_log import log_case
from tests.search.services import COST, PLENTY, SPACE, Service, answer, needing, searched

RIGHT = Forecast(0.25, 190)


def test_a_right_forecast_is_proven_in_three_trials():
    """It holds; less CPU fails, with all the memory there is; less memory fails."""
    findings, decisions = searched(needing(0.22, 185), RIGHT)
    assert [(f.setting.cpus, f.setting.memory_mib, f.verdict) for f in findings] == [
        (0.25, 200, "holds"), (0.2, 500, "fails"), (0.25, 150, "fails"),
    ]  # fmt: skip
    assert "0.25 CPU / 200 MiB is the least" in decisions[-1].why


def test_every_decision_is_told_in_one_sentence_or_two():
    _, decisions = searched(needing(0.22, 185), Forecast(0.1, 100))
    for decision in decisions:
        assert decision.why[0].isupper() or decision.why[0].isdigit()
        assert decision.why.endswith((".", "?"))
        assert decision.why.count(".  ") == 0
        if decision.ask is not None:
            assert decision.ask.label in decision.why


NEEDS = list(itertools.product((0.05, 0.12, 0.22, 0.35, 0.9), (50, 120, 220, 390, 480)))
FORECASTS = [Forecast(c, m) for c, m in itertools.product((0.1, 0.25, 1.0), (100, 200, 500))]


@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("forecast", FORECASTS, ids=lambda f: f"{f.cpus}-{f.memory_mib}")
def test_the_least_is_found_whatever_was_forecast(needs, forecast):
    service = needing(*needs)
    findings, decisions = searched(service, forecast)
    assert answer(findings) == service.least(SPACE)
    assert "is the least" in decisions[-1].why
    assert len(findings) <= 15, "a quarter of the grid, with the worst of forecasts"


@pytest.mark.parametrize("needs", NEEDS)
def test_a_forecast_one_step_off_costs_few_trials_more(needs):
    service = needing(*needs)
    least = service.least(SPACE)
    cpu, memory = SPACE.steps(least)
    for off in (-1, 1):
        near = SPACE.cell(
            min(max(cpu + off, 0), len(SPACE.cpus) - 1),
            min(max(memory + off, 0), len(SPACE.memory_mib) - 1),
        )
        findings, _ = searched(service, Forecast(near.cpus, near.memory_mib))
        assert answer(findings) == least
        assert len(findings) <= 7


def test_what_is_proven_is_proven_by_trials_alone():
    """Of all that is cheaper, each fails or is smaller than one that does."""
    service = Service(0.22, lambda cpus: 180 if cpus > 0.5 else 260)
    findings, _ = searched(service, RIGHT)
    least = answer(findings)
    failing = [f.setting for f in findings if f.verdict is Verdict.FAILS]
    for cell in SPACE.cells:
        if COST(cell) < COST(least):
            assert any(larger.grants_at_least(cell) for larger in failing), cell.label


@pytest.mark.parametrize(
    ("memory", "what"),
    [
        (lambda cpus: 180 + 40 / cpus, "scarce CPU costs memory"),
        (lambda cpus: 450 if cpus < 0.3 else 140, "a cliff"),
        (lambda cpus: 120 if cpus < 0.4 else 130, "nearly flat"),
    ],
)
def test_a_frontier_of_any_monotone_shape_is_followed(memory, what):
    service = Service(0.18, memory)
    findings, _ = searched(service, RIGHT)
    assert answer(findings) == service.least(SPACE), what


def test_nothing_that_holds_is_said_after_one_trial_of_the_largest():
    service = needing(4, 50)
    findings, decisions = searched(service, Forecast(1.0, 500))
    assert [f.setting for f in findings] == [SPACE.ample]
    assert "No setting up to 1 CPU / 500 MiB was measured to hold" in decisions[-1].why


def test_at_the_end_of_an_axis_the_largest_setting_left_is_asked():
    """CPU fails at the top of its axis for want of memory that nobody told."""
    service = Service(0.9, lambda _cpus: 350)
    service.measure = lambda setting, ask=service.measure: replace(  # type: ignore[method-assign]
        ask(setting), oom_killed=False
    )
    findings, decisions = searched(service, Forecast(1.0, 100))
    assert answer(findings) == Setting(1.0, 400)
    assert len(findings) == len({f.setting for f in findings}), "nothing decided is asked twice"
    assert "is the least" in decisions[-1].why


def test_a_kill_with_all_the_memory_there_is_asks_for_more_cpu():
    service = Service(0.2, lambda cpus: 600 if cpus < 0.5 else 450)
    findings, _ = searched(service, Forecast(0.3, 500))
    assert answer(findings) == Setting(0.6, 500)


@pytest.mark.parametrize(
    ("verdict", "says"),
    [(Verdict.UNDECIDED, "stayed undecided"), (Verdict.INVALID, "could not be measured well")],
)
def test_an_uncertain_setting_is_measured_three_times_and_then_left(verdict, says):
    """The least beside it is still found, and the doubt is told."""
    doubtful = Setting(0.25, 200)
    service = Service(0.22, lambda _: 185, odd={doubtful: verdict})
    findings, decisions = searched(service, RIGHT)
    assert sum(f.setting == doubtful for f in findings) == 3
    assert answer(findings) == Setting(0.25, 250)
    assert f"0.25 CPU / 200 MiB {says}" in decisions[-1].why


def test_a_setting_that_could_not_be_measured_is_no_evidence_against_others():
    """Neither is its CPU called too little, nor is less than it left unasked."""
    disturbed = Setting(0.25, 200)
    service = Service(0.08, lambda _: 185, odd={disturbed: Verdict.INVALID})
    findings, decisions = searched(service, RIGHT)
    assert answer(findings) == Setting(0.1, 200)
    assert not any("too little" in decision.why for decision in decisions)
    assert decisions[-1].why.startswith("0.1 CPU / 200 MiB is the least of these steps")


def test_nothing_holds_is_never_said_before_the_largest_setting_was_asked():
    doubtful = Setting(0.25, 200)
    service = Service(0.22, lambda _: 185, odd={doubtful: Verdict.UNDECIDED})
    space = Space((0.1, 0.25), (200, 500))
    findings, _ = searched(service, RIGHT, space)
    assert answer(findings) == Setting(0.25, 500)


def test_less_cpu_that_stays_undecided_is_not_called_failing():
    edge = Setting(0.2, 500)
    service = Service(0.22, lambda _: 185, odd={edge: Verdict.UNDECIDED})
    findings, decisions = searched(service, RIGHT)
    assert sum(f.setting == edge for f in findings) == 3
    assert decisions[-1].why.startswith("0.25 CPU / 200 MiB is the least measured to hold; 0.2 CPU")


SMALLER, LARGER = Setting(0.25, 200), Setting(0.3, 300)
SERVICE = {SMALLER: Verdict.HOLDS, LARGER: Verdict.FAILS}


def told(setting: Setting, verdict: Verdict) -> Finding:
    """A finding of a setting."""
    return Finding(setting, verdict, "as told", load_s=60.0)


def test_two_settings_that_contradict_each_other_are_both_asked_again_first():
    """A failing trial that noise made would else call the least setting luck for ever."""
    findings = [told(LARGER, Verdict.FAILS), told(SMALLER, Verdict.HOLDS)]
    asked = []
    while len(asked) < 4:
        decision = decide(SPACE, findings, RIGHT, COST, PLENTY)
        asked.append(decision.ask)
        assert "held, yet the larger 0.3 CPU / 300 MiB failed" in decision.why
        findings.append(told(decision.ask, SERVICE[decision.ask]))
    assert asked == [LARGER, SMALLER, LARGER, SMALLER], "each three times in all"
    said = decide(SPACE, findings[:2], RIGHT, COST, PLENTY)
    log_case(
        "mended",
        "one contradictory trial",
        "0.25 CPU / 200 MiB held, 0.3 CPU / 300 MiB failed, each in one trial",
        said.why,
        said.ask == LARGER,
        "0.3 CPU was too little: try 1 CPU / 150 MiB.",
    )
    after = decide(SPACE, findings, RIGHT, COST, PLENTY)
    assert after.ask not in (SMALLER, LARGER)


def test_a_contradiction_that_goes_away_holds_nothing_up():
    findings = [told(LARGER, v) for v in (Verdict.FAILS, Verdict.HOLDS)]
    findings.insert(1, told(SMALLER, Verdict.HOLDS))
    assert "yet the larger" not in decide(SPACE, findings, RIGHT, COST, PLENTY).why


def test_a_contradiction_is_not_asked_again_beyond_the_budget():
    findings = [told(LARGER, Verdict.FAILS), told(SMALLER, Verdict.HOLDS)]
    decision = decide(SPACE, findings, RIGHT, COST, Budget(trials=2))
    assert decision.ask is None
    assert "the budget of trials" in decision.why


def test_a_contradiction_is_told_and_the_search_ends():
    """A small setting holds by luck after a larger one failed."""
    contradicted = Setting(0.1, 500)
    service = Service(0.22, lambda _: 185, odd={contradicted: Verdict.HOLDS})
    findings, _ = searched(service, RIGHT)
    assert answer(findings) == Setting(0.25, 200), "what was not asked can mislead nobody"


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        (Budget(trials=2), "the budget of trials, 2, is spent"),
        (Budget(load_minutes=1.5), "the budget of minutes under load, 1.5, is spent"),
    ],
)
def test_a_spent_budget_ends_the_search_and_says_what_is_left_open(budget, says):
    findings, decisions = searched(needing(0.22, 185), RIGHT, budget=budget)
    assert len(findings) == 2
    assert decisions[-1].why.startswith(f"Stopped with the answer open: {says}; ")
    assert "cheaper settings left open" in decisions[-1].why


def test_a_search_taken_up_again_decides_as_if_it_had_never_stopped():
    findings, decisions = searched(needing(0.35, 390), RIGHT)
    for number, decision in enumerate(decisions):
        assert decide(SPACE, findings[:number], RIGHT, COST, PLENTY) == decision


def test_a_space_of_one_setting_takes_one_trial():
    space = Space((0.5,), (300,))
    findings, decisions = searched(needing(0.4, 200), Forecast(0.5, 250), space)
    assert [f.setting for f in findings] == [Setting(0.5, 300)]
    assert "is the least" in decisions[-1].why


def test_prices_decide_what_is_least():
    """With memory dear and CPU nearly free, more CPU for less memory is the better bargain."""
    service = Service(0.12, lambda cpus: 290 if cpus < 0.5 else 110)

    def memory_is_dear(setting):
        return setting.memory_mib + 0.001 * setting.cpus

    findings = []
    while True:
        decision = decide(SPACE, findings, Forecast(0.15, 290), memory_is_dear, PLENTY)
        if decision.ask is None:
            break
        findings.append(service.measure(decision.ask))
    held = [f.setting for f in findings if f.verdict is Verdict.HOLDS]
    assert min(held, key=memory_is_dear) == Setting(0.6, 150)
