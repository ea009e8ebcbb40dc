"""Who waits for an answer, and for how long."""

from loadtests.generator.in_flight import InFlight
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
