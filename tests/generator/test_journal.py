"""Every request is written down, also one that nobody answered."""

import csv
from types import SimpleNamespace

import gevent
import pytest

from loadtests.generator.in_flight import InFlight
from loadtests.generator.journal import Counts, Ended, Journal
from tests.generator.fakes import FakeTime

COLUMNS = ["start_s", "latency_ms", "outcome", "replica", "name"]
ANSWERED = SimpleNamespace(status_code=200)
REFUSED = ConnectionRefusedError(111, "refused")
FULL = OSError(24, "Too many open files")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A journal of four requests, 100 s after the first user, and one under way for 3 s."""
    time = FakeTime()
    clock, in_flight = time.clock(), InFlight(time.monotonic)
    time.sleep(97.0)
    in_flight.begin("who waits", "/slow")
    time.sleep(3.0)
    path = tmp_path_factory.mktemp("journal") / "requests.csv"
    peers = {gevent.getcurrent(): "10.0.0.2", "who waits": "10.0.0.3"}
    journal = Journal(path, clock, 5.0, peers.__getitem__)
    journal.on_request(name="/predict/", response_time=12.345, response=ANSWERED, exception=None)
    journal.on_request(name='/a,"b"', response_time=1.0, response=None, exception=REFUSED)
    seconds = [journal.take_second()]
    journal.on_request(name="/predict/", response_time=None, response=None, exception=FULL)
    journal.on_request(name="/predict/", response_time=2.0, response=None, exception=FULL)
    seconds += [journal.take_second(), journal.take_second()]
    journal.note_unanswered(in_flight)
    journal.close()
    with path.open(newline="") as file:
        return SimpleNamespace(rows=list(csv.DictReader(file)), seconds=seconds, journal=journal)


def test_a_request_has_a_row_with_all_columns(written):
    assert list(written.rows[0]) == COLUMNS
    assert [row["outcome"] for row in written.rows] == [
        "ok", "refused", "emfile", "emfile", "in_flight",
    ]  # fmt: skip
    first = written.rows[0]
    assert (first["latency_ms"], first["replica"], first["name"]) == (
        "12.35", "10.0.0.2", "/predict/",
    )  # fmt: skip


def test_a_request_began_before_it_ended(written):
    """Locust tells when it ends; the record wants to know when it was sent."""
    assert [row["start_s"] for row in written.rows[:3]] == ["99.9877", "99.9990", "100.0000"]


def test_a_name_with_commas_and_quotes_stays_one_name(written):
    assert written.rows[1]["name"] == '/a,"b"'


def test_an_unanswered_request_is_as_slow_as_it_is_old(written):
    last = written.rows[-1]
    assert (last["start_s"], last["latency_ms"]) == ("97.0000", "3000.00")
    assert (last["replica"], last["name"]) == ("10.0.0.3", "/slow")


def test_a_request_that_was_noted_as_unanswered_has_one_row_whatever_comes_of_it(tmp_path):
    """Its user may be let go on, to leave as its script wants; what is sent then has its row."""
    time = FakeTime()
    in_flight, path, user = InFlight(time.monotonic), tmp_path / "requests.csv", gevent.getcurrent()
    journal = Journal(path, time.clock(), 5.0, lambda _: "")
    in_flight.begin(user, "/slow")
    time.sleep(1.0)
    journal.note_unanswered(in_flight)
    time.sleep(1.0)
    journal.on_request("/slow", 2000.0)
    journal.on_request("/log-out", 0.0)
    journal.close()
    with path.open(newline="") as file:
        assert [(row["name"], row["outcome"]) for row in csv.DictReader(file)] == [
            ("/slow", "in_flight"),
            ("/log-out", "ok"),
        ]
    assert journal.counts.requests == 1


def test_requests_failures_and_errors_of_our_own_are_counted(written):
    """One in flight has not ended and is no request yet; a failure is slow, however quick."""
    assert written.journal.counts == Counts(requests=4, slow=4, failures=3)
    assert written.journal.own_errors == {"emfile": 2}


def test_what_ended_since_is_the_difference_of_two_counts():
    assert Counts(10, 5, 3) - Counts(4, 2, 1) == Counts(6, 3, 2)


def test_each_second_has_the_requests_since_the_last(written):
    assert written.seconds == [
        [Ended(12.345, True), Ended(1.0, False)],
        [Ended(0.0, False), Ended(2.0, False)],
        [],
    ]


def test_failures_are_counted_by_the_second_in_which_they_ended_as_it_is_written(tmp_path):
    """The first at 99.99999 s by the clock, which is written as 100."""
    time = FakeTime()
    journal = Journal(tmp_path / "requests.csv", time.clock(), 5.0, str)
    time.sleep(99.99999)
    journal.on_request(name="/", response_time=0.0, exception=REFUSED)
    journal.on_request(name="/", response_time=5000.0, response=ANSWERED)
    time.sleep(2.0)
    journal.fail_last(gevent.getcurrent(), "wrong_answer")
    journal.on_request(name="/", response_time=1500.0, exception=FULL)
    assert journal.failed == {100: 2, 102: 1}
