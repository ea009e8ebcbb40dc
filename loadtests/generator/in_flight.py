"""The requests that are under way: which user sent each, and how long ago."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Unreported(NamedTuple):
    """A call that went out and ended, and of which Locust has said nothing yet."""

    name: str
    ago_s: float  # since it was sent
    latency_s: float
    outcome: str | None  # None: answered, for all that is known


class InFlight:
    """One request at most for each user (greenlet)."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; `monotonic` is the clock that ages are taken from."""
        self._monotonic = monotonic
        self._since: dict[Any, float] = {}
        self._to_report: dict[Any, str] = {}
        self._unreported: dict[Any, Unreported] = {}  # with the moment it was sent for `ago_s`

    def __len__(self) -> int:
        return len(self._since)

    def begin(self, user: Any, name: str | None = None) -> None:
        """Note that a user's request goes out; one with a name is Locust's to report."""
        self._since[user] = self._monotonic()
        if name is not None:
            self._to_report[user] = name

    def report(self, user: Any) -> bool:
        """Note that Locust reports the user's request, before its end or after it.

        Returns whether there was one.
        """
        began, ended = self._to_report.pop(user, None), self._unreported.pop(user, None)
        return began is not None or ended is not None

    def end(self, user: Any, outcome: str | None = None) -> None:
        """Note that a user's request has ended, well (None) or not."""
        since = self._since.pop(user)
        name = self._to_report.pop(user, None)
        if name is not None:
            latency_s = self._monotonic() - since
            self._unreported[user] = Unreported(name, since, latency_s, outcome)

    def take_unreported(self, user: Any) -> Unreported | None:
        """Return the user's ended call that Locust has not reported, once; None for none."""
        call = self._unreported.pop(user, None)
        return call and call._replace(ago_s=self._monotonic() - call.ago_s)

    def ages_s(self) -> list[tuple[Any, float]]:
        """Return each user who waits for an answer, and for how long (s)."""
        now = self._monotonic()
        return [(user, now - since) for user, since in self._since.items()]

    def older_than(self, age_s: float) -> int:
        """Return how many requests have waited for longer than that."""
        return sum(age > age_s for _, age in self.ages_s())
