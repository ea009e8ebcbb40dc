"""How late the generator was, weighed by time: one pause of 3 s is not one late beat of many.

Whatever falls due within a pause waits for the pause's end. So the lateness of a moment is the
time left until the pause around it is over, and 0 outside of pauses. Counting late beats instead
would be coordinated omission (G. Tene, "How NOT to measure latency"): no beat is due in a pause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

LATE_SHARE = 0.01  # of the time: what the 99th percentile leaves above it
_HALVINGS = 40  # of the longest pause; leaves an error far below a nanosecond


class Pause(NamedTuple):
    """From the moment when something was due to the moment when it came (s)."""

    due_s: float
    came_s: float

    @property
    def length_s(self) -> float:
        """How long it was."""
        return self.came_s - self.due_s


class Window(NamedTuple):
    """A stretch of time that counts (s)."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Lateness:
    """Over some windows of time; 0 where there are none."""

    p99_ms: float = 0.0  # exceeded for 1% of the time
    max_ms: float = 0.0  # the longest pause, whole also where it began before or ended after


def lateness(pauses: Sequence[Pause], windows: Sequence[Window]) -> Lateness:
    """Return how late one was in the windows, which do not overlap, nor do the pauses."""
    spans = [
        (max(pause.due_s, window.start_s), window.end_s, pause)
        for window in windows
        for pause in pauses
        if pause.due_s < window.end_s and pause.came_s > window.start_s
    ]
    if not spans:
        return Lateness()

    def time_later_than(late_s: float) -> float:
        """Return for how long the pause around the moment had more than late_s to go."""
        return sum(
            max(0.0, min(pause.came_s - late_s, end_s) - start_s) for start_s, end_s, pause in spans
        )

    longest_s = max(pause.length_s for _, _, pause in spans)
    allowed_s = LATE_SHARE * sum(window.end_s - window.start_s for window in windows)
    low_s, high_s = 0.0, longest_s
    for _ in range(_HALVINGS):
        middle_s = (low_s + high_s) / 2
        if time_later_than(middle_s) > allowed_s:
            low_s = middle_s
            # A shorter pause is never later than that; most are, and need no second look.
            spans = [span for span in spans if span[2].length_s > low_s]
        else:
            high_s = middle_s
    return Lateness(high_s * 1000, longest_s * 1000)
