"""The speed gauge: the same work again and again, timed by the CPU time it took."""

import pytest

from loadtests.generator.fixed_work import FixedWork
from loadtests.generator.speed_gauge import INTERVAL_S, SpeedGauge
from tests.generator.fakes import FakeTime


class FakeWork:
    """Work that takes as long as it is told, one time after the other."""

    def __init__(self, *times_us):
        self._times_us = list(times_us)

    def time_us(self):
        return self._times_us.pop(0)


def test_a_piece_is_done_once_an_interval_and_its_median_taken_once():
    time = FakeTime()
    gauge = SpeedGauge(time.clock(), FakeWork(300.0, 9_000.0, 310.0))
    for _ in range(3):
        gauge.measure()
    assert time.passed_s == pytest.approx(3 * INTERVAL_S)
    assert gauge.take_us() == 310.0
    assert gauge.take_us() is None


def test_a_piece_is_timed_by_the_cpu_time_of_its_thread():
    times_s = iter([5.0, 5.00025])
    assert FixedWork(lambda: next(times_s)).time_us() == pytest.approx(250.0)


def test_every_piece_is_the_same_amount_of_work():
    work = FixedWork()
    assert all(work.do() > 0 for _ in range(100))
    looked_up = [next(work._places) for _ in range(64)]
    assert {len(keys) for keys in looked_up} == {256}
    assert len({key for keys in looked_up for key in keys}) == 8_192
