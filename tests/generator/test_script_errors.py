"""What users' own script raises fails the call before it, and no other."""

import csv
from types import SimpleNamespace

import gevent
import pytest

from loadtests.generator.in_flight import InFlight
from loadtests.generator.journal import Counts, Ended, Journal
from loadtests.generator.script_errors import TRACEBACK_CHARS, ScriptErrors
from tests.generator.fakes import FakeTime

WRONG = KeyError("prediction")


@pytest.fixture
def load(tmp_path):
    """A journal, its errors, and the one user there is; slower than 500 ms is slow."""
    time = FakeTime()
    in_flight = InFlight(time.monotonic)
    path = tmp_path / "requests.csv"
    journal = Journal(path, time.clock(), 500.0, lambda _: "10.0.0.2")

    def rows():
        journal.close()
        with path.open(newline="") as file:
            return [(row["start_s"], row["latency_ms"], row["outcome"], row["name"])
                    for row in csv.DictReader(file)]  # fmt: skip

    errors = ScriptErrors(journal, in_flight)
    user = gevent.getcurrent()
    tasks = SimpleNamespace(user="whose task set this is")
    return SimpleNamespace(
        time=time, in_flight=in_flight, journal=journal, errors=errors, user=user, tasks=tasks,
        rows=rows,
    )  # fmt: skip


def raised(load, exception):
    """Let the running user's task raise, as Locust tells it."""
    load.errors.on_user_error(user_instance=load.tasks, exception=exception)


def test_a_call_reported_as_ok_becomes_a_failure_in_counts_second_and_file(load):
    load.journal.on_request("/", 100.0)
    raised(load, WRONG)
    assert load.journal.counts == Counts(requests=1, slow=1, failures=1)
    assert load.journal.take_second() == [Ended(100.0, ok=False)]
    assert load.rows() == [("-0.1000", "100.00", "KeyError", "/")]


def test_a_slow_call_that_becomes_a_failure_is_slow_only_once(load):
    load.journal.on_request("/", 600.0)
    raised(load, WRONG)
    assert load.journal.counts == Counts(requests=1, slow=1, failures=1)


def test_a_call_that_had_failed_stays_that_failure(load):
    load.journal.on_request("/", 1.0, exception=ConnectionRefusedError(111, "refused"))
    raised(load, WRONG)
    assert load.journal.counts == Counts(requests=1, slow=1, failures=1)
    assert load.rows()[0][2] == "refused"


def test_a_call_that_was_never_reported_becomes_a_request_that_failed(load):
    load.in_flight.begin(load.user, "/predict/")
    load.time.sleep(0.2)
    load.in_flight.end(load.user)
    load.time.sleep(0.5)  # the script looks at the answer
    raised(load, WRONG)
    assert load.journal.counts == Counts(requests=1, slow=1, failures=1)
    assert load.rows() == [("0.0000", "200.00", "KeyError", "/predict/")]


def test_an_unreported_call_that_had_failed_keeps_its_own_word(load):
    load.in_flight.begin(load.user, "/")
    load.in_flight.end(load.user, "timeout")
    raised(load, WRONG)
    assert load.rows()[0][2] == "timeout"


@pytest.mark.parametrize("when", ["before its end", "after its end"])
def test_a_reported_call_is_one_request(load, when):
    """FastHttpUser's client reports within the call, HttpUser's after it."""
    load.in_flight.begin(load.user, "/")
    if when == "before its end":
        load.in_flight.report(load.user, "/")
    load.in_flight.end(load.user)
    load.in_flight.report(load.user, "/")
    load.journal.on_request("/", 1.0)
    raised(load, WRONG)
    assert [row[2] for row in load.rows()] == ["KeyError"]


def test_every_call_that_went_out_is_counted_when_a_block_within_a_block_raises(load):
    for name in ("/outer", "/inner"):
        load.in_flight.begin(load.user, name)
        load.in_flight.end(load.user)
    raised(load, WRONG)
    assert [(row[3], row[2]) for row in load.rows()] == [
        ("/outer", "KeyError"),
        ("/inner", "KeyError"),
    ]


def test_of_two_calls_of_a_task_the_last_fails(load):
    load.journal.on_request("/first", 1.0)
    load.journal.on_request("/second", 1.0)
    raised(load, WRONG)
    assert [(row[3], row[2]) for row in load.rows()] == [("/first", "ok"), ("/second", "KeyError")]


def test_a_task_that_raises_before_any_call_leaves_the_task_before_alone(load):
    load.journal.on_request("/", 1.0)
    load.errors.on_task_end()
    raised(load, WRONG)
    assert load.journal.counts == Counts(requests=1, slow=0, failures=0)
    assert load.errors.by_name == {"KeyError": 1}


def test_a_call_that_locust_does_not_report_is_none_of_ours(load):
    """A script may ask others by a client of its own."""
    load.in_flight.begin(load.user)
    load.in_flight.end(load.user)
    raised(load, WRONG)
    assert load.rows() == []


def test_the_first_traceback_is_printed_and_all_errors_are_counted(load, capsys):
    raised(load, ValueError("x" * 10 * TRACEBACK_CHARS))
    told = capsys.readouterr().err
    raised(load, ValueError("again"))
    raised(load, WRONG)
    assert len(told) < TRACEBACK_CHARS + 100
    assert capsys.readouterr().err == ""
    assert load.errors.by_name == {"ValueError": 2, "KeyError": 1}


def test_requests_of_a_scripts_own_greenlets_are_written_once_those_have_ended(load):
    gevent.spawn(load.journal.on_request, "/", 1.0).join()
    load.journal.take_second()
    load.journal.on_request("/later", 1.0)
    assert [row[3] for row in load.rows()] == ["/", "/later"]
