"""What is asked of a trial again and again is computed once; another trial is another answer."""

import gc
import weakref
from dataclasses import replace

import pytest

from loadtests.analysis.remembered import of_latest, once
from tests.analysis.records import evidence

GIVEN = evidence()


@pytest.fixture(params=[once, of_latest])
def remembering(request):
    """Return a way to remember, and the trials that were really measured."""
    asked = []

    @request.param
    def measure(trial):
        asked.append(trial)
        return [len(trial.requests)]

    return measure, asked


def test_a_figure_is_measured_once_however_often_it_is_asked_for(remembering):
    measure, asked = remembering
    assert measure(GIVEN) is measure(GIVEN)
    assert len(asked) == 1


def test_a_copy_of_a_trial_is_measured_by_itself(remembering):
    """A part of a trial is made as a copy with other requests."""
    measure, asked = remembering
    part = replace(GIVEN, requests=GIVEN.requests.head(5))
    assert measure(GIVEN) == [len(GIVEN.requests)]
    assert measure(part) == [5]
    assert asked == [GIVEN, part]


def test_what_is_remembered_keeps_no_trial_alive(remembering):
    measure, asked = remembering
    trial = replace(GIVEN)
    measure(trial)
    gone = weakref.ref(trial)
    asked.clear()
    del trial
    gc.collect()
    assert gone() is None


def test_arrays_are_remembered_of_the_latest_trial_alone():
    asked = []
    measure = of_latest(lambda trial: asked.append(trial) or [1])
    other = replace(GIVEN)
    for trial in (GIVEN, GIVEN, other, GIVEN):
        measure(trial)
    assert asked == [GIVEN, other, GIVEN]


def test_a_remembered_function_keeps_its_name():
    """Checks go by their name."""

    @once
    def steady(trial):
        """Say it."""

    assert (steady.__name__, steady.__doc__) == ("steady", "Say it.")


def test_a_figure_that_is_asked_for_otherwise_is_measured_anew():
    @once
    def times(trial, factor):
        return factor * trial.trial.setting.replicas

    assert [times(GIVEN, 2), times(GIVEN, 3), times(GIVEN, 2)] == [2, 3, 2]
