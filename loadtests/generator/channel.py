"""The program's own lines: standard output, which nothing else may write to."""

import json
import os
import sys
from typing import Any, TextIO


class Channel:
    """Where lines go: to standard output, which the program can keep for itself."""

    def __init__(self) -> None:
        """Share standard output with everybody until it is kept."""
        self._own: TextIO | None = None

    def keep(self) -> None:
        """Keep standard output for lines; send what else is printed there to standard error.

        That holds for the users' script, for libraries, and for the processes they start: a
        script that prints `{"event": "done"}` must not end its own trial.
        """
        sys.stdout.flush()
        self._own = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def say(self, **line: Any) -> None:
        """Print one JSON line."""
        print(json.dumps(line), file=self._own or sys.stdout, flush=True)


CHANNEL = Channel()
say = CHANNEL.say
