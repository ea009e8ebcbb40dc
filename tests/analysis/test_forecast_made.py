"""Forecasts beside what trials found."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.forecast import CpuForecast
from loadtests.analysis.forecast_made import ForecastLog, ForecastMade


def forecast(estimate, low, high):
    """A forecast of so many cores."""
    return CpuForecast(Interval(estimate, low, high), 1.0, 0.4, 1000.0, 0.4, 0.3, 5)


def made(estimate, low=None, high=None, law=0.6, failing=0.3):
    """A forecast of a service that 0.4 CPU was found to hold."""
    given = forecast(estimate, low or estimate, high or estimate)
    return ForecastMade("2026-11-26T07:34:41+00:00", given, law, 0.4, failing)


CASES = [
    (0.35, 0.0, True, "within the step, which is all that is known"),
    (0.4, 0.0, True, "what was found"),
    (0.5, 0.25, False, "a quarter too much"),
    (0.24, -0.2, False, "a fifth less than what fails"),
    (0.3, 0.0, False, "what fails is not held, but no error can be told"),
]


@pytest.mark.parametrize(("estimate", "error", "inside", "what"), CASES)
def test_a_forecast_is_compared_with_the_step_that_the_truth_lies_in(estimate, error, inside, what):
    found = made(estimate)
    assert found.error == pytest.approx(error), what
    assert found.inside is inside, what


def test_an_interval_holds_that_reaches_into_the_step():
    assert made(0.5, low=0.39, high=0.6).inside
    assert not made(0.5, low=0.41, high=0.6).inside
    assert made(0.25, low=0.2, high=0.31).inside


def test_trials_are_compared_with_the_forecast_at_the_reference_speed():
    found = replace(made(0.5), forecast=replace(forecast(0.5, 0.45, 0.55), speed=0.8))
    assert (found.error, found.inside) == (0.0, True)


def test_below_the_smallest_step_nothing_is_known_to_fail():
    found = made(0.1, failing=None)
    assert (found.error, found.inside) == (0.0, True)
    assert found.below == "the least step"
    assert "right to the step" in found.sentence


def test_the_error_is_told_beside_that_of_the_utilisation_law():
    assert made(0.44, low=0.38, high=0.5).sentence == (
        "Trials found 0.4 CPU (0.3 fails): the forecast was off by +10%, its interval held; the "
        "utilisation law, with the ample level's CPU a request and 80% use, said 0.60 (+50%)."
    )
    assert made(0.44, law=None).sentence.endswith("off by +10%, its interval did not hold.")
    told = replace(made(0.35, law=None), found_cpu_ms=0.402).sentence
    assert told.endswith("its interval held; a request took 0.402 ms of CPU, 0.400 were expected.")


def test_a_log_says_how_many_intervals_held_and_which_runs_are_not_in_it():
    log = ForecastLog(
        (("first", made(0.35)), ("second", made(0.5)), ("third", made(0.44, low=0.39))),
        (("broken", "its record is torn"), ("model", "no search for the least")),
    )
    assert log.sentences == [
        "Of 3 forecasts the 90% interval held in 2 (67%). Their errors: 10% at the median, 25% at "
        "most; of the utilisation law at 80% use: 50% at the median, 50% at most.",
        "Left out: broken (its record is torn); model (no search for the least).",
    ]


def test_a_log_without_forecasts_says_so():
    assert ForecastLog((), ()).sentences == [
        "No run has a forecast that trials were compared with."
    ]
