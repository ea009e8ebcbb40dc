"""A script is refused or told before anything is started."""

import pytest

from loadtests.bench.script_check import ScriptReport, _read, check_script
from loadtests.errors import QuestionError
from loadtests.question import Workload

WORKLOAD = Workload(users=1000)


def report(most_users=None, shapes=(), **wait_times):
    """Return what a script with one kind of users holds."""
    return ScriptReport(("Visitor",), most_users, wait_times, shapes)


def test_fewer_users_than_asked_are_refused_with_the_number_there_can_be():
    with pytest.raises(QuestionError, match=r"5 users at most \(fixed_count\), 1,000 are asked"):
        check_script(report(5), WORKLOAD)
    assert check_script(report(1000), WORKLOAD) == []


def test_nothing_is_said_of_a_script_that_leaves_the_load_to_the_question():
    assert check_script(report(), WORKLOAD) == []
    assert check_script(report(Visitor="between(5, 15)"), WORKLOAD) == []


def test_think_times_and_shapes_that_are_replaced_are_told():
    told = check_script(
        report(shapes=("Steps",), Visitor="between(1, 3)", Shelf="constant_pacing(0.5)"), WORKLOAD
    )
    assert told == [
        "Users think for 5 to 15 s, as the question says (think_min, think_max); the script's own "
        "between(1, 3) of Visitor, constant_pacing(0.5) of Shelf is not used",
        "Users come as the question says (users, spawn_rate); the script's own Steps is not used",
    ]


def test_of_an_open_load_it_is_told_that_nobody_thinks_and_how_many_stand_ready():
    opened = WORKLOAD.opened("poisson", 50)
    assert check_script(report(Visitor="between(1, 3)"), opened) == [
        "In place of thinking users wait for what arrives next (rate); the script's own "
        "between(1, 3) of Visitor is not used"
    ]
    said = r"5 users at most \(fixed_count\), \d+ have to stand ready for 50 arrivals/s; remove"
    with pytest.raises(QuestionError, match=said):
        check_script(report(5), opened)


def test_options_that_would_be_another_load_are_refused():
    with pytest.raises(QuestionError, match=r"script_options has --users, -t"):
        check_script(report(), WORKLOAD, ["--users=5", "-t", "1m", "--tags", "read"])
    assert check_script(report(), WORKLOAD, ["--tags", "read"]) == []


def test_what_a_bad_script_says_is_the_error():
    with pytest.raises(QuestionError, match="needs the module faker"):
        _read("a.py", '{"event": "bad_script", "message": "a.py needs the module faker"}\n', "")


def test_a_script_that_ends_the_program_is_told_by_its_last_words():
    with pytest.raises(QuestionError, match="ended the program that loads it:\nno licence"):
        _read("a.py", "", "no licence\n")
