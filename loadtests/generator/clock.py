"""Time as the load counts it: in seconds since its first user."""

import time
from collections.abc import Callable

import gevent


class Clock:
    """A monotonic clock that starts at 0, and what the wall clock said at that moment."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = gevent.sleep,
    ) -> None:
        """Start now. The clocks and the way to sleep are passed in by tests only."""
        self._monotonic, self._wall, self.sleep = monotonic, wall, sleep
        self._began = monotonic()
        self.started_wall_s = wall()

    @classmethod
    def since(
        cls,
        started_wall_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = gevent.sleep,
    ) -> "Clock":
        """Return the clock of a load that began at that moment by the wall clock."""
        clock = cls(monotonic, wall, sleep)
        clock._began -= clock.started_wall_s - started_wall_s
        clock.started_wall_s = started_wall_s
        return clock

    def now_s(self) -> float:
        """Seconds since the first user."""
        return self._monotonic() - self._began

    def drift_ms(self) -> float:
        """How far the wall clock has strayed from the monotonic one since the start."""
        return abs(self._wall() - self.started_wall_s - self.now_s()) * 1000
