"""Every request is written down, also one that nobody answered."""

import csv
from types import SimpleNamespace

import pytest

COLUMNS = ["start_s", "latency_ms", "outcome", "replica", "name"]


@pytest.fixture(scope="module")
def written(program, tmp_path_factory):
    """The journal of four requests and one that was under way at the end."""
    path = tmp_path_factory.mktemp("journal") / "requests.csv"
    told = program("journalling", path)
    with path.open(newline="") as file:
        return SimpleNamespace(rows=list(csv.DictReader(file)), **told)


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
    assert (last["replica"], last["name"]) == ("10.0.0.3", "")


def test_requests_failures_and_errors_of_our_own_are_counted(written):
    """One in flight has not ended and is no request yet."""
    assert (written.requests, written.failures) == (4, 3)
    assert written.own_errors == {"emfile": 2}


def test_each_second_has_the_requests_since_the_last(written):
    assert written.seconds == [[[12.345, True], [1.0, False]], [[0.0, False], [2.0, False]], []]
