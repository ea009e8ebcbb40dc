"""How much a queue may grow, and two halves may differ, before a state is not steady."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.steadiness import steady
from tests.analysis.records import evidence, growing_ms, steady_ms


@pytest.mark.parametrize(
    ("ms_per_s", "ok", "what"),
    [
        (1.3, True, "four users more over 30 s"),
        (3.0, False, "nine users more, where a tenth of 500 ms at 100 requests/s is five"),
    ],
)
def test_a_queue_matters_once_it_adds_a_tenth_of_what_an_answer_may_take(ms_per_s, ok, what):
    """All are quick: it is where this ends that is not known."""
    found = steady(evidence(latency=growing_ms(20.0, ms_per_s)))
    assert found.ok is ok, f"{what}: {found.seen}"
    assert found.seen.endswith("0.0% slow in the first half, 0.0% in the second")


def test_a_queue_that_empties_is_not_growing():
    def shrinking_ms(start_s, rng):
        return 5.0 + 10.0 * (50.0 - start_s).clip(0, 30)

    assert steady(evidence(latency=shrinking_ms)).ok


def slow_in_halves(first, second):
    """A trial of 30 s in steady state; so large a share is slow before 35 s, and after it."""

    def latency(start_s, rng):
        share = np.where(start_s < 35.0, first, second)
        return np.where(rng.random(len(start_s)) < share, 600.0, steady_ms(5.0)(start_s, rng))

    return evidence(latency=latency)


@pytest.mark.parametrize(
    ("first", "second", "ok", "what"),
    [
        (0.12, 0.01, False, "one half fails, the other holds"),
        (0.01, 0.04, True, "both hold"),
        (0.055, 0.045, True, "6.3 and 4.0%: astride, but up to 2.7% apart is chance"),
        (0.06, 0.045, False, "7.2 and 4.1%: astride, and more than that apart"),
        (0.09, 0.2, True, "both fail"),
    ],
)
def test_halves_that_differ_matter_where_the_slo_lies_between_them(first, second, ok, what):
    found = steady(slow_in_halves(first, second))
    assert found.ok is ok, f"{what}: {found.seen}"


@pytest.mark.parametrize(("seconds", "told"), [(11.0, False), (12.0, True)])
def test_twelve_seconds_are_the_least_that_halves_can_be_made_of(seconds, told):
    given = evidence()
    phases = replace(given.trial.phases, steady_end_s=20.0 + seconds)
    found = steady(replace(given, trial=replace(given.trial, phases=phases)))
    assert ("in the first half" in found.seen) is told
