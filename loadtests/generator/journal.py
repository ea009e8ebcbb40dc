"""Every request, written down as it ends: when, how long, how, by which replica."""

import csv
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gevent

from loadtests.generator.clock import Clock
from loadtests.generator.early_stop import END_DIGITS
from loadtests.generator.in_flight import InFlight, Unreported
from loadtests.generator.outcome import OK, OWN_ERRORS, outcome_of

COLUMNS = ("start_s", "latency_ms", "outcome", "replica", "name")
Row = tuple[str, str, str, str, str]


@dataclass(slots=True)
class Ended:
    """One request of the current second; not frozen, since its user's script may fail it yet."""

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


class _Held(NamedTuple):
    """A user's last request, until its script can raise nothing more about it."""

    row: Row
    ended: Ended


class Journal:
    """The requests file, the counts so far, and the requests of the current second."""

    def __init__(
        self, path: Path, clock: Clock, slow_ms: float, peer_of: Callable[[Any], str]
    ) -> None:
        """Open the file; `peer_of` tells which address a user (greenlet) is connected to."""
        self._clock, self._slow_ms, self._peer_of = clock, slow_ms, peer_of
        self._path, self._file = path, path.open("w", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        self._held: dict[Any, _Held] = {}
        self._pending: list[Row] = []
        self._second: list[Ended] = []
        self._requests = self._slow = self._failures = 0
        self._failed: Counter[int] = Counter()
        self._noted: set[Any] = set()  # users whose request was noted as unanswered
        self._noted_s = math.inf
        self.own_errors: dict[str, int] = {}

    @property
    def counts(self) -> Counts:
        """How many requests have ended so far, and how."""
        return Counts(self._requests, self._slow, self._failures)

    @property
    def failed(self) -> Mapping[int, int]:
        """How many of them failed, by the second in which they ended."""
        return self._failed

    def on_request(
        self,
        name: str,
        response_time: float | None,
        response: Any = None,
        exception: BaseException | None = None,
        late_s: float = 0.0,
    ) -> None:
        """Note one request that Locust reports; it counts from when it was meant to go."""
        latency_ms = (response_time or 0.0) + late_s * 1000
        outcome = outcome_of(exception, getattr(response, "status_code", 0) or 0)
        self._hold(gevent.getcurrent(), latency_ms / 1000, latency_ms, outcome, name)

    def add(self, user: Any, call: Unreported, outcome: str) -> None:
        """Note a request that only this project saw, since the script left before its report."""
        self._hold(user, call.ago_s, call.latency_s * 1000, outcome, call.name)

    def _hold(self, user: Any, ago_s: float, latency_ms: float, outcome: str, name: str) -> None:
        self.settle(user)
        start_s, ended = self._clock.now_s() - ago_s, Ended(latency_ms, outcome == OK)
        if start_s <= self._noted_s and user in self._noted:
            self._noted.discard(user)  # it has its row
            return
        row = _row(start_s, latency_ms, outcome, self._peer_of(user), name)
        self._held[user] = _Held(row, ended)
        self._second.append(ended)
        self._requests += 1
        self._slow += outcome != OK or latency_ms > self._slow_ms
        if outcome != OK:
            self._count_failure(row)
        if outcome in OWN_ERRORS:
            self.own_errors[outcome] = self.own_errors.get(outcome, 0) + 1

    def fail_last(self, user: Any, outcome: str) -> None:
        """Make a failure of the user's last request, unless it is one, or is settled."""
        held = self._held.get(user)
        if held is None or not held.ended.ok:
            return
        held.ended.ok = False
        start_s, latency_ms, _, replica, name = held.row
        self._held[user] = _Held((start_s, latency_ms, outcome, replica, name), held.ended)
        self._slow += held.ended.latency_ms <= self._slow_ms
        self._count_failure(held.row)

    def has_failed(self, user: Any) -> bool:
        """Say whether the user's last request failed, as long as it is not settled."""
        held = self._held.get(user)
        return held is not None and not held.ended.ok

    def _count_failure(self, row: Row) -> None:
        self._failures += 1
        # From the times as they are written, so that who reads them finds the same second.
        end_s = round(float(row[0]) + float(row[1]) / 1000, END_DIGITS)
        self._failed[math.floor(end_s)] += 1

    def settle(self, user: Any) -> None:
        """Let the user's last request be as it is."""
        held = self._held.pop(user, None)
        if held is not None:
            self._pending.append(held.row)

    def take_second(self) -> list[Ended]:
        """Return the requests that ended since the last call, and write what is settled."""
        # A script's own greenlets are no users: they end without a word.
        for user in [user for user in self._held if getattr(user, "dead", False)]:
            self.settle(user)
        self._writer.writerows(self._pending)
        self._pending.clear()
        taken, self._second = self._second, []
        return taken

    def note_unanswered(self, in_flight: InFlight, waiting_s: Sequence[float] = ()) -> None:
        """Note the requests still unanswered, with their age as latency, whatever comes of them.

        `waiting_s` are the ages of what arrived and found no user to send it.
        """
        now_s = self._clock.now_s()
        self._pending.extend(
            _row(now_s - age_s, age_s * 1000, "in_flight", "", "") for age_s in waiting_s
        )
        for user in [*self._held]:
            self.settle(user)
        unanswered = in_flight.unanswered()
        self._pending.extend(
            _row(now_s - age_s, age_s * 1000, "in_flight", self._peer_of(user), name)
            for user, age_s, name in unanswered
        )
        self._noted, self._noted_s = {user for user, *_ in unanswered}, now_s

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        self._pending.extend(held.row for held in self._held.values())
        self._writer.writerows(self._pending)
        self._file.close()

    def rename(self, called: Callable[[str], str]) -> None:
        """Give the requests of a closed file other names."""
        whole = self._path.with_suffix(".part")
        with self._path.open(newline="") as old, whole.open("w", newline="") as new:
            rows, writer = csv.reader(old), csv.writer(new)
            writer.writerow(next(rows))
            writer.writerows((*row[:-1], called(row[-1])) for row in rows)
        whole.replace(self._path)


def _row(start_s: float, latency_ms: float, outcome: str, replica: str, name: str) -> Row:
    return f"{start_s:.4f}", f"{latency_ms:.2f}", outcome, replica, name
