"""The CPU time that the load generator itself uses."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loadtests.generator.clock import Clock


def cpu_seconds() -> float:
    """CPU time this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class CpuMeter:
    """Mean CPU use over some stretches of the load."""

    def __init__(self, clock: Clock, used_s: Callable[[], float] = cpu_seconds) -> None:
        """Begin with nothing measured."""
        self._clock, self._used_s = clock, used_s
        self._cpu_s = self._elapsed_s = 0.0

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Count what is used within the block."""
        began_s, cpu_s = self._clock.now_s(), self._used_s()
        yield
        self._elapsed_s += self._clock.now_s() - began_s
        self._cpu_s += self._used_s() - cpu_s

    @property
    def cores(self) -> float:
        """Mean over all that was measured, 0 where nothing was."""
        return self._cpu_s / self._elapsed_s if self._elapsed_s else 0.0
