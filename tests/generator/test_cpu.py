"""The CPU that the generator itself used."""

from loadtests.generator.cpu import CpuMeter
from tests.generator.fakes import FakeTime


def test_cpu_is_counted_within_the_stretches_measured_only():
    """Half a core of the clock's time, and a burst in between that is nobody's business."""
    time, burst_s = FakeTime(), [0.0]
    meter = CpuMeter(time.clock(), lambda: time.passed_s / 2 + burst_s[0])
    for _ in range(2):
        with meter.measure():
            time.sleep(4.0)
        burst_s[0] += 100.0
        time.sleep(1.0)
    assert meter.cores == 0.5


def test_a_load_without_a_steady_state_used_nothing_in_it():
    assert CpuMeter(FakeTime().clock()).cores == 0.0
