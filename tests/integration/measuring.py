"""Progress of a run in a test: printed line by line, so that another process can follow it."""

from typing import Any


class Printed:
    """Prints notes, and the phase of every second."""

    def note(self, text: str) -> None:
        """Print a note."""
        print(text, flush=True)

    def trial(self, label: str, duration_s: float) -> None:
        """Print nothing."""

    def tick(self, line: dict[str, Any]) -> None:
        """Print the phase."""
        print(line["phase"], flush=True)
