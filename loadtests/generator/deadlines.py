"""One limit for many calls at once: whoever is not done in time is thrown out of its wait.

All have the same limit, so who began first is due first, and one timer does for all of them. A
timer of its own for each call (gevent.Timeout) took a tenth of the CPU of a call.
"""

import time
from collections.abc import Callable
from typing import Any

from gevent import get_hub


class Deadlines:
    """The greenlets that have a call under way, one each, in the order they began."""

    def __init__(self, limit_s: float, error: Callable[[], BaseException]) -> None:
        """Begin with none; `error` makes what is raised in a greenlet after limit_s."""
        self._limit_s, self._error = limit_s, error
        self._due_s: dict[Any, float] = {}
        self._timer: Any = None

    def begin(self, greenlet: Any) -> None:
        """Let the time of a greenlet's call begin."""
        self._due_s[greenlet] = time.monotonic() + self._limit_s
        if self._timer is None:
            self._look_in(self._limit_s)

    def end(self, greenlet: Any) -> None:
        """Let it end; there is none if it was due."""
        self._due_s.pop(greenlet, None)

    def _look_in(self, seconds: float) -> None:
        self._timer = get_hub().loop.timer(seconds)
        self._timer.start(self._look)

    def _look(self) -> None:
        """Throw out whoever is due, and look again when the first of the others is."""
        now_s = time.monotonic()
        due = [greenlet for greenlet, due_s in self._due_s.items() if due_s <= now_s]
        for greenlet in due:
            del self._due_s[greenlet]
        self._timer = None
        if self._due_s:
            self._look_in(next(iter(self._due_s.values())) - now_s)
        for greenlet in due:
            greenlet.throw(self._error())
