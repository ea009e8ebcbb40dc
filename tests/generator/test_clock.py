"""Time since the first user, and whether the wall clock agrees."""

from tests.generator.fakes import BEGAN_WALL_S, FakeTime


def test_a_load_counts_its_seconds_from_its_first_user():
    time = FakeTime()
    clock = time.clock()
    assert (clock.now_s(), clock.started_wall_s) == (0.0, BEGAN_WALL_S)
    clock.sleep(2.5)
    assert clock.now_s() == 2.5


def test_a_wall_clock_that_was_set_is_told_in_either_direction():
    time = FakeTime()
    clock = time.clock()
    clock.sleep(10.0)
    assert clock.drift_ms() == 0.0
    time.wall_drift_s = -0.25
    assert clock.drift_ms() == 250.0
