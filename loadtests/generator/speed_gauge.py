"""The speed gauge: a fixed piece of work, done again and again while the load lasts."""

from statistics import median

import gevent

from loadtests.generator.clock import Clock
from loadtests.generator.fixed_work import FixedWork

INTERVAL_S = 0.1  # ten pieces a second: about 0.4% of a core


class SpeedGauge:
    """A greenlet that does a piece of work every INTERVAL_S and notes the CPU time it took."""

    def __init__(self, clock: Clock, work: FixedWork) -> None:
        """Be ready to measure."""
        self._clock, self._work = clock, work
        self._times_us: list[float] = []

    def start(self) -> None:
        """Measure from now on, beside everything else."""
        gevent.spawn(self._go_on)

    def _go_on(self) -> None:
        while True:
            self.measure()

    def measure(self) -> None:
        """Wait for the next piece's turn and do it."""
        self._clock.sleep(INTERVAL_S)
        self._times_us.append(self._work.time_us())

    def take_us(self) -> float | None:
        """Return the median CPU time of a piece since the last call, in microseconds.

        None where no piece was done. The median, since an interrupt is charged to whoever runs.
        """
        times_us, self._times_us = self._times_us, []
        return median(times_us) if times_us else None
