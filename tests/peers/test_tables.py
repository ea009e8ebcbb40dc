"""Tables of contenders, and their place in a document."""

import pytest

from loadtests.errors import RecordError
from loadtests.peers import tables
from loadtests.peers.figures import summarise
from loadtests.peers.tables import Column
from tests.peers.made import COST, DRIFTING, HALF, SPEED, comparison, measured


def shown(*columns):
    return tables.table("thing", summarise(DRIFTING, HALF.figures, HALF.contenders), columns)


def test_a_row_has_the_version_and_each_figure_with_its_interval():
    lines = shown(Column(COST), Column(SPEED, bounds=False), Column(COST, ratio=True)).splitlines()
    assert lines[0] == "| thing | ms of cost | a second | ms of cost, of ours |"
    assert lines[3] == "| theirs (them 1.2) | 8.00 (4.00 to 12.0) | 12.5 | 4.00x |"


def test_who_was_not_measured_stands_below_the_table_with_why():
    *_, last = shown(Column(COST)).splitlines()
    assert last == "- slow was not measured: it cannot be installed"
    assert "| slow" not in shown(Column(COST))


def test_a_figure_that_nobody_measured_is_a_dash():
    found = tables.table("thing", summarise(DRIFTING, (SPEED,), ("ours",)), [Column(COST)])
    assert found.splitlines()[2] == "| ours | - |"


def said_to_be_better(**cost_and_speed):
    """What is said of one that has these in three rounds beside one that has 1 and 100."""
    rounds = [
        measured(number, name, cost=cost, speed=speed)
        for number in (1, 2, 3)
        for name, cost, speed in (
            ("ours", 1.0, 100.0),
            *((k, *v[number - 1]) for k, v in cost_and_speed.items()),
        )
    ]
    names = ("ours", *cost_and_speed)
    summaries = summarise(comparison(*rounds), (COST, SPEED), names)
    return tables.better(summaries, [Column(COST), Column(COST, ratio=True), Column(SPEED)])


def test_who_is_better_than_ours_stands_there_by_column():
    said = said_to_be_better(
        cheap=[(0.8, 90.0), (0.82, 80.0), (0.79, 70.0)],
        fast=[(2.0, 150.0), (2.1, 160.0), (2.2, 155.0)],
    )
    assert said.splitlines()[2:] == ["- ms of cost: cheap", "- a second: fast"]
    assert "Better than *ours*" in said


@pytest.mark.parametrize(
    "rounds",
    [
        [(2.0, 50.0), (2.1, 51.0), (2.2, 49.0)],  # worse
        [(0.5, 100.0), (1.5, 100.0), (0.9, 100.0)],  # once better and once worse
        [(0.999, 100.1), (0.9991, 100.2), (0.9989, 100.1)],  # always, and by nothing
    ],
)
def test_who_is_not_told_to_be_better_is_not_called_so(rounds):
    assert said_to_be_better(theirs=rounds).startswith("In no column is a contender better")


def test_it_is_said_where_when_and_how_often_it_was_measured():
    said = tables.measured_where(DRIFTING)
    assert "2026-11-27 on 2 cores (a CPU), 3 rounds" in said


def test_one_round_is_said_to_tell_nothing_of_another():
    said = tables.measured_where(comparison(measured(1, "ours", cost=1.0)))
    assert "1 round, which tells nothing of how far another would lie" in said


def test_a_text_is_put_between_its_own_marks():
    document = "a\n<!-- one: x -->\nold\n<!-- /one -->\n<!-- two: x -->\nkept\n<!-- /two -->\n"
    found = tables.between_marks(document, "one", "new \\1\n")
    assert found == document.replace("old", "new \\1")


def test_a_document_without_the_marks_is_refused():
    with pytest.raises(RecordError, match="no marks for one"):
        tables.between_marks("text", "one", "new")
