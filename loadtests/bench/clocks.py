"""The wall clock of the engine's machine beside this one's.

What a trial's tables are counted from, its containers, counters and events, is all told by the
engine's machine; only when the trial began is laid beside what this machine has seen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from docker import DockerClient

from loadtests.errors import HostError

LOOKS = 3
# Beyond it a clock is wrong, not late: it is in nobody's care, and may be set in mid-trial.
LARGEST_S = 60.0


@dataclass(frozen=True)
class Offset:
    """How far the engine's clock is ahead of this machine's, in seconds; below 0 it is behind."""

    seconds: float
    within_s: float  # half the way there and back: the truth is no further off


def compare(client: DockerClient, now: Callable[[], float] = time.time) -> Offset:
    """Ask the engine for its time, and take the quickest of some answers.

    It is taken to have looked half-way between question and answer (Cristian, "Probabilistic clock
    synchronization", 1989).
    """
    offsets = []
    for _ in range(LOOKS):
        asked_s = now()
        told = str(client.info()["SystemTime"])
        half_s = (now() - asked_s) / 2
        offsets.append(Offset(datetime.fromisoformat(told).timestamp() - asked_s - half_s, half_s))
    return min(offsets, key=lambda offset: offset.within_s)


def compared(client: DockerClient) -> Offset:
    """Return the engine's offset; raise HostError where one of the two clocks must be wrong."""
    offset = compare(client)
    if abs(offset.seconds) - offset.within_s > LARGEST_S:
        side = "ahead of" if offset.seconds > 0 else "behind"
        raise HostError(
            f"the clock of the engine's machine is {abs(offset.seconds):,.0f} s {side} this one's; "
            "one of them is wrong: have both set from the network (timedatectl set-ntp true), then "
            "repeat the same run"
        )
    return offset
