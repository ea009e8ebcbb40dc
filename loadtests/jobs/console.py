"""What a job tells while it works."""

from typing import TextIO

from loadtests.studies.progress import STANDING


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


class Console:
    """Where notebooks of one job print, on which what holds for all of it is told once.

    Each of them tells it by itself, in every cell that measures, since each may run by itself.
    """

    def __init__(self, stream: TextIO) -> None:
        """Nothing was told yet."""
        self._stream = stream
        self._told: set[str] = set()

    def write(self, text: str) -> None:
        """Write a text, line by line, without what was told before."""
        for line in text.splitlines(keepends=True):
            if line.startswith(STANDING):
                if line in self._told:
                    continue
                self._told.add(line)
            self._stream.write(line)

    def flush(self) -> None:
        """Let it be seen."""
        self._stream.flush()
