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
        # With the moment it was sent for `ago_s`; several where a script's with-blocks are nested.
        self._unreported: dict[Any, list[Unreported]] = {}
        self._late_s: dict[Any, float] = {}

    def __len__(self) -> int:
        return len(self._since)

    def begin(self, user: Any, name: str | None = None, late_s: float = 0.0) -> None:
        """Note that a user's request goes out; one with a name is Locust's to report.

        One that goes out later than it was meant to counts from when it was meant.
        """
        self._since[user] = self._monotonic() - late_s
        if name is not None:
            self._to_report[user] = name
        if late_s:
            self._late_s[user] = late_s

    def take_late_s(self, user: Any) -> float:
        """Return how late the user's request went out, once."""
        return self._late_s.pop(user, 0.0)

    def report(self, user: Any, name: str, *, is_call: bool = True) -> bool:
        """Note that Locust reports something of the user's, before a request's end or after it.

        Returns whether it is a request that went out. An event that says that it `is_call` is one
        also where the script has changed its name meanwhile.
        """
        going = self._to_report.get(user)
        if going is not None and (is_call or going == name):
            del self._to_report[user]
            return True
        ended = self._unreported.get(user)
        if ended is None:
            return False
        index = len(ended) - 1
        if ended[index].name != name:  # of nested with-blocks the outer one, or a changed name
            named = [at for at, call in enumerate(ended) if call.name == name]
            if not named and not is_call:
                return False
            index = named[-1] if named else index
        del ended[index]
        if not ended:
            del self._unreported[user]
        return True

    def end(self, user: Any, outcome: str | None = None) -> None:
        """Note that a user's request has ended, well (None) or not."""
        since = self._since.pop(user)
        name = self._to_report.pop(user, None)
        if name is not None:
            latency_s = self._monotonic() - since
            call = Unreported(name, since, latency_s, outcome)
            self._unreported.setdefault(user, []).append(call)

    def take_unreported(self, user: Any) -> list[Unreported]:
        """Return the user's ended calls that Locust has not reported, once, in their order."""
        if not self._unreported:  # as a rule: it is asked at every task's end
            return []
        now = self._monotonic()
        calls = self._unreported.pop(user, [])
        return [call._replace(ago_s=now - call.ago_s) for call in calls]

    def unanswered(self) -> list[tuple[Any, float, str]]:
        """Return who waits for an answer that Locust would report, how long (s), and its name."""
        now = self._monotonic()
        return [
            (user, now - self._since[user], name)
            for user, name in self._to_report.items()
            if user in self._since
        ]

    def ages_s(self) -> list[tuple[Any, float]]:
        """Return each user who waits for an answer, and for how long (s)."""
        now = self._monotonic()
        return [(user, now - since) for user, since in self._since.items()]

    def older_than(self, age_s: float) -> int:
        """Return how many requests have waited for longer than that."""
        return sum(age > age_s for _, age in self.ages_s())
