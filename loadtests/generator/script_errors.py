"""What users' own script raises: the failure of the call before it, and counted by name."""

import sys
import traceback
from collections import Counter
from typing import Any

import gevent

from loadtests.generator.in_flight import InFlight
from loadtests.generator.journal import Journal
from loadtests.generator.outcome import OK

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
        self.users_ended = 0  # by what was raised in their on_start, or after a call that failed
        self._leaving = False
        self._told: BaseException | None = None  # the last that was noted

    def on_user_error(self, user_instance: Any, exception: BaseException, **_: Any) -> None:
        """Note what the running user's task raised (Locust's user_error event).

        What is raised before a user has tasks, in its own on_start, ends the user.
        """
        self._told = exception
        self.users_ended += not self._leaving and not hasattr(user_instance, "user")
        user, name = gevent.getcurrent(), type(exception).__name__
        if not self.by_name:
            told = "".join(traceback.format_exception(exception))[-TRACEBACK_CHARS:]
            print(f"the users' script raised, here for the first time:\n{told}", file=sys.stderr)
        self.by_name[name] += 1
        calls = self._in_flight.take_unreported(user)
        if not calls:
            self._journal.fail_last(user, name)
        for call in calls:
            self._journal.add(user, call, call.outcome or name)
        self.on_task_end()

    def on_task_end(self) -> None:
        """Let the running user's last call be as it is: whatever is raised now is of no call.

        Locust does not report one whose with-block was left by an interrupt or a return to the
        task's beginning. It went out all the same.
        """
        user = gevent.getcurrent()
        for call in self._in_flight.take_unreported(user):
            self._journal.add(user, call, call.outcome or OK)
        self._journal.settle(user)

    def on_user_end(self, how: str) -> None:
        """Note that the running user has ended before the load did, by StopUser or sys.exit.

        Where its last call had failed, that is why: a log-in that was refused.
        """
        if self._leaving:
            return
        user = gevent.getcurrent()
        for call in self._in_flight.take_unreported(user):
            self._journal.add(user, call, call.outcome or OK)
        self.by_name[how] += 1
        self.users_ended += self._journal.has_failed(user)
        self._journal.settle(user)

    def on_last_error(self, user: Any, error: BaseException) -> None:
        """Note what ended the running user: an error of its on_stop, or one that was told."""
        if error is not self._told:
            self.on_user_error(user, error)

    def let_leave(self) -> None:
        """Take it from now on that users end because the load does."""
        self._leaving = True
