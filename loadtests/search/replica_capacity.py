"""Which numbers of users a live staircase climbs that looks for what so many replicas hold.

Users are only ever added, and wait for their answers. By the interactive response time law, R = N /
X - Z (Denning and Buzen 1978), users beyond those that saturate a service at X requests/s wait
longer and make no more requests; with a pause Z of about twice the SLO's latency, some quarter more
users than saturate it still meet the SLO. So a level that is saturated passes, and its throughput,
which does not depend on where exactly the levels lie, is the highest rate that is held.
"""

from collections.abc import Sequence

from loadtests.question import SLO
from loadtests.verdicts import Step

PAUSES = 2.0  # mean pause between two requests, in latencies of the SLO
RATIO = 1.25  # of users, from level to level
BEGIN = 0.64  # of what is expected: two levels below it
LEVELS = 8  # up to three times of what is expected
FAILING_LEVELS = 2
# Throughput that a failing level adds at least where there is more to be had.
GROWTH = 1.05
ATTEMPTS = 3
DOWN, UP = 0.25, 3.0  # what is expected after all levels failed, or all passed


def levels(expected_per_s: float, pause_s: float, most: int) -> list[int]:
    """Return rising numbers of users around those who ask for an expected rate, `most` at most."""
    begin = BEGIN * expected_per_s * pause_s
    wanted = [max(1, round(begin * RATIO**level)) for level in range(LEVELS)]
    within = [users for users in wanted if users <= most]
    return sorted(set(within if len(within) == LEVELS else [*within, most]))


def climbs_on(seen: Sequence[Step], slo: SLO) -> bool:
    """Say whether more users are added.

    Not once two levels in a row failed, nor once one failed that had no more throughput than the
    best of those that passed: then the service is saturated, and more users only wait.
    """
    last = seen[-1]
    if last.passes(slo):
        return True
    passed = [rate_of(step) for step in seen if step.passes(slo)]
    if passed and rate_of(last) <= GROWTH * max(passed):
        return False
    return len(seen) < FAILING_LEVELS or any(s.passes(slo) for s in seen[-FAILING_LEVELS:])


def rate_of(step: Step) -> float:
    """Return how many requests ended a second at a level, failed ones included."""
    seconds = step.steady_end_s - step.steady_start_s
    return step.requests / seconds if seconds > 0 else 0.0


def next_expected(expected_per_s: float, seen: Sequence[Step], slo: SLO) -> float | None:
    """Return what to expect instead after a staircase that found no edge; None: it found one."""
    passes = [step.passes(slo) for step in seen]
    if not any(passes):
        return DOWN * expected_per_s
    return None if not all(passes) else UP * expected_per_s
