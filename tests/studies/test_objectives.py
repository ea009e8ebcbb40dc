"""Objectives as they are written on the command line, and what they become."""

import json

import pytest

from loadtests.errors import QuestionError
from loadtests.jobs.report import read_value
from loadtests.question import ALL, SLO, Objective
from loadtests.studies.objectives import objectives_of
from loadtests.studies.parameters import Parameters

PREDICT = Objective("/predict", 95, 300)


@pytest.mark.parametrize(
    ("given", "slo", "what"),
    [
        (None, SLO(), "none: p95 and error rate of all requests"),
        ({"/predict": {"p95_ms": 300}}, SLO(objectives=(PREDICT,)), "all requests as ever besides"),
        ({"*": {"p99_ms": 1000}}, SLO(99, 1000), "of all requests another percentile"),
        ({"*": {"error_rate": 0.01}}, SLO(error_rate=0.01), "of all requests only the error rate"),
        ({"*": {"failure_ratio": 0.01}}, SLO(error_rate=0.01), "under its other name"),
        (
            {"/predict": {"p95_ms": 300}, "*": {"p99_ms": 1000, "failure_ratio": 0.002}},
            SLO(99, 1000, 0.002, (PREDICT,)),
            "both",
        ),
        (
            {"*": {"p50_ms": 50, "p95_ms": 200, "p99.9_ms": 900}},
            SLO(95, 200, objectives=(Objective(ALL, 99.9, 900), Objective(ALL, 50, 50))),
            "p95 first, which figures show",
        ),
        (
            {"/predict": {"p99_ms": 900, "p50_ms": 50, "error_rate": 0.1}},
            SLO(objectives=(Objective("/predict", 50, 50, 0.1), Objective("/predict", 99, 900))),
            "several of one endpoint",
        ),
        (
            {"/health": {"error_rate": 0.0}},
            SLO(objectives=(Objective("/health", error_rate=0.0),)),
            "failures only",
        ),
    ],
)
def test_objectives_become_what_has_to_hold(given, slo, what):
    assert Parameters(objectives=given).question.slo == slo, what


def test_what_is_written_is_read_again():
    given = {"/a": {"p50_ms": 5, "p99.9_ms": 90.5, "error_rate": 0.1}, "*": {"p99_ms": 900}}
    slo = Parameters(objectives=given).question.slo
    written = objectives_of(slo)
    assert written == {"*": {"p99_ms": 900, "error_rate": 0.001}, "/a": given["/a"]}
    assert Parameters(objectives=read_value(json.dumps(written))).question.slo == slo


def test_the_last_long_trial_is_asked_the_same_objectives():
    asked = Parameters(objectives={"/predict": {"p95_ms": 300}})
    assert asked.final_question.slo == asked.question.slo


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"/a": {"p95": 300}}, "OBJECTIVES has 'p95' for '/a'; it must be a percentile"),
        ({"/a": {"latency": 300}}, "OBJECTIVES has 'latency' for '/a'"),
        ({"/a": {}}, "OBJECTIVES limits nothing for '/a'"),
        ({"*": {}}, "OBJECTIVES limits nothing for '*'"),
        ({"/a": {"error_rate": 0.1, "failure_ratio": 0.1}}, "which are the same; give one"),
        ({"/a": {"p20_ms": 300}}, "percentile is 20.0; it must be from 50 to 99.9"),
        ({"/a": {"p99.99_ms": 300}}, "percentile is 99.99; it must be from 50 to 99.9"),
        ({"/a": {"p95_ms": 0}}, "latency_ms of /a is 0; it must be a number above 0"),
        ({"/a": {"error_rate": 1}}, "error_rate of /a is 1; it must be at least 0 and below 1"),
        ({"/a": {"p95_ms": 20_000}}, "timeout_s is 10; it must be longer than the SLO's 20000 ms"),
        ({" ": {"p95_ms": 20}}, "an objective is ' '"),
        ({"/a": 300}, "objectives has 300; it must be limits by endpoint"),
        ({"/a": {"p95_ms": "300"}}, "it must be limits by endpoint like"),
        ([["/a", 300]], "objectives is [['/a', 300]]; it must be limits by endpoint like"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(given, said):
    with pytest.raises(QuestionError) as refusal:
        _ = Parameters(objectives=given).question
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("twice", "name"),
    [
        ({"p95_ms": 300.0, "objectives": {"*": {"p99_ms": 900}}}, "P95_MS"),
        ({"error_rate": 0.01, "objectives": {"*": {"error_rate": 0.1}}}, "ERROR_RATE"),
    ],
)
def test_all_requests_are_limited_in_one_place(twice, name):
    """Else one of the two would be dropped without a word."""
    with pytest.raises(QuestionError, match=f"{name} and the .* both limit all requests"):
        _ = Parameters(**twice).question


def test_what_is_limited_elsewhere_is_no_matter():
    given = Parameters(p95_ms=300.0, objectives={"*": {"error_rate": 0.1}}).question.slo
    assert (given.latency_ms, given.error_rate) == (300, 0.1)
