"""What wrk tells is read, and what it does not tell is refused."""

import json

import pytest

from loadtests.errors import TrialError
from loadtests.peers.saturation import read_result

LINE = {"requests": 800, "duration_us": 8_000_000, "p50_us": 1500, "p99_us": 9000, "refused": 1,
        "broken": 2}  # fmt: skip


def test_the_last_line_of_the_script_is_what_counts():
    seen = read_result(["Running 8s test", json.dumps(LINE)], 0.31234, "")
    assert (seen.rps, seen.p50_ms, seen.p99_ms) == (100.0, 1.5, 9.0)
    assert (seen.refused, seen.broken, seen.sender_cores) == (1, 2, 0.312)


@pytest.mark.parametrize(
    ("changes", "sender_cores", "told"),
    [
        ({"broken": 0}, 0.9, ""),
        ({"broken": 1}, 0.2, "requests broke off"),
        ({"broken": 0}, 0.91, "the sender was at its own limit"),
    ],
)
def test_what_a_reader_has_to_know_is_noted(changes, sender_cores, told):
    notes = read_result([json.dumps(LINE | changes)], sender_cores, "").notes
    assert bool(notes) is bool(told)
    assert told in "".join(notes)


def test_a_wrk_that_told_nothing_is_refused_with_its_last_words():
    with pytest.raises(TrialError, match="unable to connect"):
        read_result(["unable to connect to 172.18.0.2:8000"], 0.0, "Connection refused")
