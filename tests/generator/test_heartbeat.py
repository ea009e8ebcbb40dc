"""The generator's beats, and the figure that a second's lag is summed up in."""

import pytest

from loadtests.generator.heartbeat import INTERVAL_S, Heartbeat, quantile
from tests.generator.fakes import FakeTime

HUNDRED = [float(n) for n in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("values", "share", "value", "what"),
    [
        ([], 0.99, 0.0, "nothing was late"),
        ([7.0], 0.5, 7.0, "one value is all of them"),
        (HUNDRED, 0.5, 51.0, "half lie below"),
        (HUNDRED, 0.99, 100.0, "99 lie below"),
        (HUNDRED, 1.0, 100.0, "never beyond the last"),
        (HUNDRED, 0.0, 1.0, "none lies below"),
        ([0.0] * 98 + [300.0, 400.0], 0.99, 400.0, "a pause in a hundred beats is seen"),
    ],
)
def test_a_quantile_is_a_value_that_was_seen(values, share, value, what):
    assert quantile(values, share) == value, what


def test_values_are_left_in_their_order():
    values = [3.0, 1.0, 2.0]
    quantile(values, 0.5)
    assert values == [3.0, 1.0, 2.0]


@pytest.fixture
def time():
    """A clock that goes only when someone sleeps."""
    return FakeTime()


def test_a_beat_that_comes_late_has_the_lag_in_ms(time):
    heartbeat = Heartbeat(time.clock())
    heartbeat.beat()
    time.meanwhile = lambda: setattr(time, "passed_s", time.passed_s + 0.5)
    heartbeat.beat()
    assert heartbeat.take() == pytest.approx([0.0, 500.0], abs=1e-6)
    assert heartbeat.take() == []


def test_the_stretch_that_counts_has_the_pauses_within_it(time):
    heartbeat = Heartbeat(time.clock())
    heartbeat.note(1.0, 4.0)
    heartbeat.note(20.0, 26.0)
    heartbeat.count(0.0, 15.0)
    assert heartbeat.lateness().p99_ms == pytest.approx(2850.0)
    assert heartbeat.lateness().max_ms == pytest.approx(3000.0)


def test_a_beat_that_is_still_awaited_is_late_by_now(time):
    """A pause at the very end: the load is summed up before the beat has its turn."""
    heartbeat = Heartbeat(time.clock())
    heartbeat.count(0.0, 3.0)
    seen = []

    def pause():
        time.passed_s = 3.0
        seen.append(heartbeat.lateness())

    time.meanwhile = pause
    heartbeat.beat()
    assert seen[0].max_ms == pytest.approx((3.0 - INTERVAL_S) * 1000)


def test_a_beat_that_came_is_awaited_no_more(time):
    heartbeat = Heartbeat(time.clock())
    heartbeat.count(0.0, 10.0)
    heartbeat.beat()
    time.sleep(5.0)
    assert heartbeat.lateness().max_ms == pytest.approx(0.0, abs=1e-6)
