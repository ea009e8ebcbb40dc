"""Open arrivals: each comes at its time, whoever is still waiting for an answer.

Locust has closed users only. A wait time counts from the end of a user's task, so a slow answer
puts off everything after it and leaves the delay out of what is measured (coordinated omission;
G. Tene, "How NOT to measure latency"); `constant_pacing` and `constant_throughput` are of each
user by itself, and begin anew after a task that took too long. So the times are those of one
schedule for all, and Locust's users stand ready: in place of thinking, a free one waits for the
next arrival. Who has been free the longest goes next, so that connections are idle about as long
as those of closed users.

An arrival that finds nobody free waits, and its lateness counts as latency of its first request.
Whether the service is why nobody was free is noted: all others wait for its answers then.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import gevent
from gevent.lock import Semaphore

from loadtests.generator.schedule import Schedule, Turns

# Of all users: so many wait for answers where it is the service that keeps them. They are as many
# as can wait until the timeout, so that a request takes nearly that long then.
KEPT_SHARE = 0.9


class Arrivals:
    """What has arrived, and which user it was given to."""

    def __init__(
        self,
        schedule: Schedule | Turns,
        kept: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a rate of 0; `kept` says whether the service keeps nearly all users."""
        self._schedule, self._kept, self._monotonic = schedule, kept, monotonic
        self._due_s: deque[float] = deque()  # of those that nobody has taken yet
        self._there = Semaphore(0)  # one for each of them; it wakes who has waited the longest
        self._free = 0
        # What is left of a task's lateness (s), by user, until its first request has it.
        self._late_s: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
        self._coming: gevent.Greenlet | None = None
        self.made = 0
        self.waited = 0  # of these, for a user to be free
        self.unexplained = 0  # of these, while the service did not keep the others

    def change_rate(self, rate_per_s: float, seconds: float) -> None:
        """Let the rate become another, in a straight line over so many seconds from now."""
        self._schedule.change(self._monotonic(), rate_per_s, seconds)
        if self._coming is None:
            self._coming = gevent.spawn(self._come)

    def end(self) -> None:
        """Let nothing arrive any more."""
        if self._coming is not None:
            self._coming.kill()

    def _come(self) -> None:
        while True:
            due_s = self._schedule.next_s()
            left_s = due_s - self._monotonic()
            if left_s > 0:
                gevent.sleep(left_s)
            self._arrive(due_s)

    def _arrive(self, due_s: float) -> None:
        self.made += 1
        if self._free <= len(self._due_s):
            self.waited += 1
            self.unexplained += not self._kept()
        self._due_s.append(due_s)
        self._there.release()

    def take(self, user: Any) -> None:
        """Let the running user wait until an arrival is there for it; one before it is done."""
        self._late_s.pop(user, None)
        self._free += 1
        try:
            self._there.acquire()
        finally:
            self._free -= 1
        self._late_s[user] = max(0.0, self._monotonic() - self._due_s.popleft())

    def is_with(self, user: Any) -> bool:
        """Say whether the user has an arrival in hand, or is still at its task."""
        return user in self._late_s

    def spend_late_s(self, user: Any) -> float:
        """Return how late (s) the user's task began, once: for its first request.

        A request of a greenlet that the user has spawned is the user's.
        """
        if user not in self._late_s:
            user = getattr(user, "spawning_greenlet", lambda: None)()
        late_s = self._late_s.get(user, 0.0) if user is not None else 0.0
        if late_s:
            self._late_s[user] = 0.0
        return late_s

    def ages_s(self) -> list[float]:
        """Return for how long (s) those wait that nobody has taken yet."""
        now_s = self._monotonic()
        return [now_s - due_s for due_s in self._due_s]
