"""What a job says to whoever started it, and the exit code that it ends with.

Every job and each step of `make` begins with it, so it imports nothing that takes long.
"""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

from loadtests.errors import AguantaError, BrokenError

Given = ParamSpec("Given")

ANSWERED = 0
NOTHING_HOLDS = 1
REFUSED = 2  # a question, a host or an engine that cannot be; nothing was answered
OPEN = 3  # an answer whose search was not finished, or that one trial more contradicts
BROKEN = 4  # the service, or the script: it fails for one user alone, so nothing was asked
INTERRUPTED = 130  # as shells have it


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def tells_refusals(main: Callable[Given, int]) -> Callable[Given, int]:
    """Let a job end with one line and REFUSED or BROKEN, without a traceback, where it refuses."""

    @functools.wraps(main)
    def job(*given: Given.args, **named: Given.kwargs) -> int:
        try:
            return main(*given, **named)
        except AguantaError as error:
            print(f"Error: {error}", file=sys.stderr)
            return BROKEN if isinstance(error, BrokenError) else REFUSED

    return job
