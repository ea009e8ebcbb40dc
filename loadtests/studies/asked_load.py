"""Which load is asked for: closed, or open at a rate, and what goes together."""

from loadtests.errors import QuestionError
from loadtests.question import CLOSED, OPEN, POISSON, Workload

MINIMUM = "minimum"
USERS = "users"
RATE = "rate"
FINDS = (MINIMUM, USERS, RATE)


def find_of(find: str) -> str:
    """Return what is looked for; raises QuestionError for what cannot be."""
    if find not in FINDS:
        raise QuestionError(f"find is {find!r}; it must be one of {', '.join(FINDS)}")
    return find


def load_of(closed: Workload, find: str, arrivals: str, rate: float | None) -> Workload:
    """Return the load that is asked for: of users, or of arrivals at a rate.

    To find a rate arrivals are Poisson where nothing else is said. Raises QuestionError for a rate
    without arrivals, or arrivals without a rate.
    """
    if arrivals not in (CLOSED, *OPEN):
        raise QuestionError(f"arrivals is {arrivals!r}; it must be {CLOSED} or {' or '.join(OPEN)}")
    if find_of(find) == RATE:
        if rate is None:
            raise QuestionError(
                "rate is None; to find a rate, say the most arrivals/s to ask with (rate)"
            )
        return closed.opened(POISSON if arrivals == CLOSED else arrivals, rate)
    if arrivals == CLOSED:
        if rate is not None:
            raise QuestionError(
                f"rate is {rate!r}, and users who wait for answers have none: leave it out, or say "
                f"how they come (arrivals {' or '.join(OPEN)})"
            )
        return closed
    if find == USERS:
        raise QuestionError(
            f"arrivals is {arrivals!r}, which is a load without users; to find how much of it is "
            "held, find the rate (find 'rate')"
        )
    if rate is None:
        raise QuestionError(f"arrivals is {arrivals!r}; say how many come a second (rate)")
    return closed.opened(arrivals, rate)
