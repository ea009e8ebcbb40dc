"""Who waits for an answer, and for how long."""

import pytest

from loadtests.generator.in_flight import InFlight, Unreported
from tests.generator.fakes import FakeTime


def test_a_request_is_under_way_from_its_beginning_to_its_end():
    time = FakeTime()
    in_flight = InFlight(time.monotonic)
    in_flight.begin("early")
    time.sleep(2.0)
    in_flight.begin("late")
    time.sleep(1.0)
    assert in_flight.ages_s() == [("early", 3.0), ("late", 1.0)]
    in_flight.end("early")
    assert (len(in_flight), in_flight.ages_s()) == (1, [("late", 1.0)])


def test_only_who_waits_longer_than_asked_is_stuck():
    time = FakeTime()
    in_flight = InFlight(time.monotonic)
    in_flight.begin("a user")
    time.sleep(0.5)
    assert (in_flight.older_than(0.5), in_flight.older_than(0.4)) == (0, 1)


def test_a_call_that_locust_has_not_reported_is_told_once_with_its_age_and_its_latency():
    time = FakeTime()
    in_flight = InFlight(time.monotonic)
    in_flight.begin("a user", "/")
    time.sleep(2.0)
    in_flight.end("a user", "timeout")
    time.sleep(3.0)
    assert in_flight.take_unreported("a user") == Unreported("/", 5.0, 2.0, "timeout")
    assert in_flight.take_unreported("a user") is None


@pytest.mark.parametrize("when", ["before its end", "after its end", "without a name"])
def test_a_call_that_was_reported_is_not_told(when):
    in_flight = InFlight(FakeTime().monotonic)
    in_flight.begin("a user", None if when == "without a name" else "/")
    if when == "before its end":
        in_flight.report("a user")
    in_flight.end("a user")
    if when == "after its end":
        in_flight.report("a user")
    assert in_flight.take_unreported("a user") is None
