"""Lateness is weighed by time, not by how many were late."""

import pytest

from loadtests.generator.lateness import Lateness, Pause, Window, lateness

STEADY = [Window(100.0, 115.0)]  # 1% of it are 150 ms
BEATS = [Pause(100 + 0.011 * n, 100.001 + 0.011 * n) for n in range(1363)]  # each 1 ms late


@pytest.mark.parametrize(
    ("pauses", "windows", "p99_ms", "max_ms", "what"),
    [
        ([], STEADY, 0.0, 0.0, "never late"),
        ([Pause(105.0, 108.0)], STEADY, 2850.0, 3000.0, "one pause of 3 s"),
        ([Pause(105.0, 105.14)], STEADY, 0.0, 140.0, "a pause of less than 1% of the time"),
        ([Pause(98.0, 101.0)], STEADY, 850.0, 3000.0, "only its second within counts, it is 3 s"),
        ([Pause(114.0, 117.0)], STEADY, 2850.0, 3000.0, "what is due at its begin waits 3 s"),
        ([Pause(97.0, 100.0)], STEADY, 0.0, 0.0, "over when it begins"),
        ([Pause(115.0, 118.0)], STEADY, 0.0, 0.0, "begins when it is over"),
        ([Pause(90.0, 120.0)], STEADY, 19850.0, 30000.0, "late from end to end"),
        (
            [Pause(101.0, 102.0), Pause(103.0, 104.0)], STEADY, 925.0, 1000.0,
            "two pauses share the 1%",
        ),
        (
            [Pause(105.0, 106.0)], [Window(100.0, 110.0), Window(200.0, 290.0)], 0.0, 1000.0,
            "all windows together are the time",
        ),
        (BEATS, STEADY, 0.890, 1.0, "every beat is a little late"),
        ([Pause(1.0, 2.0)], [], 0.0, 0.0, "no time that counts"),
    ],
)  # fmt: skip
def test_lateness_is_what_was_exceeded_for_one_percent_of_the_time(
    pauses, windows, p99_ms, max_ms, what
):
    late = lateness(pauses, windows)
    assert late.p99_ms == pytest.approx(p99_ms, abs=1e-3), what
    assert late.max_ms == pytest.approx(max_ms, abs=1e-3), what


def test_without_pauses_nothing_is_late():
    assert lateness([], []) == Lateness(0.0, 0.0)
