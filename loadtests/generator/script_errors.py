"""What users' own script raises: the failure of the call before it, and counted by name."""

import sys
import traceback
from collections import Counter
from typing import Any

import gevent

from loadtests.generator.in_flight import InFlight
from loadtests.generator.journal import Journal

TRACEBACK_CHARS = 4_000  # of the first error; all others are counted only


class ScriptErrors:
    """Errors of users' tasks so far.

    A call that went out is a request. What the script then raises, such as a check of its own, is
    that request's failure, whether Locust has already reported it as answered or not at all.
    """

    def __init__(self, journal: Journal, in_flight: InFlight) -> None:
        """Begin with none."""
        self._journal, self._in_flight = journal, in_flight
        self.by_name: Counter[str] = Counter()
        self.users_ended = 0

    def on_user_error(self, user_instance: Any, exception: BaseException, **_: Any) -> None:
        """Note what the running user's task raised (Locust's user_error event).

        What is raised before a user has tasks, in its own on_start, ends the user.
        """
        self.users_ended += not hasattr(user_instance, "user")
        user, name = gevent.getcurrent(), type(exception).__name__
        if not self.by_name:
            told = "".join(traceback.format_exception(exception))[-TRACEBACK_CHARS:]
            print(f"the users' script raised, here for the first time:\n{told}", file=sys.stderr)
        self.by_name[name] += 1
        calls = self._in_flight.take_unreported(user)
        if not calls:
            self._journal.fail_last(user, name)
        for call in calls:
            self._journal.add_failure(user, call, call.outcome or name)
        self.on_task_end()

    def on_task_end(self) -> None:
        """Let the running user's last call be as it is: whatever is raised now is of no call."""
        user = gevent.getcurrent()
        self._journal.settle(user)
        self._in_flight.take_unreported(user)
