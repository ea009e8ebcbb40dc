"""The requests that are under way: which user sent each, and how long ago."""

import time
from collections.abc import Callable
from typing import Any


class InFlight:
    """One request at most for each user (greenlet)."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; `monotonic` is the clock that ages are taken from."""
        self._monotonic = monotonic
        self._since: dict[Any, float] = {}

    def __len__(self) -> int:
        return len(self._since)

    def begin(self, user: Any) -> None:
        """Note that a user's request goes out."""
        self._since[user] = self._monotonic()

    def end(self, user: Any) -> None:
        """Note that a user's request has ended, well or not."""
        del self._since[user]

    def ages_s(self) -> list[tuple[Any, float]]:
        """Return each user who waits for an answer, and for how long (s)."""
        now = self._monotonic()
        return [(user, now - since) for user, since in self._since.items()]

    def older_than(self, age_s: float) -> int:
        """Return how many requests have waited for longer than that."""
        return sum(age > age_s for _, age in self.ages_s())
