"""Calls that take too long are ended, and nobody else's."""

import gevent
import pytest

from loadtests.generator.deadlines import Deadlines

pytestmark = pytest.mark.waits

LIMIT_S = 0.2


class TooLateError(Exception):
    """What is thrown."""


def call(deadlines, seconds, then_s=0.0):
    """Make a call of so long, do something else after it, and say how both ended."""
    ended = "call"
    try:
        deadlines.begin(gevent.getcurrent())
        try:
            gevent.sleep(seconds)
        finally:
            deadlines.end(gevent.getcurrent())
        ended = "after it"
        gevent.sleep(then_s)
    except TooLateError:
        return f"cut off in the {ended}"
    return "in time"


def ended(*calls, apart_s=0.0):
    """Return how calls ended that began one after the other."""
    deadlines, made = Deadlines(LIMIT_S, TooLateError), []
    for one in calls:
        made.append(gevent.spawn(call, deadlines, *one))
        gevent.sleep(apart_s)
    return [greenlet.get(timeout=60) for greenlet in made]


def test_each_call_has_the_limit_from_its_own_beginning():
    assert ended((60.0,), (0.0,), (60.0,), (0.0,), apart_s=LIMIT_S / 2) == [
        "cut off in the call", "in time", "cut off in the call", "in time",
    ]  # fmt: skip


def test_calls_that_are_due_at_once_all_end():
    assert ended(*[(60.0,)] * 50) == ["cut off in the call"] * 50


def test_whoever_is_done_is_left_alone():
    """Whatever a user does after its call is not a part of it."""
    assert ended((0.0, 3 * LIMIT_S), (60.0,)) == ["in time", "cut off in the call"]


def test_a_call_after_all_others_have_ended_has_its_limit_too():
    deadlines = Deadlines(LIMIT_S, TooLateError)
    for seconds, how in (
        (0.0, "in time"),
        (60.0, "cut off in the call"),
        (60.0, "cut off in the call"),
    ):
        assert gevent.spawn(call, deadlines, seconds).get(timeout=60) == how
        gevent.sleep(2 * LIMIT_S)
