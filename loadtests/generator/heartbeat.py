"""How late the generator's own event loop is: the time it adds to every latency it reports."""

import time
from collections.abc import Sequence

import gevent

# Often enough to see a pause of the garbage collector, seldom enough to cost nothing.
INTERVAL_S = 0.01


class Heartbeat:
    """A greenlet that sleeps INTERVAL_S over and over and notes how much longer it took."""

    def __init__(self) -> None:
        """Start beating."""
        self._lags_ms: list[float] = []
        self._greenlet = gevent.spawn(self._beat)

    def _beat(self) -> None:
        while True:
            before = time.monotonic()
            gevent.sleep(INTERVAL_S)
            self._lags_ms.append((time.monotonic() - before - INTERVAL_S) * 1000)

    def take(self) -> list[float]:
        """Return the lags since the last call, in ms."""
        taken, self._lags_ms = self._lags_ms, []
        return taken


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie, 0 for none (nearest rank)."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
