"""Every request, written down as it ends: when, how long, how, by which replica."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gevent

from loadtests.generator.clock import Clock
from loadtests.generator.in_flight import InFlight
from loadtests.generator.outcome import OK, OWN_ERRORS, outcome_of

COLUMNS = ("start_s", "latency_ms", "outcome", "replica", "name")
Row = tuple[str, str, str, str, str]


class Ended(NamedTuple):
    """One request of the current second."""

    latency_ms: float
    ok: bool


@dataclass(frozen=True)
class Counts:
    """Requests that have ended."""

    requests: int = 0
    slow: int = 0  # of these, slower than the job's slow_ms, or failed
    failures: int = 0

    def __sub__(self, before: "Counts") -> "Counts":
        return Counts(
            self.requests - before.requests,
            self.slow - before.slow,
            self.failures - before.failures,
        )


class Journal:
    """The requests file, the counts so far, and the requests of the current second."""

    def __init__(
        self, path: Path, clock: Clock, slow_ms: float, peer_of: Callable[[Any], str]
    ) -> None:
        """Open the file; `peer_of` tells which address a user (greenlet) is connected to."""
        self._clock, self._slow_ms, self._peer_of = clock, slow_ms, peer_of
        self._file = path.open("w", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        self._pending: list[Row] = []
        self._second: list[Ended] = []
        self._requests = self._slow = self._failures = 0
        self.own_errors: dict[str, int] = {}

    @property
    def counts(self) -> Counts:
        """How many requests have ended so far, and how."""
        return Counts(self._requests, self._slow, self._failures)

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
        start_s = self._clock.now_s() - latency_ms / 1000
        self._note(start_s, latency_ms, outcome, self._peer_of(gevent.getcurrent()), name)
        self._second.append(Ended(latency_ms, outcome == OK))
        self._requests += 1
        self._slow += outcome != OK or latency_ms > self._slow_ms
        self._failures += outcome != OK
        if outcome in OWN_ERRORS:
            self.own_errors[outcome] = self.own_errors.get(outcome, 0) + 1

    def _note(self, start_s: float, latency_ms: float, *words: str) -> None:
        self._pending.append((f"{start_s:.4f}", f"{latency_ms:.2f}", *words))  # type: ignore[arg-type]

    def take_second(self) -> list[Ended]:
        """Return the requests that ended since the last call, and write them to the file."""
        self._writer.writerows(self._pending)
        self._pending.clear()
        taken, self._second = self._second, []
        return taken

    def close(self, in_flight: InFlight) -> None:
        """Write the requests still unanswered, with their age as latency, and close the file."""
        now_s = self._clock.now_s()
        for user, age_s in in_flight.ages_s():
            self._note(now_s - age_s, age_s * 1000, "in_flight", self._peer_of(user), "")
        self._writer.writerows(self._pending)
        self._file.close()
