"""A trial that ended before its steady state has no figure of one, and says when it ended."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis import counters, formats
from loadtests.analysis.generator_check import judge_generator
from loadtests.analysis.judge import judge
from loadtests.analysis.summary import measure_row, never_ready_row, summarise
from loadtests.analysis.trial_length import MIN_MEASURED_S, is_measured, stopped_at_s
from loadtests.analysis.validity import checks
from loadtests.question import Question
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, SETTING, evidence, steady_ms

IN_RAMP_UP = evidence(
    ramp_up_ended_s=6.0, failures={"refused": 0.5}, oom_s=6.0, users_reached=600, cpu_cores=0.0
)
IN_FIRST_SECOND = evidence(steady_s=0.4, failures={"reset": 0.1}, cpu_cores=0.0)


@pytest.mark.parametrize(
    ("given", "stopped", "measured", "what"),
    [
        (evidence(), None, True, "a whole trial"),
        (IN_RAMP_UP, 6.0, False, "ended in its ramp-up"),
        (IN_FIRST_SECOND, 20.4, False, "a first second is no steady state"),
        (evidence(steady_s=MIN_MEASURED_S - 0.1), 25.9, False, "just too short"),
        (evidence(steady_s=MIN_MEASURED_S), 26.0, True, "just long enough for an interval"),
        (
            evidence(question=Question(replace(QUESTION.workload, steady_s=3.0))),
            None,
            True,
            "three seconds were all that was asked",
        ),
    ],
)
def test_a_trial_is_measured_when_its_steady_state_lasted(given, stopped, measured, what):
    assert stopped_at_s(given) == (None if stopped is None else pytest.approx(stopped)), what
    assert is_measured(given) is measured, what


@pytest.mark.parametrize("given", [IN_RAMP_UP, IN_FIRST_SECOND])
def test_a_trial_that_ended_in_its_ramp_up_has_no_percentile(given):
    """Nor an interval, a throughput, CPU use or an estimate of what was slow; it still fails."""
    found = judge(given)
    row = measure_row(given, found)
    assert row.verdict is Verdict.FAILS
    assert (row.p50_ms, row.p95_ms, row.p99_ms, row.p95_range_ms) == (None,) * 4
    assert (row.rps, row.cpu_cores, row.steady_error_rate) == (None,) * 3
    assert row.error_rate > 0.05, "errors are of the whole trial"
    assert math.isnan(found.slow_share.estimate)
    assert not any("p95" in reason or "in steady state" in reason for reason in found.reasons)


def test_where_there_is_no_latency_it_is_said_when_the_trial_ended():
    row = measure_row(IN_RAMP_UP, judge(IN_RAMP_UP))
    assert formats.latency(row.p95_ms, row) == "not measured (stopped at 6 s)"
    assert (
        "(p95 not measured (stopped at 6 s), error rate 48% of the whole trial)"
        in formats.row_sentence(row)
    )
    early = replace(row, stopped_at_s=0.3)
    assert formats.latency(None, early) == "not measured (stopped within 1 s)"


def test_a_setting_that_was_never_ready_has_no_latency_either():
    row = never_ready_row(SETTING, "it ended by itself")
    assert (row.verdict, row.p50_ms, row.p95_ms, row.p99_ms) == (Verdict.FAILS, None, None, None)
    assert formats.latency(row.p95_ms, row) == "not measured"


@pytest.mark.parametrize("given", [IN_RAMP_UP, IN_FIRST_SECOND])
def test_checks_of_the_steady_state_say_that_there_was_none_and_trip_nothing(given):
    """ "Generator used 0.00 cores" and "0% of the samples" would be of nothing."""
    found = {check.name: check for check in checks(given)}
    when = f"not measured (stopped at {stopped_at_s(given):.0f} s)"
    for name in ("generator_lag", "generator_cpu", "generator_throttled", "samples", "steady"):
        assert (found[name].ok, found[name].seen) == (True, when), name
    assert found["own_errors"].seen == "no errors of the generator's own", "of the whole trial"


def test_the_load_generator_check_says_no_cpu_of_a_trial_that_ended_in_its_ramp_up():
    said = judge_generator(IN_RAMP_UP).sentence
    assert "does nothing the p99 was not measured (stopped at 6 s); ask for" in said


def test_a_steady_state_of_a_second_without_failures_is_undecided_and_says_why():
    found = judge(evidence(steady_s=1.0))
    assert found.verdict is Verdict.UNDECIDED
    assert found.reasons == ("Latency not measured (stopped at 21 s); repeat",)


def test_trials_of_one_setting_are_stopped_only_where_all_were():
    whole, early = evidence(latency=steady_ms(900.0)), IN_FIRST_SECOND
    alone = summarise(SETTING, [(each, judge(each)) for each in (IN_RAMP_UP, early)])
    assert (alone.p95_ms, alone.stopped_at_s) == (None, pytest.approx(20.4))
    both = summarise(SETTING, [(each, judge(each)) for each in (whole, early)])
    assert both.stopped_at_s is None
    assert both.p95_ms == measure_row(whole, judge(whole)).p95_ms


def test_the_steady_state_has_an_error_rate_of_its_own():
    """Failures of the ramp-up alone are of the whole trial, and none of the steady state."""
    given = evidence()
    outcome = given.requests["outcome"].astype(object)
    outcome[given.requests["start_s"] < 5] = "reset"
    row = measure_row(*_judged(replace(given, requests=given.requests.assign(outcome=outcome))))
    assert row.error_rate == pytest.approx(0.11, abs=0.02)
    assert row.steady_error_rate == 0.0


def _judged(given):
    return given, judge(given)


def test_what_the_workload_needs_is_cpu_an_answer_times_the_throughput_it_implies():
    """In steady state, or of a trial that had none from its first user on."""
    each_ms = 0.3 * 1000 / 100  # 0.3 cores for the 100 requests/s of a thousand users
    for given in (evidence(), evidence(steady_s=1.0)):
        assert counters.cpu_ms_per_answer(given) == pytest.approx(each_ms, rel=0.4)
        expected = counters.cpu_ms_per_answer(given) * QUESTION.workload.expected_rps() / 1000
        assert measure_row(*_judged(given)).demand_cores == pytest.approx(expected)
    assert counters.cpu_ms_per_answer(evidence()) == pytest.approx(each_ms, rel=0.05)
    assert counters.demand_cores(evidence(sampled=0.0)) is None
    assert counters.demand_cores(evidence(sampled=0.0, steady_s=1.0)) is None


def test_the_start_of_the_service_is_no_part_of_what_an_answer_takes():
    """It takes 5 s of CPU before the first user, which docker stats saw too."""
    given = evidence(steady_s=1.0)
    begun = given.docker_stats.assign(cpu_s=given.docker_stats["cpu_s"] + 5.0)
    before = given.docker_stats[given.docker_stats["time_s"] == 0].assign(time_s=-2.0)
    with_start = replace(given, docker_stats=pd.concat([before, begun]))
    assert counters.demand_cores(with_start) == pytest.approx(counters.demand_cores(given))
