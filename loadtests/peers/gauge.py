"""How fast the CPU was, and what neighbours took of it, while a contender was measured.

The work is that of the trials' speed gauge, done on each CPU before and after; beside a load that
fills its CPUs it would be a load itself.
"""

import os
from collections.abc import Callable
from statistics import fmean, median

from loadtests.generator.fixed_work import FixedWork
from loadtests.generator.host_cpu import HostCpu

PIECES = 60  # on each CPU: about 20 ms of it


class Gauge:
    """Looks at the machine at the beginning and at the end of a measurement."""

    def __init__(
        self, time_us: Callable[[], float] | None = None, host: HostCpu | None = None
    ) -> None:
        """Lay out the work, unless another piece is given, by the CPU time in us that it takes."""
        self._time_us, self._host = time_us or FixedWork().time_us, host or HostCpu()
        self._before_us = 0.0

    def begin(self) -> None:
        """Look before anything is started."""
        self._before_us = self._work_us()
        self._host.take()

    def end(self) -> tuple[float, float | None]:
        """Return the CPU time of a piece, mean of before and after in us, and the steal ratio."""
        steal_ratio = self._host.take()["steal_ratio"]
        return round(fmean((self._before_us, self._work_us())), 2), steal_ratio

    def _work_us(self) -> float:
        """Return the mean over the CPUs of the median piece, in microseconds."""
        allowed = os.sched_getaffinity(0)  # of this thread
        try:
            return fmean(self._on(cpu) for cpu in sorted(allowed))
        finally:
            os.sched_setaffinity(0, allowed)

    def _on(self, cpu: int) -> float:
        os.sched_setaffinity(0, {cpu})
        return median(self._time_us() for _ in range(PIECES))
