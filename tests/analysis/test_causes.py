"""Why a setting fails, from counters and outcomes."""

import dataclasses

import pytest

from loadtests.analysis import formats
from loadtests.analysis.causes import diagnose
from loadtests.analysis.evidence import CauseName
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, growing_ms, row, steady_ms

SLOW = {"latency": steady_ms(5.0, 0.2)}
TIMEOUTS = {"latency": steady_ms(5.0, 0.2, 1e6)}


@pytest.mark.parametrize(
    ("given", "cause", "said"),
    [
        ({"oom_s": 4.0, "failures": {"refused": 0.3}}, "out_of_memory", "more than 300 MiB"),
        ({"died_s": 4.0, "failures": {"refused": 0.3}}, "replica_died", "read its log"),
        ({"failures": {"refused": 0.3}}, "refused", "backlog"),
        ({"failures": {"unreachable": 0.3}}, "refused", "no replica"),
        ({"failures": {"reset": 0.04}}, "reset", "keep-alive"),
        ({"failures": {"wrong_answer": 0.04}}, "wrong_answers", "answers under load"),
        ({"failures": {"http_503": 0.04}}, "errors", "http_503"),
        ({"failures": {"http_503": 0.04, "reset": 0.1}}, "reset", "keep-alive"),
        (
            {"failures": {"KeyError": 0.04}, "script_errors": {"KeyError": 200}},
            "script_raised",
            "users' script raised KeyError",
        ),
        ({**SLOW, "throttled": 0.61}, "cpu_throttled", "throttled in 61% of periods, 60% of"),
        ({**SLOW, "throttled": None, "cpu_share": 0.97}, "cpu_throttled", "97% of the CPU limit"),
        ({**SLOW, "throttled": 0.88, "sampled": 0.5}, "cpu_throttled", "CPU use not reported"),
        ({**TIMEOUTS, "throttled": 0.61}, "cpu_throttled", "give more CPU"),
        ({**SLOW, "cpu_share": 0.4}, "queueing", "CPU to spare (40%"),
        ({**TIMEOUTS, "cpu_share": 0.4}, "queueing", "a lock, a pool, a backlog"),
        (
            {**SLOW, "setting": Setting(1.8, 300), "cpu_share": 0.55},
            "queueing",
            "more replicas can",
        ),
        (
            {**SLOW, "setting": Setting(2.0, 300), "cpu_share": 0.3, "steal": None},
            "queueing",
            "host's 2 CPUs",
        ),
        ({"latency": steady_ms(700.0), "cpu_share": 0.1}, "slow", "even for the quickest"),
        ({"latency": growing_ms(0.0, 60.0, 300.0), "cpu_share": 0.1}, "held_back", "a lock"),
        ({"latency": steady_ms(700.0), "throttled": 0.6}, "cpu_throttled", "give more CPU"),
        ({**SLOW, "throttled": None, "sampled": 0.5}, "unexplained", "not reported"),
        ({**TIMEOUTS, "throttled": None, "sampled": 0.5}, "timeout", "longer than the timeout"),
    ],
)
def test_the_cause_of_a_failing_trial(given, cause, said):
    """The most certain comes first; timeouts are slowness, and have its cause."""
    found = diagnose(evidence(**given))
    assert (found.name, said in found.sentence) == (cause, True), found


@pytest.mark.parametrize("name", CauseName)
def test_every_cause_has_words_of_its_own_for_people(name):
    """In tables, figures and sentences: no name of the code is shown."""
    words = formats.cause(name)
    assert words
    assert "_" not in words
    assert [other for other in CauseName if formats.cause(other) == words] == [name]
    assert formats.verdict(Verdict.FAILS, name) == f"fails: {words}"


def test_what_the_workload_needs_is_set_against_the_limit():
    """Throttled in 88% of periods is the winner too; needing more than there is tells them apart.

    A fifth of the requests is never answered, so each of those that are took more.
    """
    said = diagnose(evidence(**TIMEOUTS, throttled=0.88, cpu_share=0.95)).sentence
    assert said.startswith("The workload needs 0.70 cores, has 0.5 ("), said
    assert "(throttled in 88% of periods, 95% of the CPU limit used): give more CPU" in said


def test_a_setting_that_has_what_it_needs_and_is_throttled_is_said_to():
    said = diagnose(evidence(**SLOW, throttled=0.61)).sentence
    assert "cores on average, within the limit of 0.5, yet its bursts run out of CPU" in said


def test_a_trial_without_a_steady_state_says_that_its_periods_are_of_the_whole_trial():
    """CPU use is of the steady state, and there was none."""
    given = evidence(steady_s=1.0, throttled=0.88, cpu_share=1.0, latency=growing_ms(0.0, 60.0))
    said = diagnose(given).sentence
    assert said.startswith("The workload needs 0.53 cores, has 0.5 (")
    assert "throttled in 88% of the whole trial's periods" in said
    assert "CPU use not measured (stopped at 21 s)" in said


def test_a_row_names_its_cause_with_the_need_and_the_limit():
    """Only where the need is above the limit; memory has no such pair."""
    fails = dataclasses.replace(row(0.2, 300, cause="cpu_throttled"), demand_cores=0.33)
    assert formats.why(fails) == "CPU throttled: needs 0.33 cores, has 0.2"
    assert formats.why(dataclasses.replace(fails, demand_cores=0.1)) == "CPU throttled"
    assert formats.why(dataclasses.replace(fails, demand_cores=None)) == "CPU throttled"
    assert formats.why(dataclasses.replace(fails, cause="out_of_memory")) == "OOM-killed"


def test_errors_are_written_with_what_they_are_a_share_of():
    given = dataclasses.replace(row(0.2, 300), error_rate=0.012)
    assert formats.errors(given) == "1.2% of the whole trial"
    parted = dataclasses.replace(given, steady_error_rate=0.0)
    assert formats.errors(parted) == "1.2% of the whole trial, 0% in steady state"
