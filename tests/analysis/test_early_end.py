"""When a trial would have been given up, and whether that would have been right."""

from loadtests.analysis.early_end import given_up_at_s, replay
from loadtests.analysis.verdict import judge
from loadtests.judged import Verdict
from loadtests.question import Patience
from tests.analysis.records import QUESTION, evidence, growing_ms, steady_ms


def test_a_trial_that_holds_is_never_given_up():
    assert given_up_at_s(evidence()) is None


def test_a_trial_at_the_edge_is_not_given_up():
    """5% may be slow; half as many again are not beyond recovery."""
    assert given_up_at_s(evidence(latency=steady_ms(5.0, 0.07))) is None


def test_a_slow_trial_is_given_up_in_its_hold_at_the_first_request_too_many():
    given = evidence(latency=steady_ms(900.0))
    moment = given_up_at_s(given)
    phases = given.trial.phases
    assert phases.hold_start_s < moment < phases.hold_end_s
    ended = given.requests["start_s"] + given.requests["latency_ms"] / 1000
    slow = (given.requests["latency_ms"] > 500) & (given.requests["outcome"] == "ok")
    so_far = int((slow & (ended >= phases.hold_start_s) & (ended <= moment)).sum())
    assert so_far == Patience.of(QUESTION).slow + 1


def test_a_trial_that_gets_slow_only_later_is_let_go_on():
    """It is unsteady, and only the whole hold tells what it is."""
    assert given_up_at_s(evidence(latency=growing_ms(36.0, 100.0))) is None


def test_a_trial_that_fails_its_requests_is_given_up_in_its_ramp():
    given = evidence(failures={"refused": 0.5})
    assert given_up_at_s(given) < given.trial.phases.spawned_s


def test_giving_up_a_failing_trial_is_right_and_saves_time():
    given = evidence(latency=growing_ms(5.0, 200.0))
    found = replay(given, judge(given).verdict)
    assert found.verdict is Verdict.FAILS
    assert not found.false
    assert found.load_s < found.whole_s


def test_giving_up_a_trial_that_is_not_failing_is_false():
    given = evidence(latency=steady_ms(900.0))
    assert replay(given, Verdict.UNDECIDED).false
    assert not replay(evidence(), Verdict.HOLDS).false


def test_what_is_given_up_is_judged_failing_by_what_was_seen_until_then():
    """As the generator leaves it: the requests up to that moment, and a hold cut short."""
    for latency, hold_s in ((steady_ms(900.0), 4.0), (steady_ms(5.0, 0.5), 8.0)):
        cut = evidence(latency=latency, hold_s=hold_s)
        assert judge(cut).verdict is Verdict.FAILS
    early = evidence(failures={"refused": 0.5}, hold_s=0.0)
    assert judge(early).verdict is Verdict.FAILS


def test_a_hold_cut_short_without_cause_is_not_failing():
    cut = evidence(latency=steady_ms(5.0, 0.04), hold_s=4.0)
    assert judge(cut).verdict is Verdict.UNDECIDED
