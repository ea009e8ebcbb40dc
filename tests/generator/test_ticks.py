"""The line a second, from what happened in it."""

import pytest

from loadtests.generator.host_cpu import CpuTimes
from loadtests.generator.job import Phase
from loadtests.generator.journal import Ended
from loadtests.generator.ticks import Ticks, next_whole_second
from loadtests.record import GENERATOR_COLUMNS, HOST_COLUMNS
from tests.generator.fakes import FakeTime


@pytest.fixture
def time():
    """A clock of the test's own."""
    return FakeTime()


@pytest.fixture
def ticks(time):
    """Ticks of a generator that uses a quarter of a core; requests may take 10 s.

    Of its machine's CPU half is idle, and a tenth stolen.
    """

    def host():
        return CpuTimes(*(round(share * time.passed_s * 200) for share in (1.0, 0.5, 0.1)))

    return Ticks(time.clock(), 10.0, lambda: time.passed_s / 4, host=host)


def line(ticks, phase, *seen, **counts):
    """Return the line of the second that ends now."""
    return ticks.second(*seen, **counts).line(phase)


def test_a_line_is_due_once_a_second_has_passed(time, ticks):
    time.sleep(0.95)
    assert not ticks.due
    time.sleep(0.05)
    assert ticks.due
    ticks.second([], [], None)
    assert not ticks.due


def test_a_line_tells_of_its_second_at_the_rate_of_its_true_length(time, ticks):
    time.sleep(1.25)
    ended = [Ended(float(ms), True) for ms in range(1, 101)]
    told = line(ticks, Phase.WARM_UP, ended, [1.0, 3.0], 321.04, users=7, in_flight=2, connects=9)
    assert told == {
        "phase": "warm-up", "time_s": 1.25, "users": 7, "in_flight": 2, "connects": 9,
        "rps": 80.0, "failures_per_s": 0.0, "p50_ms": 51.0, "p95_ms": 96.0,
        "lag_p99_ms": 3.0, "lag_max_ms": 3.0, "cpu_cores": 0.25, "work_us": 321.0,
        "busy_ratio": 0.4, "steal_ratio": 0.1,
    }  # fmt: skip
    assert {*GENERATOR_COLUMNS, *HOST_COLUMNS} <= set(told)


def test_a_failure_is_shown_as_slow_as_the_timeout_whatever_its_clock_says(time, ticks):
    """A refusal takes a millisecond and is no quick answer."""
    time.sleep(1.0)
    told = line(ticks, Phase.STEADY_STATE, [Ended(1.0, False), Ended(2.0, True)], [], None)
    assert (told["failures_per_s"], told["p95_ms"]) == (1.0, 10_000.0)


def test_a_second_without_answers_has_no_percentiles(time, ticks):
    time.sleep(1.0)
    told = line(ticks, Phase.STEADY_STATE, [], [], None)
    assert (told["p50_ms"], told["p95_ms"], told["rps"]) == (None, None, 0.0)


def test_figures_are_rounded_to_what_they_are_worth(time, ticks):
    time.sleep(1.23456)
    ended = [Ended(1.23456, True), Ended(1.23456, True), Ended(9.0, False)]
    told = line(ticks, Phase.STEADY_STATE, ended[:2], [0.12345], None)
    assert (told["time_s"], told["rps"], told["cpu_cores"]) == (1.235, 1.62, 0.25)
    assert (told["p50_ms"], told["p95_ms"]) == (1.23, 1.23)
    assert (told["lag_p99_ms"], told["lag_max_ms"]) == (0.12, 0.12)
    time.sleep(1.3)
    told = line(ticks, Phase.STEADY_STATE, ended, [], None)
    assert (told["rps"], told["failures_per_s"], told["cpu_cores"]) == (2.31, 0.77, 0.25)
    assert (told["lag_p99_ms"], told["lag_max_ms"]) == (0.0, 0.0)


def test_the_lag_of_a_second_is_exceeded_by_one_in_a_hundred_beats(time, ticks):
    time.sleep(1.0)
    told = line(ticks, Phase.STEADY_STATE, [], [float(ms) for ms in range(200)], None)
    assert (told["lag_p99_ms"], told["lag_max_ms"]) == (198.0, 199.0)


def test_a_second_that_others_are_in_as_well_ends_with_a_whole_second_of_the_load(time):
    """However late the one before was told, so that those of all stay in step."""
    ticks = Ticks(time.clock(), 10.0, lambda: 0.0, next_whole_second)
    time.sleep(1.0)
    assert ticks.due
    time.sleep(0.4)
    assert ticks.second([], [], None).time_s == pytest.approx(1.4)
    time.sleep(0.59)
    assert not ticks.due
    time.sleep(0.02)
    assert ticks.due
