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
    assert in_flight.take_unreported("a user") == [Unreported("/", 5.0, 2.0, "timeout")]
    assert in_flight.take_unreported("a user") == []


@pytest.mark.parametrize("when", ["before its end", "after its end", "without a name"])
def test_a_call_that_was_reported_is_not_told(when):
    in_flight = InFlight(FakeTime().monotonic)
    in_flight.begin("a user", None if when == "without a name" else "/")
    if when == "before its end":
        in_flight.report("a user", "/")
    in_flight.end("a user")
    if when == "after its end":
        in_flight.report("a user", "/")
    assert in_flight.take_unreported("a user") == []


def ended(*names):
    """A user's calls that have ended, and of which Locust has said nothing."""
    in_flight = InFlight(FakeTime().monotonic)
    for name in names:
        in_flight.begin("a user", name)
        in_flight.end("a user")
    return in_flight


def test_of_nested_calls_the_one_that_is_reported_is_known_by_its_name():
    in_flight = ended("/outer", "/inner")
    assert in_flight.report("a user", "/inner")
    assert [call.name for call in in_flight.take_unreported("a user")] == ["/outer"]


def test_an_event_of_something_else_within_a_call_is_not_taken_for_it():
    in_flight = ended("/")
    assert not in_flight.report("a user", "a step", is_call=False)
    assert in_flight.report("a user", "/")


def test_a_call_whose_name_the_script_has_changed_is_reported():
    in_flight = ended("/item/1")
    assert in_flight.report("a user", "an item", is_call=True)
    assert in_flight.take_unreported("a user") == []


def test_who_waits_is_told_with_the_name_of_what_was_asked():
    """But not a call by a client of the script's own, which Locust does not report."""
    time = FakeTime()
    in_flight = InFlight(time.monotonic)
    in_flight.begin("a user", "/slow")
    in_flight.begin("another")
    time.sleep(2.0)
    assert in_flight.unanswered() == [("a user", 2.0, "/slow")]
