"""An open load: as many requests as asked for, and late by whose doing?"""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis.evidence import Voids
from loadtests.analysis.generator_check import judge_generator
from loadtests.analysis.judge import judge
from loadtests.analysis.validity import checks
from loadtests.question import CONSTANT
from loadtests.verdicts import Verdict
from tests.analysis.open_load import asked, open_evidence
from tests.analysis.records import steady_ms

SLOW = steady_ms(5.0, 0.2, 1500.0)


def delivered(given):
    """What is said of the load."""
    return next(check for check in checks(given) if check.name == "delivered")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("slow", [False, True])
def test_a_rate_that_was_kept_trips_nothing_however_slow_the_answers(seed, slow):
    given = open_evidence(latency=SLOW if slow else None, seed=seed)
    assert [check.name for check in checks(given) if not check.ok] == []
    assert judge(given).verdict is (Verdict.FAILS if slow else Verdict.HOLDS)


def test_fewer_requests_than_asked_for_are_another_load():
    found = delivered(open_evidence(came=0.9))
    assert (found.ok, found.voids) == (False, Voids.BOTH)
    assert "of 100 arrivals/s asked for" in found.seen
    assert judge(open_evidence(came=0.9)).verdict is Verdict.INVALID


def test_constant_arrivals_may_vary_by_less_than_poisson_ones():
    """A load of 100 requests/s for 30 s that lacks 2%: beyond 1% and 3, within 1% and 3 x 55."""
    constant, poisson = (open_evidence(asked(arrivals=kind)) for kind in (CONSTANT, "poisson"))
    for given, ok in ((constant, False), (poisson, True)):
        kept = given.requests[given.requests.index % 50 != 0]
        assert delivered(replace(given, requests=kept)).ok is ok


@pytest.mark.parametrize("own", [True, False])
def test_what_a_script_makes_of_an_arrival_is_said_and_is_a_mistake_of_ours_alone(own):
    """Ours sends one request for each, no more and no less."""
    given = open_evidence(own_script=own)
    twice = pd.concat([given.requests, given.requests], ignore_index=True)
    found = delivered(replace(given, requests=twice))
    assert found.ok is not own
    assert "2.0 requests for every arrival" in found.seen
    half = delivered(replace(given, requests=given.requests[::2]))
    assert half.ok is not own
    assert ("0.5 requests for every arrival" in half.seen) is not own


def test_fewer_arrivals_than_asked_for_are_another_load_whatever_the_script_makes_of_them():
    given = open_evidence(own_script=False)
    report = replace(given.trial.generator, arrivals=given.trial.generator.arrivals * 9 // 10)
    found = delivered(replace(given, trial=replace(given.trial, generator=report)))
    assert (found.ok, found.voids) == (False, Voids.BOTH)
    assert "arrivals of" in found.seen


def test_a_load_without_any_request_is_none():
    given = open_evidence()
    found = delivered(replace(given, requests=given.requests.head(0)))
    assert (found.ok, found.voids) == (False, Voids.BOTH)
    assert "no request was recorded" in found.seen


def test_what_found_no_user_though_the_service_kept_few_is_not_held_against_the_service():
    """The script kept them: whoever came was late before the service was asked."""
    late = open_evidence(latency=SLOW, arrivals_waited=900, arrivals_unexplained=900)
    found = delivered(late)
    assert (found.ok, found.voids) == (False, Voids.FAILS)
    assert judge(late).verdict is Verdict.INVALID
    in_time = open_evidence(arrivals_waited=900, arrivals_unexplained=900)
    assert judge(in_time).verdict is Verdict.HOLDS, "it could only look worse"


def test_what_found_no_user_since_the_service_kept_them_is():
    late = open_evidence(latency=SLOW, arrivals_waited=900)
    assert delivered(late).ok
    assert judge(late).verdict is Verdict.FAILS


def test_a_generator_that_was_late_itself_is_no_evidence_against_a_service():
    late = open_evidence(latency=SLOW, heartbeat_lag_max_ms=1500.0)
    judged = judge(late)
    assert judged.verdict is Verdict.INVALID
    assert "longest pause 1,500 ms" in judged.reasons[0]


def test_who_waits_from_before_the_steady_state_locks_nobody_out():
    """Of a closed load's users each would be one that was not seen; others arrive here."""
    given = open_evidence(asked(timeout_s=60.0))
    old = given.requests.head(400).assign(
        start_s=given.trial.phases.steady_start_s - 1,
        latency_ms=(given.trial.question.workload.steady_s + 1) * 1000,
        outcome="in_flight",
    )
    both = pd.concat([old, given.requests], ignore_index=True)
    assert judge(replace(given, requests=both)).verdict is Verdict.HOLDS


def test_a_host_that_cannot_generate_a_rate_is_told_which_it_can():
    found = judge_generator(open_evidence(latency=steady_ms(300.0), cpu_cores=1.6))
    assert not found.is_high_enough
    assert "ask for at most 50 arrivals/s, or for 2 workers" in found.sentence
