"""Show a person how a run is getting on: a live line in JupyterLab, plain lines elsewhere."""

import html
import os
import time
from typing import Any, Protocol

from IPython.display import HTML, DisplayHandle

# Under papermill every line is kept in the notebook, so few of them.
PLAIN_EVERY_S = 10.0
# Before what holds for a whole job, however often it is told: its console has it once.
STANDING = "Note: "


class Progress(Protocol):
    """Where a run tells what it does."""

    def note(self, text: str) -> None:
        """Tell one thing that was done or decided."""

    def trial(self, label: str, duration_s: float) -> None:
        """Tell that a trial of a setting begins, and how long its load takes."""

    def tick(self, line: dict[str, Any]) -> None:
        """Tell the state of the running trial (one line of the generator)."""


def live_progress() -> Progress:
    """Return what suits this kernel: JupyterLab's server names the session it starts."""
    return LiveProgress() if "JPY_SESSION_NAME" in os.environ else PlainProgress()


def _state(line: dict[str, Any], left_s: float) -> str:
    p95 = f"p95 {line['p95_ms']:,.0f} ms" if line["p95_ms"] is not None else "no answers"
    failures = f", {line['failures_per_s']:,.0f} failures/s" if line["failures_per_s"] else ""
    return (
        f"{line['phase']:<12} {line['users']:>6,} users, {line['rps']:>6,.0f} requests/s, "
        f"{p95}{failures}, {max(0.0, left_s):.0f} s left"
    )


class PlainProgress:
    """Lines of text, one every PLAIN_EVERY_S while a trial runs."""

    def __init__(self) -> None:
        """Nothing is running yet."""
        self._duration_s = 0.0
        self._last = 0.0

    def note(self, text: str) -> None:
        """Print the text."""
        print(text, flush=True)

    def trial(self, label: str, duration_s: float) -> None:
        """Print what begins."""
        self._duration_s, self._last = duration_s, time.monotonic()
        self.note(f"{label}: measuring, {duration_s:.0f} s of load")

    def tick(self, line: dict[str, Any]) -> None:
        """Print the state now and then."""
        if time.monotonic() - self._last >= PLAIN_EVERY_S:
            self._last = time.monotonic()
            self.note(f"  {_state(line, self._duration_s - line['time_s'])}")


class LiveProgress:
    """One display, updated in place, that keeps the last state when the cell is done."""

    def __init__(self) -> None:
        """Make the display."""
        self._notes: list[str] = []
        self._now = ""
        self._duration_s = 0.0
        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython has no types
        self._handle.display(_page(""))  # type: ignore[no-untyped-call]

    def note(self, text: str) -> None:
        """Add the text below the others."""
        self._notes.append(text)
        self._now = ""
        self._show()

    def trial(self, label: str, duration_s: float) -> None:
        """Show what begins."""
        self._duration_s = duration_s
        self.note(f"{label}: measuring, {duration_s:.0f} s of load")

    def tick(self, line: dict[str, Any]) -> None:
        """Show the state."""
        self._now = _state(line, self._duration_s - line["time_s"])
        self._show()

    def _show(self) -> None:
        lines = [*self._notes[-12:], *([f"  {self._now}"] if self._now else [])]
        self._handle.update(_page("\n".join(lines)))  # type: ignore[no-untyped-call]


def _page(text: str) -> HTML:
    markup = f"<pre style='line-height:1.5'>{html.escape(text)}</pre>"
    return HTML(markup)  # type: ignore[no-untyped-call]  # IPython has no types
