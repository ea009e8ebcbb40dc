"""Where the notebooks of one job print."""

from typing import TextIO

from loadtests.studies.progress import STANDING


class ToldOnce:
    """A stream on which what holds for the whole job is told once.

    Every notebook tells it, in each cell that measures, since each may be run alone.
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
