"""Whether this host can generate a load, seen against a service that does nothing."""

import math

import numpy as np
import pytest

from loadtests.analysis.generator_check import judge_generator
from loadtests.question import Question, Workload
from tests.analysis.records import evidence
from tests.analysis.several_workers import sent_by, worker


def all_in_ms(latency_ms):
    """Latencies that are all the same."""
    return lambda start_s, _: np.full(len(start_s), latency_ms)


@pytest.mark.parametrize(("p99_ms", "enough"), [(100.0, True), (100.1, False)])
def test_a_fifth_of_what_an_answer_may_take_is_left_to_the_generator(p99_ms, enough):
    found = judge_generator(evidence(latency=all_in_ms(p99_ms)))
    assert (found.p99_ms, found.allowed_ms) == (p99_ms, 100.0)
    assert found.is_high_enough is enough


def test_a_host_that_can_is_told_with_what_was_seen():
    said = judge_generator(evidence(latency=all_in_ms(7.0))).sentence
    assert said == (
        "This host can generate the load: against a service that does nothing the p99 was 7 ms "
        "(100 ms allowed) and the generator used 0.40 cores."
    )


def test_a_host_that_cannot_is_told_how_many_users_it_can():
    """A thousand took 1.6 cores, and half of that is what a generator may use."""
    found = judge_generator(evidence(latency=all_in_ms(200.0), cpu_cores=1.6))
    assert found.users_possible == 500
    assert found.sentence.startswith("This host cannot generate the load: against a service")
    assert found.sentence.endswith(
        "used 1.60 cores; ask for at most 500 users, or for 2 "
        "workers, each with a core to itself (WORKERS=2)."
    )


@pytest.mark.parametrize(
    ("given", "users", "what"),
    [
        ({"cpu_cores": 0.1}, 1000, "never more than were asked for"),
        ({"cpu_cores": 0.0}, 1000, "no CPU use says nothing"),
        ({"cpu_cores": 0.1, "asked_twice": True}, 1000, "nor where they ask twice"),
        ({"cpu_cores": 0.9}, 880, "888 by the CPU, in two digits"),
        ({"cpu_cores": 1.3}, 610, "615 by the CPU, in two digits"),
        ({"cpu_cores": 0.1, "dropped": 0.35}, 630, "some 640 by the requests that came through"),
        ({"cpu_cores": 1.6, "dropped": 0.35}, 500, "the fewer of the two"),
    ],
)
def test_the_users_possible_are_those_of_the_scarcer(given, users, what):
    """Of a thousand users, a hundred requests/s at a think time of 10 s and no latency."""
    assert judge_generator(evidence(latency=all_in_ms(0.01), **given)).users_possible == users, what


def test_the_null_service_knows_no_right_answer():
    """The users' own script calls its answers wrong; only what has no answer is a failure."""
    right = judge_generator(evidence(latency=all_in_ms(7.0)))
    wrong = judge_generator(evidence(latency=all_in_ms(7.0), failures={"wrong_answer": 0.5}))
    assert wrong == right
    lost = judge_generator(evidence(latency=all_in_ms(7.0), failures={"reset": 0.02}))
    assert lost.p99_ms == math.inf
    assert not lost.is_high_enough


def test_a_trial_that_ended_in_its_ramp_up_has_shown_nothing():
    found = judge_generator(evidence(ramp_up_ended_s=6.0))
    assert (found.p99_ms, found.generator_cores, found.stopped_at_s) == (math.inf, None, 6.0)
    assert (found.is_high_enough, found.users_possible) == (False, 0)


def test_a_few_seconds_of_a_steady_state_have_no_percentile_either():
    found = judge_generator(evidence(latency=all_in_ms(7.0), steady_s=3.0))
    assert (found.p99_ms, found.is_high_enough) == (math.inf, False)


def test_few_users_are_not_rounded_to_none():
    """A load of fifty that a slow host cannot generate is no reason to say "at most 0 users"."""
    few = Question(Workload(users=50, spawn_rate=50.0, think_time_s=(5.0, 15.0)))
    found = judge_generator(evidence(question=few, latency=all_in_ms(900.0), cpu_cores=1.0))
    assert 30 <= found.users_possible <= 40
    assert "ask for at most 0" not in found.sentence


@pytest.mark.parametrize(
    ("cores", "workers", "needed"),
    [(0.4, 1, 1), (0.8, 1, 1), (0.81, 1, 2), (1.0, 1, 2), (1.0, 3, 4), (0.5, 2, 2), (0.2, 2, 1)],
)
def test_a_load_takes_as_many_workers_as_leave_a_fifth_of_their_cores_idle(cores, workers, needed):
    """By the busiest of those that were there."""
    there = [worker(n + 1) for n in range(workers)] if workers > 1 else []
    found = judge_generator(sent_by(*there, latency=all_in_ms(7.0), cpu_cores=cores))
    assert (found.workers, found.workers_needed) == (workers, needed)
    assert (f"takes {needed} workers" in found.sentence) is (needed > workers)


def test_workers_that_can_are_told_by_the_busiest():
    found = judge_generator(sent_by(worker(1), worker(2), latency=all_in_ms(7.0)))
    assert found.sentence.endswith("and the busiest of 2 workers used 0.40 cores.")


def test_a_host_that_is_slow_with_cpu_to_spare_needs_no_more_workers():
    said = judge_generator(evidence(latency=all_in_ms(200.0), cpu_cores=0.3)).sentence
    assert "workers" not in said
