"""What follows from findings, and what does not."""

from loadtests.question import Setting
from loadtests.search.knowledge import Knowledge
from loadtests.verdicts import Finding, Verdict
from tests.search.services import COST, SPACE


def known(*told):
    """Return what is known from (cpus, memory, verdict) told in that order."""
    return Knowledge(SPACE, tuple(Finding(Setting(c, m), v) for c, m, v in told))


def test_more_than_what_holds_holds_and_less_than_what_fails_fails():
    found = known((0.25, 200, Verdict.HOLDS), (0.2, 500, Verdict.FAILS))
    assert found.verdict(Setting(1.0, 200)) is Verdict.HOLDS
    assert found.verdict(Setting(0.25, 500)) is Verdict.HOLDS
    assert found.verdict(Setting(0.1, 100)) is Verdict.FAILS
    assert found.verdict(Setting(0.3, 150)) is None
    assert not found.is_measured(Setting(1.0, 200))
    assert found.is_measured(Setting(0.25, 200))


def test_a_settings_own_trials_speak_before_what_follows_from_others():
    found = known((0.2, 200, Verdict.HOLDS), (0.3, 300, Verdict.FAILS))
    assert found.verdict(Setting(0.2, 200)) is Verdict.HOLDS
    assert found.verdict(Setting(0.3, 300)) is Verdict.FAILS
    assert found.verdict(Setting(0.25, 250)) is None, "contradicted on both sides"
    assert found.contradictions == [(Setting(0.2, 200), Setting(0.3, 300))]


def test_what_lies_between_two_settings_that_contradict_each_other_is_unclear():
    found = known((0.2, 200, Verdict.HOLDS), (0.3, 300, Verdict.FAILS))
    assert found.is_unclear(Setting(0.25, 250))
    assert found.is_unclear(Setting(0.3, 200))
    assert not found.is_unclear(Setting(0.2, 200)), "its own trials say what it does"
    assert not found.is_unclear(Setting(0.1, 250)), "more CPU fails, and nothing smaller holds"
    assert not found.is_unclear(Setting(0.5, 150)), "nobody knows"
    told = [(0.2, 200, Verdict.HOLDS), (0.3, 300, Verdict.FAILS), (0.25, 250, Verdict.UNDECIDED)]
    assert not known(*told).is_unclear(Setting(0.25, 250)), "undecided by its own trials"


def test_the_last_finding_about_a_setting_counts():
    """It speaks for all its trials."""
    at = (0.25, 200)
    found = known((*at, Verdict.UNDECIDED), (*at, Verdict.HOLDS))
    assert found.verdict(Setting(*at)) is Verdict.HOLDS
    assert found.trials(Setting(*at)) == 2


def test_an_undecided_setting_is_worth_asking_until_its_third_trial():
    at = (0.25, 200, Verdict.UNDECIDED)
    assert known(at, at).is_worth_asking(Setting(0.25, 200))
    unresolved = known(at, at, at)
    assert not unresolved.is_worth_asking(Setting(0.25, 200))
    assert not unresolved.is_worth_asking(Setting(0.1, 100)), "it could at best be as doubtful"
    assert unresolved.is_worth_asking(Setting(0.25, 500)), "it may be memory that it lacked"
    assert unresolved.is_worth_asking(Setting(0.3, 200))


def test_a_setting_that_could_not_be_measured_tells_nothing_of_others():
    at = (0.25, 200, Verdict.INVALID)
    unresolved = known(at, at, at)
    assert not unresolved.is_worth_asking(Setting(0.25, 200))
    assert unresolved.is_worth_asking(Setting(0.1, 100))


def test_the_least_is_the_cheapest_that_is_shown_to_hold():
    found = known((0.6, 200, Verdict.HOLDS), (0.25, 500, Verdict.HOLDS), (0.1, 100, Verdict.FAILS))
    assert found.least(COST) == Setting(0.25, 500)
    assert known().least(COST) is None


def test_what_holds_while_a_larger_setting_fails_is_not_the_least():
    """One of the two was luck, and the answer rests on neither."""
    contradicted, larger = (0.2, 200, Verdict.HOLDS), (0.25, 250, Verdict.FAILS)
    assert known(contradicted, larger).least(COST) is None
    assert known(contradicted, larger, (0.3, 200, Verdict.HOLDS)).least(COST) == Setting(0.3, 200)
    beside = (0.1, 500, Verdict.FAILS)
    assert known(contradicted, beside).least(COST) == Setting(0.2, 200), "no order between the two"


def test_what_is_open_is_cheaper_and_not_known():
    found = known((0.25, 200, Verdict.HOLDS), (0.2, 500, Verdict.FAILS))
    still = found.open_below(Setting(0.25, 200), COST)
    assert still == [Setting(0.25, 100), Setting(0.25, 150)]
