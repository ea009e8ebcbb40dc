"""The answer seen once more: what is said where it came out so again, and where not."""

import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.repeat import Repeat
from loadtests.verdicts import Verdict
from tests.analysis.records import SETTING, evidence, judgement, with_requests
from tests.told import QUESTION, measured

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
UNDECIDED, INVALID = Verdict.UNDECIDED, Verdict.INVALID


def seen_again(*verdicts: Verdict) -> Repeat:
    """Trials of one setting with those verdicts, the last of them made to see it again."""
    *earlier, more = measured(SETTING, *verdicts).trials
    return Repeat(tuple(earlier), more)


@pytest.mark.parametrize(
    ("verdicts", "agrees", "what"),
    [
        ((HOLDS, HOLDS), True, "it holds again"),
        ((FAILS, FAILS), True, "it fails again"),
        ((UNDECIDED, UNDECIDED), True, "it is in doubt again"),
        ((HOLDS, UNDECIDED), False, "in doubt this time"),
        ((HOLDS, FAILS), False, "it fails this time"),
        ((HOLDS, INVALID), False, "not measured well this time"),
        ((INVALID, HOLDS, HOLDS), True, "an invalid trial gave no verdict"),
        ((UNDECIDED, HOLDS, HOLDS, HOLDS), True, "it is the verdict of all that were before"),
    ],
)
def test_a_repeat_agrees_only_where_it_says_the_same_as_those_before(verdicts, agrees, what):
    assert seen_again(*verdicts).agrees is agrees, what


def test_two_that_hold_are_told_with_both_p95():
    """They are one and the same here, so nothing tells them apart."""
    repeat = seen_again(HOLDS, HOLDS)
    assert repeat.sentence.startswith("0.5 CPU / 300 MiB holds by 1 trial and in one more: p95 ")
    assert repeat.sentence.endswith(", not told apart at 95%")
    assert repeat.brief == "In one trial more it holds too"


def test_what_several_trials_say_together_is_what_the_repeat_is_held_against():
    """Undecided first, then it held twice."""
    repeat = seen_again(UNDECIDED, HOLDS, HOLDS, HOLDS)
    assert repeat.agrees
    assert repeat.sentence.startswith("0.5 CPU / 300 MiB holds by 3 trials and in one more")


EDGE = ", and together they say undecided: it is at the edge, plan a step above"
DIFFERS = [
    (HOLDS, UNDECIDED, f"holds by 1 trial; one more is undecided{{}}{EDGE}"),
    (HOLDS, FAILS, f"holds by 1 trial; one more fails{{}}{EDGE}"),
    (FAILS, HOLDS, f"fails by 1 trial; one more holds{{}}{EDGE}"),
    (HOLDS, INVALID, "holds by 1 trial; one more is invalid{}"),
]


@pytest.mark.parametrize(("first", "second", "said"), DIFFERS)
def test_a_repeat_that_differs_is_told_with_its_reason_and_what_to_make_of_it(first, second, said):
    """An invalid one says nothing of the setting."""
    reason = judgement(second).reasons[0]
    sentence = seen_again(first, second).sentence
    assert sentence == f"0.5 CPU / 300 MiB {said.format(f' ({reason})')}"


def test_a_repeat_that_differs_only_for_the_speed_of_its_cpu_is_not_told_to_be_at_the_edge():
    """It held on a CPU faster than the reference, so it is undecided: nothing speaks against it."""
    (held,) = measured(SETTING, HOLDS).trials
    repeat = Repeat((held,), (held[0], judgement(UNDECIDED, pooled=False, at_its_speed=HOLDS)))
    assert (
        repeat.sentence
        == "0.5 CPU / 300 MiB holds by 1 trial; one more is undecided (it undecided)"
    )
    assert repeat.brief == "In one trial more it is undecided"


def test_the_row_is_that_of_the_last_trial_alone():
    repeat = seen_again(HOLDS, FAILS)
    assert (repeat.setting, repeat.question) == (SETTING, QUESTION)
    assert repeat.row.verdict is FAILS
    assert repeat.row.trials == (repeat.more[0].trial.key,)
    assert repeat.brief == "In one trial more it fails: it is at the edge"


def test_two_in_which_nobody_asked_in_the_steady_state_are_told_without_a_p95():
    """As of whole trials whose users fell silent."""
    unheard = [
        (with_requests(given, given.requests[given.requests["start_s"] < 0.5]), found)
        for given, found in measured(SETTING, FAILS, FAILS).trials
    ]
    said = Repeat((unheard[0],), unheard[1]).sentence
    assert said.endswith("fails by 1 trial and in one more: p95 not measured and not measured")


def test_two_that_were_stopped_in_their_ramp_up_are_told_with_when():
    """The p95 of a ramp-up is none, so the two cannot be told apart by it."""
    stopped = evidence(ramp_up_ended_s=6.0, failures={"refused": 0.5}, oom_s=6.0)
    again = Repeat(((stopped, judge(stopped)),), (stopped, judge(stopped)))
    when = "not measured (stopped at 6 s)"
    assert again.sentence.endswith(f"fails by 1 trial and in one more: p95 {when} and {when}")


def test_trials_that_only_together_say_something_are_compared_with_one_more_too():
    """None of them says by itself what all say: held, failed, held is undecided."""
    repeat = seen_again(HOLDS, FAILS, HOLDS, UNDECIDED)
    assert repeat.agrees
    assert "is undecided by 3 trials and in one more: p95 " in repeat.sentence


def test_an_invalid_repeat_blames_nobody():
    assert seen_again(HOLDS, INVALID).brief == "In one trial more it is invalid"
