"""Time since the first user, and whether the wall clock agrees."""

from loadtests.generator.clock import Clock
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


def test_several_processes_count_from_the_moment_that_their_master_names():
    """One that hears of it a quarter of a second later is at a quarter of a second."""
    time = FakeTime()
    master = time.clock()
    time.sleep(0.25)
    worker = Clock.since(master.started_wall_s, time.monotonic, time.wall, time.sleep)
    time.sleep(1.0)
    assert worker.now_s() == master.now_s() == 1.25
    assert worker.started_wall_s == master.started_wall_s
    assert worker.drift_ms() == 0.0
