"""Trials of one setting side by side: how far they lie apart, and how sure each is."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.spread import SameLength, spread
from loadtests.question import Question
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, evidence, row, steady_ms

LONG = Question(replace(QUESTION.workload, steady_s=60.0), QUESTION.slo)


def judged(at_s=0.0, question=QUESTION, **given):
    """A trial that began at that time."""
    found = evidence(question=question, **given)
    found = replace(found, trial=replace(found.trial, started_wall_s=at_s))
    return found, judge(found)


def of(*p95s):
    """Trials of 30 s with those p95, the first of them the least sure."""
    spreads = (0.2, *[0.1] * len(p95s))
    rows = [row(0.4, 200, p95_ms=ms, spread=s) for ms, s in zip(p95s, spreads, strict=False)]
    return SameLength(30.0, tuple(rows))


def test_trials_stand_in_the_order_in_which_they_were_measured():
    found = spread([judged(9.0, key="late"), judged(1.0, key="early")])
    assert [trial.row.trials for trial in found.trials] == [("early",), ("late",)]


def test_long_and_short_trials_are_told_apart_the_short_ones_first():
    found = spread([judged(question=LONG), judged(), judged(latency=steady_ms(30.0))])
    assert [(length.steady_s, len(length.rows)) for length in found.lengths] == [(30.0, 2), (60, 1)]
    said = found.sentence
    assert said.index("2 trials of 30 s: p95 ") < said.index("; 1 trial of 60 s: p95 ")


def test_an_invalid_trial_is_shown_and_counts_for_nothing():
    found = spread([judged(), judged(users_reached=10)])
    assert [trial.is_valid for trial in found.trials] == [True, False]
    assert [len(length.rows) for length in found.lengths] == [1]
    assert spread([judged(users_reached=10)]).sentence == "No valid trial was measured."


def test_least_median_and_most_are_over_trials():
    assert of(60.0, 44.0, 68.0).p95_ms == (44.0, 60.0, 68.0)
    assert of(44.0, 68.0).p95_ms == (44.0, 56.0, 68.0)
    assert of(44.0, math.inf).p95_ms == (44.0, math.inf, math.inf)
    assert of(None).p95_ms is None
    assert of(None, 44.0).p95_ms == (44.0, 44.0, 44.0)


def test_the_widest_interval_is_that_of_the_trial_least_sure():
    """By how many times its upper bound is the lower, not by milliseconds."""
    sure, unsure = row(0.4, 200, p95_ms=400.0, spread=0.1), row(0.4, 200, p95_ms=40.0, spread=0.5)
    assert SameLength(30.0, (sure, unsure)).widest_ms == unsure.p95_range_ms
    open_ended = replace(sure, p95_range_ms=(300.0, math.inf))
    assert SameLength(30.0, (unsure, open_ended)).widest_ms == (300.0, math.inf)
    never = replace(sure, p95_ms=math.inf, p95_range_ms=(math.inf, math.inf))
    assert SameLength(30.0, (unsure, never)).widest_ms == unsure.p95_range_ms, "it is sure of it"


def test_those_that_hold_are_counted():
    rows = tuple(row(0.4, 200, verdict=verdict) for verdict in Verdict)
    assert SameLength(30.0, rows).held == 1


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (of(44.0), "1 trial of 30 s: p95 44 ms (95% interval 35 ms to 53 ms)"),
        (
            of(44.0, 68.0),
            "2 trials of 30 s: p95 44 ms to 68 ms, median 56 ms, which is more than the widest "
            "interval within one, 35 ms to 53 ms",
        ),
        (
            of(44.0, 50.0),
            "2 trials of 30 s: p95 44 ms to 50 ms, median 47 ms, which is no more than the widest "
            "interval within one, 35 ms to 53 ms",
        ),
        (of(None), "1 trial of 30 s: p95 not measured"),
    ],
)
def test_the_spread_between_trials_is_set_beside_that_within_one(length, said):
    assert length.clause == said
