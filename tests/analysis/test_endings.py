"""What is said where nothing holds: of CPU and memory only where more of them may help."""

from dataclasses import replace

import pytest

from loadtests.analysis.endings import (
    limit_of,
    no_room,
    no_size_holds,
    not_measured_well,
    short_of_memory,
    with_replicas,
)
from loadtests.analysis.judge import judge
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.analysis.queues import queued
from tests.analysis.records import evidence, row, steady_ms
from tests.analysis.test_replica_limit import sleeps


def judged(found):
    """One trial, judged."""
    return [(found, judge(found))]


KEPT = {"connects": 1000}  # the failures closed no connection
SLEEPS = judged(queued(sleeps))


def test_a_service_that_sleeps_is_ended_with_how_many_replicas_it_takes():
    said = no_size_holds(SLEEPS)
    assert said.startswith(
        "No setting up to 0.5 CPU / 300 MiB holds: something other than its CPU holds it back"
    )
    assert "about 3 replicas" in said
    assert limit_of(SLEEPS).replicas_needed == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"latency": steady_ms(900.0), "cpu_share": 0.05}, "neither CPU nor replicas shorten"),
        (
            {"failures": {"http_500": 0.2}, **KEPT},
            "requests ended as http_500: read the service's log",
        ),
        (
            {"failures": {"wrong_answer": 0.2}, **KEPT},
            "look at what the service answers under load",
        ),
        ({"died_s": 20.0}, "a replica ended without being OOM-killed: read its log"),
    ],
)
def test_what_no_size_mends_is_ended_with_its_cause_and_without_replicas(given, said):
    found = judged(evidence(**given))
    assert said in no_size_holds(found)
    assert "and neither more CPU nor memory helps: " in no_size_holds(found)
    assert limit_of(found) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"setting": Setting(2, 300), "cpu_share": 0.75, "busy": 0.92}, "take a larger host"),
        ({"cpu_share": 0.8}, "try more CPU"),
        ({"cpu_share": 0.1, "memory_peak_mib": 290.0}, "its memory is nearly full: try more"),
    ],
)
def test_where_more_of_something_may_help_all_the_same_it_is_not_denied(given, said):
    told = no_size_holds(judged(evidence(latency=steady_ms(5.0, 0.4), **given)))
    assert "CPU / 300 MiB holds: requests queue" in told
    assert said in told


@pytest.mark.parametrize(
    "given",
    [
        {"latency": steady_ms(5.0, 0.4), "cpu_share": 0.99, "throttled": 0.8},
        {"oom_s": 5.0},
        {},
    ],
    ids=["throttled", "killed for memory", "holds"],
)
def test_where_more_of_it_may_help_nothing_is_said_of_that(given):
    assert no_size_holds(judged(evidence(**given))) is None


def test_where_its_memory_kills_the_largest_more_of_that_is_asked_for_and_nothing_else():
    said = short_of_memory(judged(evidence(oom_s=5.0)))
    assert said.endswith("more CPU does not change. Ask with more memory (MEMORY_STEPS).")
    assert short_of_memory(SLEEPS) is None
    assert short_of_memory(judged(evidence())) is None


def disturbed(found, times=3):
    """Trials that a busy host took the verdict from, each answered with another seed."""
    seen = [found(seed=seed, busy=0.97) for seed in range(1, times + 1)]
    return [(each, judge(each)) for each in seen]


def sleeps_beside_others(**knobs):
    """The service that sleeps, on a host whose CPUs others use."""
    return queued(sleeps, **knobs)


def test_what_a_busy_host_lets_nobody_tell_is_told_as_that_with_what_it_seems_to_be():
    """Three times the same, so no smaller setting is tried; and nothing is concluded."""
    trials = disturbed(sleeps_beside_others)
    assert {judged.verdict for _, judged in trials} <= {Verdict.INVALID, Verdict.UNDECIDED}
    said = not_measured_well(trials)
    assert said.startswith(
        "0.5 CPU / 300 MiB, the largest there is, could not be measured well in 3 trials (other "
    )
    assert "Unless that is what holds it back, it seems that something other than its CPU" in said
    assert limit_of(trials).replicas_needed == 3
    assert no_size_holds(trials) is None


def test_fewer_disturbed_trials_or_another_picture_seem_to_be_nothing():
    assert not_measured_well(disturbed(sleeps_beside_others, 2)) is None
    slow = disturbed(lambda **knobs: evidence(latency=steady_ms(5.0, 0.4), cpu_share=0.6, **knobs))
    assert not_measured_well(slow) is None
    assert not_measured_well(SLEEPS * 3) is None, "they decide"


def test_users_that_did_not_send_what_they_should_say_nothing_of_the_service():
    late = disturbed(lambda **knobs: queued(sleeps, heartbeat_lag_p99_ms=90.0, **knobs))
    assert not_measured_well(late) is None
    assert limit_of(late) is None


def several(verdict, rps, replicas=3):
    """A row of several replicas."""
    return row(0.2, 100, replicas, verdict=verdict, rps=rps)


LIMIT = limit_of(SLEEPS)


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (several(Verdict.HOLDS, 29.0), "3 x 0.2 CPU / 100 MiB was measured to hold."),
        (several(Verdict.FAILS, 19.0), "So replicas do not help either: what holds it back is one"),
        (several(Verdict.FAILS, 36.0, 2), "So replicas help, each as much as the first; 3 of them"),
        (several(Verdict.FAILS, 52.0), "So replicas help, and it takes more than 3."),
        (several(Verdict.UNDECIDED, 29.0), "is undecided, so whether replicas help is open."),
    ],
)
def test_what_several_replicas_did_is_told_beside_what_one_could(measured, said):
    assert said in with_replicas(LIMIT, measured)


def test_a_host_without_room_for_two_is_told():
    full = replace(LIMIT, cores=1.0)
    assert "no room for two replicas, each of which uses 1.0 cores" in no_room(full)
