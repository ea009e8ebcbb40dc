"""What one user's calls mean: what fails for one user fails for nobody's lack of CPU or memory.

It is broken, not too small, and no search could say more of it. What fails now and then, or is only
slow, may be a matter of size, and is said (`smoke_notes`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.smoke_test import Endpoint, SmokeTest

# Calls of an endpoint that must all have failed before it is said to fail always: three of three
# rule out at 95% that fewer than a third fail (0.05 ** (1 / 3) = 0.37).
FEW = 3
NAMES_AT_MOST = 5  # in a sentence
HINTS_AT_MOST = 3

_HINTS = {
    "http_400": "see what the script sends; a host that the service does not know is one reason "
    "(HOST_HEADER)",
    "http_401": "it wants a log-in: let the script log in, in its on_start",
    "http_403": "it forbids this: let the script log in, in its on_start, or ask what it may",
    "http_404": "there is no such path: see the paths in the script",
    "http_405": "the path takes another method: see the script",
    "http_415": "it wants another Content-Type: see what the script sends",
    "http_421": "it does not know the host it is asked as: give HOST_HEADER",
    "http_422": "it does not take what the script sends",
    "http_429": "it limits how often one client may ask: lift that limit for the test",
    "refused": "nothing listens there any more",
    "reset": "the service closes the connection without an answer",
    "wrong_answer": "the script calls what it answers wrong",
    "other_host": "the script asks another host than the service, which is not put under load",
}
_UNREADY = ("refused", "reset", "unreachable", "timeout")  # and any error of the server
_SERVER_ERROR = "it is an error of the service: see its log"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one user alone, so that nothing else is started."""

    heading: str
    what: str  # what the user saw, as the end of a sentence that begins with who it was
    advice: str  # what to do, as a clause

    @property
    def sentence(self) -> str:
        """Both, after who it was."""
        return f"{self.what}; {self.advice}"


def fault(seen: SmokeTest) -> Fault | None:
    """Return what works for nobody, not even for one user; None where all does, now and then.

    Calls that always fail are a fault where their share alone, with chance allowed for, is more
    than the SLO's error rate: then no setting can keep it, whatever the load.
    """
    if seen.ended is not None:
        return Fault(
            "The service ended under one user",
            f"saw it end after {formats.count(seen.requests, 'call')}: {seen.ended}",
            "it had all the memory and CPU there is here, so no smaller setting can hold; see why "
            "it ends",
        )
    if not seen.endpoints:
        return _no_answer(seen)
    failing = _always_failing(seen)
    if not failing:
        return _not_ready_yet(seen) if was_not_ready(seen) else None
    every = len(failing) == len(seen.endpoints)
    if every and {word for e in failing for word in e.outcomes} == {"timeout"}:
        return Fault(
            "Too slow for one user",
            f"got no answer within {seen.timeout_s:g} s (TIMEOUT_S) to any of "
            f"{formats.count(seen.requests, 'call')} in {seen.seconds:.0f} s",
            "one user leaves nothing to wait for but the service itself, and it had all the CPU "
            "there is here: see why it takes so long, or ask with the TIMEOUT_S and P95_MS that "
            "it is meant to keep",
        )
    raised = f"; the script raised {seen.script_error}" if seen.script_error else ""
    calls = "every call fail" if every else "these calls always fail"
    rest = "" if every else _share(seen, failing)
    return Fault(
        "Broken, not too small",
        f"saw {calls}: {told(failing)}{rest}{raised}",
        f"{_hint(seen, failing)}. No CPU, memory or replica mends that: mend the service or the "
        "script, then ask again",
    )


def _no_answer(seen: SmokeTest) -> Fault:
    if seen.waiting:
        return Fault(
            "Too slow for one user",
            f"got no answer in {seen.seconds:.0f} s",
            "one user leaves nothing to wait for but the service itself: see why it takes so long",
        )
    others = ", ".join(f"{count:,} {kind}" for kind, count in seen.not_judged.items())
    what = f"; the {others} it reported are none, and are not judged" if others else ""
    raised = f"; the script raised {seen.script_error}" if seen.script_error else ""
    return Fault(
        "No HTTP call to judge",
        f"made no HTTP call within {seen.seconds:.0f} s{what}{raised}",
        "judged are HTTP calls: let the script make some with its own client (self.client), then "
        "ask again",
    )


def was_not_ready(seen: SmokeTest) -> bool:
    """Say whether calls failed at first alone, as those of a service do that is still starting.

    What answers that there is no such thing may as well wait for somebody to put it there.
    """
    ends = {word for endpoint in seen.endpoints for word in _ends(endpoint)}
    unready = all(word in _UNREADY or word.startswith("http_5") for word in ends)
    return seen.failing_first_s is not None and unready


def _not_ready_yet(seen: SmokeTest) -> Fault | None:
    """Return that calls failed until the service was ready, long after it said so."""
    if seen.failures < FEW:
        return None
    named = told([endpoint for endpoint in seen.endpoints if endpoint.failures])
    return Fault(
        "Not ready when it says so",
        f"saw every call of the first {seen.failing_first_s:.0f} s fail, and none later: {named}",
        f"GET {seen.health_path} answers before the service is ready, so its users would be sent "
        "too early in every trial: give a HEALTH_PATH that answers only then, or let this one wait",
    )


def _always_failing(seen: SmokeTest) -> list[Endpoint]:
    """Return what always fails, if that alone is more than the SLO, or its objective, allows."""
    failing = [endpoint for endpoint in seen.endpoints if endpoint.fails_always]
    if len(failing) == len(seen.endpoints):
        return failing
    failing = [endpoint for endpoint in failing if endpoint.requests >= FEW]
    failures = sum(endpoint.failures for endpoint in failing)
    surely = stats.binomtest(failures, seen.requests).proportion_ci(CONFIDENCE, "exact").low
    # One of each kind came; under load all that fails may be the rarest kind's.
    at_least = surely * seen.users * seen.rarest_share
    if at_least > seen.slo.error_rate:
        return failing
    return [endpoint for endpoint in failing if _has_objective(seen, endpoint)]


def _has_objective(seen: SmokeTest, endpoint: Endpoint) -> bool:
    return any(objective.name == endpoint.name for objective in seen.slo.objectives)


def _share(seen: SmokeTest, failing: Sequence[Endpoint]) -> str:
    if all(_has_objective(seen, endpoint) for endpoint in failing):
        return ", for which there is an objective"
    failures = sum(endpoint.failures for endpoint in failing)
    return (
        f", {formats.share(failures / seen.requests)} of its calls, where "
        f"{formats.share(seen.slo.error_rate)} may fail, with one user as with many"
    )


def told(endpoints: Sequence[Endpoint]) -> str:
    """Name endpoints with how often and how their calls failed."""
    said = [
        f"{e.name} ({e.failures:,} of {e.requests:,}: {formats.listing(_ends(e))}"
        f"{f', {e.said[0]}' if e.said else ''})"
        for e in endpoints[:NAMES_AT_MOST]
    ]
    more = len(endpoints) - len(said)
    return formats.listing([*said, f"{more:,} more"] if more else said)


def _ends(endpoint: Endpoint) -> list[str]:
    return [word for word in endpoint.outcomes if word != "ok"]


def _hint(seen: SmokeTest, failing: Sequence[Endpoint]) -> str:
    """Say what the commonest ends of the calls that fail point at."""
    ends: dict[str, int] = {}
    for endpoint in failing:
        for word in _ends(endpoint):
            ends[word] = ends.get(word, 0) + endpoint.outcomes[word]
    commonest = sorted(ends, key=lambda word: -ends[word])[:HINTS_AT_MOST]
    if len(ends) == 1:
        return _meaning(seen, commonest[0])
    return "; ".join(f"{word}: {_meaning(seen, word)}" for word in commonest)


def _meaning(seen: SmokeTest, word: str) -> str:
    if seen.script_error and seen.script_error.startswith(word):
        return "the script raises on what the service answers: one of the two is wrong"
    if word.startswith("http_5"):
        return _SERVER_ERROR
    return _HINTS.get(word, "see the service's log, and what the script makes of its answers")
