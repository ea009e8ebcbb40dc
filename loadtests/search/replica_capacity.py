"""Which numbers of users a live staircase climbs that looks for what so many replicas hold.

Users are only ever added, and wait for their answers. By the interactive response time law, R = N /
X - Z (Denning and Buzen 1978), users beyond those that saturate a service at X requests/s wait
longer and make no more requests; with a pause Z of about twice the SLO's latency, some quarter more
users than saturate it still meet the SLO. So a level that is saturated passes, and its throughput,
which does not depend on where exactly the levels lie, is the highest rate that is held.
"""

from collections.abc import Mapping, Sequence

from loadtests.question import SLO
from loadtests.verdicts import Step

PAUSES = 2.0  # mean pause between two requests, in latencies of the SLO
RATIO = 1.25  # of users, from level to level
BEGIN = 0.64  # of what is expected: two levels below it
BEGIN_AGAIN = 0.8  # of what the same replicas held before: one level below it
LEVELS = 8  # up to three times of what is expected
FAILING_LEVELS = 2
ATTEMPTS = 3
DOWN, UP = 0.25, 3.0  # what is expected after all levels failed, or all passed


def levels(expected_per_s: float, pause_s: float, most: int, begin_at: float = BEGIN) -> list[int]:
    """Return rising numbers of users around those who ask for an expected rate, `most` at most."""
    begin = begin_at * expected_per_s * pause_s
    wanted = [max(1, round(begin * RATIO**level)) for level in range(LEVELS)]
    within = [users for users in wanted if users <= most]
    return sorted(set(within if len(within) == LEVELS else [*within, most]))


def climbs_on(seen: Sequence[Step], slo: SLO) -> bool:
    """Say whether more users are added: until two levels in a row miss the SLO.

    One may miss it by chance, and what is saturated may answer more yet: the more requests wait,
    the more of them are answered at one go.
    """
    passes = [step.passes(slo) for step in seen]
    return len(passes) < FAILING_LEVELS or any(passes[-FAILING_LEVELS:])


def expected_rate(known: Mapping[int, float], count: int, first_per_s: float) -> float:
    """Return what so many replicas are expected to hold, by the nearest count that is known.

    In proportion to it; in proportion to `first_per_s`, that of one, where none is known.
    """
    if not known:
        return first_per_s * count
    nearest = min(known, key=lambda other: (abs(other - count), other))
    return known[nearest] * count / nearest


def next_expected(expected_per_s: float, seen: Sequence[Step], slo: SLO) -> float | None:
    """Return what to expect instead after a staircase that found no edge; None: it found one."""
    passes = [step.passes(slo) for step in seen]
    if not any(passes):
        return DOWN * expected_per_s
    return None if not all(passes) else UP * expected_per_s
