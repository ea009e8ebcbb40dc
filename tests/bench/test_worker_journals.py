"""The journals of several workers as one, request by request."""

import csv
import io

import pytest

from loadtests.bench.worker_journals import COLUMNS, in_order
from loadtests.generator import journal

HEAD = "start_s,latency_ms,outcome,replica,name\r\n"
FIRST = HEAD + "0.5000,100.00,ok,10.0.0.2,/a\r\n1.0000,3000.00,timeout,10.0.0.2,/a\r\n"
SECOND = HEAD + "0.4000,50.00,ok,10.0.0.3,/b\r\n3.0000,20.00,ok,10.0.0.3,/b\r\n"


def rows(merged):
    return [*csv.reader(io.StringIO(merged.decode(), newline=""))]


def test_the_columns_are_those_of_the_generator_s_journal():
    assert [*journal.COLUMNS] == COLUMNS


def test_requests_of_all_stand_in_the_order_in_which_they_ended():
    head, *found = rows(in_order([FIRST.encode(), SECOND.encode()]))
    assert head == COLUMNS
    assert [row[0] for row in found] == ["0.4000", "0.5000", "3.0000", "1.0000"]
    assert found[-1] == ["1.0000", "3000.00", "timeout", "10.0.0.2", "/a"], "as it was written"


def test_one_journal_alone_comes_back_as_it_was():
    assert in_order([FIRST.encode()]) == FIRST.encode()


@pytest.mark.parametrize(
    ("torn", "left", "what"),
    [
        ("2.0000,1.00,ok,10.0.0.2,/pre", 4, "in its name, which is not known to be whole"),
        ("2.00", 4, "in its time"),
        ("2.0000,1.00,ok,10.0.0.2,/predict\r\n", 5, "after the row"),
    ],
)
def test_a_row_that_a_killed_worker_began_to_write_is_left_out(torn, left, what):
    assert len(rows(in_order([(FIRST + torn).encode(), SECOND.encode()]))) == left + 1, what


@pytest.mark.parametrize("nothing", [b"", HEAD.encode(), b"start_s,late"])
def test_a_worker_without_a_request_adds_none(nothing):
    assert in_order([nothing, FIRST.encode(), nothing]) == FIRST.encode()


def test_names_may_hold_commas_quotes_and_lines():
    odd = HEAD + '1.0000,2.00,ok,,"a ""b"", c\nd"\r\n'
    (_, row) = rows(in_order([odd.encode(), HEAD.encode()]))
    assert row[-1] == 'a "b", c\nd'


def journal_of(*names):
    return (HEAD + "".join(f"{n}.0,1.00,ok,,{name}\r\n" for n, name in enumerate(names))).encode()


def names_in(merged):
    return {row[-1] for row in rows(merged)[1:]}


ITEMS = [f"/items/{number}" for number in range(150)]


def test_names_that_are_too_many_together_are_called_alike_in_all():
    """No worker had more than a hundred, as one process would have."""
    assert names_in(in_order([journal_of(*ITEMS[:75]), journal_of("/", *ITEMS[75:])])) == {
        "/", "/items/{id}",
    }  # fmt: skip


def test_what_one_worker_calls_alike_all_do():
    """One had more than a hundred, the other few."""
    few = journal_of("/", "/items/7")
    assert names_in(in_order([journal_of("/items/{id}"), few], grouped=True)) == {
        "/", "/items/{id}",
    }  # fmt: skip


def test_few_names_are_left_as_they_are_whatever_they_look_like():
    given = ["/", "/items/7", "/items/{id}", "/tags/{…}"]
    assert names_in(in_order([journal_of(*given[:2]), journal_of(*given[2:])])) == {*given}


def test_names_that_have_nothing_in_common_are_the_others_together():
    steps = [f"step {number}" for number in range(500)]
    found = names_in(in_order([journal_of(*steps[::2]), journal_of(*steps[1::2])]))
    assert len(found) == 301
    assert "(others)" in found
