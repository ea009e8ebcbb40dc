"""When a load is stopped early, and when its failures count as failing: one rule for both.

Failures prove an error rate above the allowed one when fewer than 2.5% of loads at the allowed one
would have so many. That is where the exact lower bound (Clopper and Pearson 1934) of a two-sided
95% interval is above it. They are held against all requests of a whole load: what is still to come
counts as right.

They must prove it without those of the worst burst. A service that was restarted, or paused by its
runtime or its host, fails everything for one or two seconds and some answers after: one event,
however many requests it meets. What fails a service that is too small goes on, so that waiting for
it to outlast a burst costs some four seconds.

Where no failure is allowed there is no rate to estimate: the first one breaks it, burst or not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

BURST_S = 3
# Whole seconds that a burst touches, wherever in a second it begins.
_SECONDS_TOUCHED = BURST_S + 1
# Requests are written down with so many digits of a second; the second in which one ended is read
# from those, so that the load and its record count alike.
END_DIGITS = 5
# Of loads at the allowed error rate, the share that may be called failing: one tail of 95%.
TAIL = 0.025


@dataclass(frozen=True)
class StoppedEarly:
    """Why a load was ended as hopeless, and how many requests all of it would have had."""

    reason: str
    requests_of_whole: int


@dataclass(frozen=True)
class EarlyStop:
    """The rule, as the job gives it. Slow answers are no reason to stop, only failures are."""

    error_rate: float  # of a whole load
    requests: int  # of a whole load, by users who ask once between two thinks
    user_s: float  # time of all users together in a whole load

    def requests_of_whole(self, sent: int, users: int, user_s: float) -> int:
        """Return how many requests the whole load would have, going by what was sent so far.

        Users whose script asks more than once between two thinks send more than planned.
        """
        again_per_s = max(0, sent - users) / user_s if user_s else 0.0
        return max(self.requests, sent, math.ceil(users + again_per_s * self.user_s))

    def judge(
        self, failed: Mapping[int, int], sent: int, users: int, user_s: float
    ) -> StoppedEarly | None:
        """Return why to stop, None to go on.

        `failed` are the failures so far by the second in which they ended; users and their time
        together are those so far.
        """
        failures = sum(failed.values())
        whole = self.requests_of_whole(sent, users, user_s)
        # Most looks end here, before the worst burst is looked for.
        if failures <= self.error_rate * whole:
            return None
        if not proves_failing(failed, whole, self.error_rate):
            return None
        return StoppedEarly(f"{failures} requests had failed", whole)


def proves_failing(failed: Mapping[int, int], requests: int, error_rate: float) -> bool:
    """Say whether failures prove an error rate above the allowed one, a lone burst left out.

    `failed` are they by the second in which they ended, `requests` all requests of the whole load.
    """
    if error_rate == 0:
        return any(failed.values())
    return exceeds(outside_burst(failed), requests, error_rate)


def outside_burst(failed: Mapping[int, int]) -> int:
    """Return how many failed outside the worst burst; more failures never make it fewer."""
    touched = range(_SECONDS_TOUCHED)
    worst = max((sum(failed.get(s + i, 0) for i in touched) for s in failed), default=0)
    return sum(failed.values()) - worst


def exceeds(failures: int, requests: int, error_rate: float) -> bool:
    """Say whether so many failures of so many requests prove an error rate above a given one.

    P(at least so many | error_rate) <= TAIL, a binomial tail. The rate is above 0 and below 1.
    """
    if failures <= error_rate * requests:  # at most the median, so that the tail is half or more
        return False
    if failures > requests:
        return True
    chance = math.exp(
        math.lgamma(requests + 1)
        - math.lgamma(failures + 1)
        - math.lgamma(requests - failures + 1)
        + failures * math.log(error_rate)
        + (requests - failures) * math.log1p(-error_rate)
    )
    odds, tail = error_rate / (1 - error_rate), 0.0
    # Above the mean each term is less than the one before, so the loop ends soon either way.
    for more in range(failures, requests + 1):
        tail += chance
        if tail > TAIL:
            return False
        if chance <= 1e-9 * tail:
            break
        chance *= (requests - more) / (more + 1) * odds
    return True
