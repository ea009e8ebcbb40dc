"""How late the generator's own event loop is: the time it adds to every latency it reports."""

from array import array
from collections.abc import Sequence

import gevent

from loadtests.generator.clock import Clock
from loadtests.generator.lateness import Lateness, Pause, Window, lateness

# Often enough to see a pause of the garbage collector, seldom enough to cost nothing.
INTERVAL_S = 0.01


class Heartbeat:
    """A greenlet that sleeps INTERVAL_S over and over and notes how much longer it took."""

    def __init__(self, clock: Clock) -> None:
        """Be ready to beat."""
        self._clock = clock
        # An hour has 360,000 beats: as arrays they are 6 MB that no garbage collector walks.
        self._due_s, self._came_s = array("d"), array("d")
        self._next_s: float | None = None  # when the beat that has not come yet is due
        self._taken = 0
        self._windows: list[Window] = []

    def start(self) -> None:
        """Beat from now on, beside everything else."""
        gevent.spawn(self._beat_on)

    def _beat_on(self) -> None:
        while True:
            self.beat()

    def beat(self) -> None:
        """Wait for one beat and note it."""
        self._next_s = self._clock.now_s() + INTERVAL_S
        self._clock.sleep(INTERVAL_S)
        self.note(self._next_s, self._clock.now_s())
        self._next_s = None

    def note(self, due_s: float, came_s: float) -> None:
        """Note a beat: when it was due and when it came."""
        self._due_s.append(due_s)
        self._came_s.append(came_s)

    def take(self) -> list[float]:
        """Return the lags of the beats since the last call, in ms."""
        first, self._taken = self._taken, len(self._came_s)
        beats = zip(self._due_s[first:], self._came_s[first:], strict=True)
        return [(came_s - due_s) * 1000 for due_s, came_s in beats]

    def count(self, start_s: float, end_s: float) -> None:
        """Let a stretch of time count for the lateness."""
        self._windows.append(Window(start_s, end_s))

    def lateness(self) -> Lateness:
        """Return how late the loop was in all that counts, a beat still awaited included."""
        pauses = list(map(Pause, self._due_s, self._came_s))
        if self._next_s is not None and (now_s := self._clock.now_s()) > self._next_s:
            pauses.append(Pause(self._next_s, now_s))
        return lateness(pauses, self._windows)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie, 0 for none (nearest rank)."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
