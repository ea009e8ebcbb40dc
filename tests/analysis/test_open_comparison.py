"""The answer beside the same load with open arrivals: how much of it, how far apart, and why."""

from dataclasses import replace

import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.open_comparison import OpenComparison, same_load_open
from loadtests.report.open_table import open_table
from tests.analysis.open_load import open_evidence
from tests.analysis.records import QUESTION, evidence, steady_ms


def judged(given):
    """A trial with its judgement."""
    return given, judge(given)


def compared(latency=None, closed_latency=None, **mishap):
    """Two closed trials and one with open arrivals."""
    seen = [evidence(latency=closed_latency, seed=seed, key=f"c{seed}") for seed in (1, 2)]
    opened = judged(open_evidence(latency=latency, key="o", **mishap))
    return OpenComparison(tuple(map(judged, seen)), opened)


def test_the_same_load_has_as_many_requests_a_second_and_as_many_users():
    """A thousand users who think for 10 s ask a hundred times a second."""
    closed = [evidence(seed=seed) for seed in (1, 2, 3)]
    load = same_load_open(closed)
    assert load.rate_per_s == pytest.approx(100, abs=2)
    assert (load.users, load.arrivals) == (1000, "poisson")
    assert load.steady_s == QUESTION.workload.steady_s


def test_an_arrival_is_all_that_a_user_asks_between_two_thinks():
    twice = evidence(asked_twice=True, own_script=False)
    report = replace(twice.trial.generator, thinks=len(twice.requests) // 2)
    told = replace(twice, trial=replace(twice.trial, generator=report))
    assert same_load_open([told]).rate_per_s == pytest.approx(100, abs=2)
    ours = replace(told, trial=replace(told.trial, own_script=True))
    assert same_load_open([ours]).rate_per_s == pytest.approx(200, abs=4)


def test_few_users_with_little_to_think_are_joined_by_more_who_stand_ready():
    """Ten who think 0.1 s ask a hundred times a second; at four times 500 ms 200 wait."""
    question = replace(
        QUESTION, workload=replace(QUESTION.workload, users=10, think_time_s=(0.05, 0.15))
    )
    assert same_load_open([evidence(question=question)]).users == pytest.approx(200, rel=0.1)


def test_a_load_of_which_no_steady_state_was_measured_is_not_known():
    assert same_load_open([evidence(ramp_up_ended_s=3.0)]) is None


def test_how_much_more_the_p95_is_stands_in_the_sentence_and_in_the_table():
    found = compared(latency=steady_ms(50.0))
    assert 50 < found.more_ms < 150
    assert "with the same load as open arrivals (100/s, Poisson)" in found.sentence
    assert f"{found.more_ms:,.0f} ms more, told apart at 95%" in found.sentence
    assert "Users who wait do not ask meanwhile" in found.sentence
    assert f"+{found.more_ms:,.0f} ms" in str(open_table(found).data)


def test_where_it_is_less_with_open_arrivals_the_reason_is_another_one():
    found = compared(closed_latency=steady_ms(50.0))
    assert found.more_ms < 0
    assert "ms less, told apart at 95%" in found.sentence
    assert found.sentence.endswith("or of users who came together and ask in step.")
    assert f"-{-found.more_ms:,.0f} ms" in str(open_table(found).data)


def test_what_is_the_same_is_not_told_apart():
    """And is given no reason."""
    assert compared().sentence.endswith("not told apart at 95%.")


def test_what_one_closed_trial_alone_is_told_apart_from_is_not_told_apart():
    """Two closed trials that differ as much as the open one does."""
    seen = [
        evidence(latency=steady_ms(ms), seed=seed, key=f"c{seed}") for seed, ms in ((1, 50), (2, 5))
    ]
    opened = judged(open_evidence(latency=steady_ms(50.0), key="o"))
    assert not OpenComparison(tuple(map(judged, seen)), opened).differs
    assert OpenComparison((judged(seen[1]),), opened).differs


def test_a_setting_that_fails_with_open_arrivals_is_said_to_and_why():
    found = compared(latency=steady_ms(5.0, 0.2, 2000.0))
    assert "so loaded it fails (p95" in found.sentence


def test_a_trial_that_cannot_be_trusted_is_no_evidence_and_gives_no_difference():
    found = compared(latency=steady_ms(5.0, 0.2, 2000.0), heartbeat_lag_max_ms=2500.0)
    assert found.more_ms is None
    assert "is no evidence: generator lag" in found.sentence
    assert "not measured" in str(open_table(found).data)


def test_a_p95_that_only_failures_reach_has_no_difference_in_figures():
    """Half of them unanswered when the trial ended: an endless p95."""
    found = compared(latency=steady_ms(5.0, 0.5, 1e6))
    assert found.more_ms is None
    assert "no answer" in found.sentence
    assert "Users who wait do not ask meanwhile" in found.sentence
