"""Users who end before the load does, and scripts that would end the load: both are the script's.

How many users there are and how long they stay is the question's. A script may say otherwise, by
StopUser, sys.exit or runner.quit; then it is told that it did, and neither the service nor the load
generator is blamed.
"""

import sys
from collections.abc import Callable
from typing import Any

from locust import User
from locust.exception import StopUser
from locust.runners import LocalRunner, MasterRunner, Runner, WorkerRunner

# What lets users come, by the runner: there a script's `test_start` hooks are called.
_BRINGS_USERS = {LocalRunner: "_start", MasterRunner: "start", WorkerRunner: "handle_message"}


def tell_who_ends(
    on_end: Callable[[str], None], on_error: Callable[[User, BaseException], None]
) -> None:
    """Call on_end or on_error, as the user, whenever one ends: with what ended it.

    sys.exit ends that user alone; else it would end this program, and its results with it.
    """
    run = User.run

    def run_and_tell(user: User) -> None:
        try:
            run(user)
        except SystemExit as error:
            on_end(type(error).__name__)
        except Exception as error:  # of its on_start or on_stop; printed for every user otherwise
            on_error(user, error)
        else:
            on_end(StopUser.__name__)  # which Locust keeps to itself

    User.run = run_and_tell


def go_on_until_asked(runner: Runner, on_exit: Callable[[list[str]], None]) -> None:
    """Let the script's calls of runner.stop and runner.quit do nothing, but say so once.

    A hook that calls sys.exit as users are to come keeps them away; on_exit is told, and the
    program ends as it would.
    """
    told: set[str] = set()
    brings_users = _BRINGS_USERS[type(runner)]
    start = getattr(runner, brings_users)

    def start_if_let(*args: Any, **kwargs: Any) -> None:
        try:
            start(*args, **kwargs)
        except SystemExit as error:
            on_exit([type(error).__name__])

    setattr(runner, brings_users, start_if_let)

    def refusing(name: str) -> Callable[..., None]:
        def refuse(*_: Any, **__: Any) -> None:
            if name not in told:
                told.add(name)
                print(
                    f"the script called runner.{name}: the load goes on for as long as is asked",
                    file=sys.stderr,
                )

        return refuse

    for name in ("stop", "quit"):
        setattr(runner, name, refusing(name))
