"""What py-spy saw becomes ms of a request, by function and by owner."""

import pytest

from loadtests.peers.profiled import LOOP, OTHER_CODE, Profile, own_code, owner, page

RAW = """\
<module> (floor.py:1);Hub.run (gevent/hub.py:700) 30
<module> (floor.py:1);Hub.run (gevent/hub.py:700);send (gevent/_socket3.py:500) 50
Hub.run (gevent/hub.py);send (gevent/_socket3.py:500) 10
serve (loadtests/generator/pacing.py:12) 10
"""


def test_own_code_is_of_the_innermost_function():
    assert own_code(RAW) == {
        "Hub.run (gevent/hub.py)": 30,
        "send (gevent/_socket3.py)": 60,
        "serve (loadtests/generator/pacing.py)": 10,
    }


def test_functions_of_one_file_are_told_apart_and_lines_are_not():
    assert own_code("a (x.py:1) 1\na (x.py:9) 2\nb (x.py:5) 4\n") == {"a (x.py)": 3, "b (x.py)": 4}


def test_a_functions_part_of_a_request_is_how_often_it_was_seen():
    profile = Profile("ours", 0.3, 0.002, own_code(RAW))
    assert profile.ms(["send (gevent/_socket3.py)"]) == pytest.approx(0.12)
    assert profile.ms(["unknown (nowhere.py)"]) == 0


def test_the_event_loop_has_what_remains_however_long_it_was_seen_to_wait():
    for waited in (0, 30, 30_000):
        profile = Profile("ours", 0.3, 0.002, own_code(RAW) | {LOOP: waited})
        assert profile.ms([LOOP]) == pytest.approx(0.16)
        assert profile.ms([*profile.seen]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("function", "whose"),
    [
        (LOOP, "gevent"),
        ("serve (loadtests/generator/pacing.py)", "this project"),
        ("task (locust/user/task.py)", "Locust"),
        ("uniform (random.py)", OTHER_CODE),
    ],
)
def test_an_owner_is_told_by_the_folder(function, whose):
    assert owner(function) == whose


def test_one_that_was_never_seen_is_refused():
    with pytest.raises(ValueError, match="was seen at work for 0"):
        Profile("ours", 0.3, 0.002, {})


def test_one_that_was_seen_at_work_for_longer_than_it_took_is_refused():
    with pytest.raises(ValueError, match="and took 0"):
        Profile("ours", 0.1, 0.002, own_code(RAW))


def test_the_page_has_each_generator_in_a_column_and_all_its_time():
    other = Profile("floor", 0.1, 0.002, {LOOP: 4})
    ours = Profile("ours", 0.3, 0.002, own_code(RAW))
    shown = page([other, ours], 100, 40, "today, 2 CPUs")
    assert "| ms of CPU a request | floor | ours |" in shown
    assert "| gevent | 0.100 | 0.280 |" in shown
    assert "| this project | - | 0.020 |" in shown
    assert "| **all** | **0.100** | **0.300** |" in shown
    assert "| `send (gevent/_socket3.py)` | - | 0.120 |" in shown
