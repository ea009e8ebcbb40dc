"""By how much the wall clock of another process is ahead of ours: asked and answered, as NTP does.

The other clock was read between our question and its answer; taking the middle is wrong by half
the way there and back at most (RFC 5905, section 8). Processes of one host share one clock.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class ClockOffset:
    """How far ahead a wall clock is, and how well that is known."""

    ahead_ms: float
    within_ms: float  # either way


UNKNOWN = ClockOffset(0.0, math.inf)  # that of a process which was never heard of


def offset_of(sent_s: float, wall_s: float, heard_s: float) -> ClockOffset:
    """Return the offset of a clock that showed wall_s between two moments (s) of ours."""
    return ClockOffset(
        ahead_ms=(wall_s - (sent_s + heard_s) / 2) * 1000,
        within_ms=(heard_s - sent_s) / 2 * 1000,
    )
