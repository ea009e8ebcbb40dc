"""Every request, written down as it ends: when, how long, how, by which replica."""

import csv
import time
from pathlib import Path
from typing import Any

import gevent

from loadtests.generator.connections import peer_of
from loadtests.generator.outcome import OK, OWN_ERRORS, outcome_of
from loadtests.generator.pacing import InFlight

COLUMNS = ("start_s", "latency_ms", "outcome", "replica", "name")
Request = tuple[str, str, str, str, str]


class Journal:
    """The requests file and the counts of the current second."""

    def __init__(self, path: Path, began: float, slow_ms: float) -> None:
        """Open the file; times count from `began` (time.monotonic)."""
        self._began, self._slow_ms = began, slow_ms
        self._file = path.open("w", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        self._pending: list[Request] = []
        self._second: list[tuple[float, bool]] = []
        self.requests = 0
        self.failures = 0
        self.slow = 0  # failures too
        self.own_errors: dict[str, int] = {}

    def on_request(
        self,
        name: str,
        response_time: float | None,
        response: Any = None,
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        """Note one request (Locust's request event)."""
        latency_ms = response_time or 0.0
        outcome = outcome_of(exception, getattr(response, "status_code", 0) or 0)
        start_s = time.monotonic() - self._began - latency_ms / 1000
        self._note(start_s, latency_ms, outcome, peer_of(gevent.getcurrent()), name)
        self._second.append((latency_ms, outcome == OK))
        self.requests += 1
        self.slow += outcome != OK or latency_ms > self._slow_ms
        self.failures += outcome != OK
        if outcome in OWN_ERRORS:
            self.own_errors[outcome] = self.own_errors.get(outcome, 0) + 1

    def _note(self, start_s: float, latency_ms: float, *words: str) -> None:
        self._pending.append((f"{start_s:.4f}", f"{latency_ms:.2f}", *words))  # type: ignore[arg-type]

    def take_second(self) -> list[tuple[float, bool]]:
        """Return (latency in ms, was it right) of the requests since the last call; flush."""
        self._writer.writerows(self._pending)
        self._pending.clear()
        taken, self._second = self._second, []
        return taken

    def close(self, in_flight: InFlight) -> None:
        """Write the requests still unanswered, with their age as latency, and close the file."""
        now = time.monotonic()
        for user, since in in_flight.items():
            age_ms = (now - since) * 1000
            self._note(since - self._began, age_ms, "in_flight", peer_of(user), "")
        self._writer.writerows(self._pending)
        self._file.close()
