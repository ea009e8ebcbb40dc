"""A CPU that was slower or faster than the reference speed: what is said, and what is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.analysis.cpu_speed import SPEED_TOLERANCE, cpu_speed
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.question import Question, Workload
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms

REFERENCE_US = 300.0
SLOW = steady_ms(5.0, 0.2)
NARROW = steady_ms(5.0, 0.2, 480.0)
# Each is judged at many speeds, so it is made once.
SHOWN = {
    "quick": evidence(work_us=REFERENCE_US),
    "quick at the limit of its CPU": evidence(work_us=REFERENCE_US, cpu_share=0.99),
    "narrow": evidence(work_us=REFERENCE_US, latency=NARROW),
    "at the edge": evidence(work_us=REFERENCE_US, latency=steady_ms(5.0, 0.05)),
    "slow": evidence(work_us=REFERENCE_US, latency=SLOW),
    "short of CPU": evidence(work_us=REFERENCE_US, latency=steady_ms(8000.0), cpu_share=1.0),
    "failing": evidence(work_us=REFERENCE_US, failures={"reset": 0.05}),
    "killed": evidence(work_us=REFERENCE_US, oom_s=4.0),
    "dead": evidence(work_us=REFERENCE_US, died_s=25.0),
    "users lost": evidence(work_us=REFERENCE_US, users_lost=50),
}


def at(speed: float, shown: Evidence) -> Evidence:
    """The same trial, on a CPU that was so fast."""
    return replace(shown, trial=replace(shown.trial, reference_us=speed * REFERENCE_US))


@pytest.mark.parametrize("what", SHOWN)
@settings(max_examples=25, deadline=None)
@given(speed=st.floats(0.3, 3.0))
def test_a_speed_never_turns_a_verdict_into_the_other_one(what, speed):
    """It may leave doubt: a slower CPU about a fails, a faster one about a holds."""
    own, found = judge(SHOWN[what]), judge(at(speed, SHOWN[what]))
    assert found.at_its_speed is own.verdict
    assert found.verdict in (own.verdict, Verdict.UNDECIDED)
    safe = Verdict.HOLDS if speed < 1 else Verdict.FAILS
    if own.verdict in (safe, Verdict.INVALID):
        assert found.verdict is own.verdict
    if abs(speed - 1) < SPEED_TOLERANCE:
        assert found == replace(own, checks=found.checks)


@pytest.mark.parametrize(
    ("what", "faster", "said"),
    [
        ("slow", 0.81, "the CPU did 0.81 times the work a second that it does at the reference"),
        ("slow", 0.81, "make this its reference speed (reference_us 300)"),
        ("slow", 0.81, "Not held against the setting: p95 of the steady state was 2,000 ms"),
        ("quick at the limit of its CPU", 1.2, "at which the service needs 0.59 cores, has 0.5. R"),
        ("quick at the limit of its CPU", 1.2, "Repeat when the CPU is no faster than it was"),
        ("narrow", 1.2, "of requests might be slow or failed, where 5% may be. Repeat"),
        ("narrow", 1.2, "Not held in its favour: p95 of the steady state was 480 ms"),
        ("short of CPU", 0.81, "of the whole trial, "),
    ],
)
def test_a_person_is_told_what_was_seen_and_what_to_do(what, faster, said):
    reasons = " ".join(judge(at(faster, SHOWN[what])).reasons)
    assert said in reasons, reasons


def test_a_service_that_is_short_of_cpu_anyway_is_told_by_how_much():
    found = cpu_speed(at(0.8, SHOWN["short of CPU"]))
    assert found.ok
    assert ", at which too the workload needs 0." in found.seen
    assert found.seen.endswith(" cores, has 0.5")


def test_who_asks_again_at_once_needs_less_than_the_load_implies_without_waiting():
    """A think time of 1 s: within the SLO's 0.5 s a third fewer requests are asked for."""
    question = Question(Workload(users=100, spawn_rate=100.0, think_time_s=(0.5, 1.5)))
    slow = evidence(
        question=question, latency=steady_ms(700.0), cpu_share=1.0, work_us=REFERENCE_US
    )
    # 57 requests a second took all of 0.5 CPU; the 67 within the SLO take 0.5 at full speed.
    found = judge(at(0.85, slow))
    assert (found.verdict, found.at_its_speed) == (Verdict.UNDECIDED, Verdict.FAILS)


def test_doubt_about_the_speed_is_no_share_to_be_pooled():
    """Neither the slower one, which is undecided by itself, nor the faster one."""
    assert judge(SHOWN["at the edge"]).pooled
    assert not judge(at(0.8, SHOWN["at the edge"])).pooled
    assert not judge(at(1.2, SHOWN["narrow"])).pooled


def test_a_trial_that_ended_in_its_ramp_up_is_told_its_speed_all_the_same():
    stopped = evidence(
        ramp_up_ended_s=8.0,
        users_reached=800,
        connects=1000,
        failures={"timeout": 0.3},
        work_us=REFERENCE_US,
    )
    found = judge(at(0.5, stopped))
    assert (found.verdict, found.at_its_speed) == (Verdict.UNDECIDED, Verdict.FAILS)
