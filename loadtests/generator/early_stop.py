"""When a load is stopped early: more has failed than all of it may have."""

import math
from dataclasses import dataclass


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
        return max(self.requests, math.ceil(users + again_per_s * self.user_s))

    def judge(self, failures: int, sent: int, users: int, user_s: float) -> StoppedEarly | None:
        """Return why to stop, None to go on; users and their time together are those so far."""
        whole = self.requests_of_whole(sent, users, user_s)
        if failures <= self.error_rate * whole:
            return None
        return StoppedEarly(f"{failures} requests had failed", whole)
