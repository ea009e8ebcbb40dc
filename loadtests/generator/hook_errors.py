"""What a script's hooks raise: Locust logs it and goes on, at every request they listen to."""

import logging
import sys
import traceback
from collections import Counter
from pathlib import Path

_BY_HOOKS = ("Uncaught exception in event handler", "Uncaught exception in on_stop")


class HookErrors(logging.Filter):
    """Counts what hooks raise, by name, and lets the first through to the log."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.by_name: Counter[str] = Counter()
        self.first: str | None = None  # in one line, and where

    def listen(self) -> None:
        """Count from now on. Locust tells it to the root logger, while the error is at hand."""
        logging.getLogger().addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is to be logged."""
        error = sys.exc_info()[1]
        if error is None or not str(record.msg).startswith(_BY_HOOKS):
            return True
        self.by_name[type(error).__name__] += 1
        if self.first is not None:
            return False
        self.first = in_one_line(error)
        return True


def in_one_line(error: BaseException) -> str:
    """Return what was raised and where: "KeyError: 'id' (visit.py, line 7, in look)"."""
    said = str(error).strip().splitlines()
    words = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    places = traceback.extract_tb(error.__traceback__)
    if not places:
        return words
    last = places[-1]
    return f"{words} ({Path(last.filename).name}, line {last.lineno}, in {last.name})"
