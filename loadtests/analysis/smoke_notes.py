"""What one user saw, in sentences: what was asked and how it ended, and what to know of it."""

from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.objective_notes import slow_alone
from loadtests.analysis.smoke_fault import NAMES_AT_MOST, fault, told, was_not_ready
from loadtests.analysis.smoke_test import SmokeTest

SLEEPS_S = 0.5  # a cycle that lasts so much longer than its answers has a sleep of its own
FIRST_TIMES = 5.0  # a first call that takes so many times the usual is told apart
FIRST_MS = 500.0  # and at least so long
_IN_RAMP_UP = "in a trial that falls into the ramp-up."


def who(seen: SmokeTest) -> str:
    """Say who asked, and what the replica had."""
    alone = f"alone with {seen.setting.label},"
    if seen.users == 1:
        return f"One user, {alone}"
    return f"{seen.users} users, one of each kind, {alone}"


def notes(seen: SmokeTest) -> list[str]:
    """Say what was seen, in sentences: first what was asked and how it ended, then what to know."""
    found = fault(seen)
    if found is not None:
        advice = f"{found.advice[0].upper()}{found.advice[1:]}."
        return [f"{who(seen)} {found.what}.", advice, *_health(seen)]
    some = f", {seen.failures:,} of which failed" if seen.failures else ", all of which ended well"
    said = [f"{who(seen)} made {formats.count(seen.requests, 'call')}{some}.", _cycle(seen)]
    return [
        *said,
        *_failing(seen),
        *_slow(seen),
        *slow_alone(seen),
        *_elsewhere(seen),
        *_not_reached(seen),
        *_health(seen),
    ]


def _elsewhere(seen: SmokeTest) -> list[str]:
    """Say which calls were answered by another page, which may be none that is meant."""
    if not seen.redirected:
        return []
    named = [f"{name} to {path}" for name, path in seen.redirected.items()][:NAMES_AT_MOST]
    return [
        f"The service sent calls on elsewhere: {formats.listing(named)}. See that this is the page "
        "that is meant, and none that asks to log in."
    ]


def _health(seen: SmokeTest) -> list[str]:
    return [] if seen.health is None else [f"{seen.health}."]


def _failing(seen: SmokeTest) -> list[str]:
    failing = [endpoint for endpoint in seen.endpoints if endpoint.failures]
    if not failing:
        return []
    if was_not_ready(seen):
        return [
            f"What failed, did so within the first {seen.failing_first_s:.1f} s: {told(failing)}. "
            f"It starts something, such as loading a model; {_IN_RAMP_UP}"
        ]
    return [f"What failed, fails with one user already, so not for want of CPU: {told(failing)}."]


def _slow(seen: SmokeTest) -> list[str]:
    """Say what is slow with one user: the first call, or more of them than the SLO allows."""
    said, answered = [], seen.requests - seen.failures
    usual_ms = max((endpoint.median_ms for endpoint in seen.endpoints), default=0.0)
    first_ms = seen.first_ms or 0.0
    if first_ms >= max(FIRST_MS, FIRST_TIMES * usual_ms):
        said.append(
            f"The first call took {formats.milliseconds(first_ms)}, later ones far less: it starts "
            f"something, such as loading a model; {_IN_RAMP_UP}"
        )
    surely = (
        stats.binomtest(seen.slow, answered).proportion_ci(CONFIDENCE, "exact").low
        if answered
        else 0.0
    )
    if surely > seen.slo.slow_share:
        limit, may = formats.milliseconds(seen.slo.latency_ms), formats.share(seen.slo.slow_share)
        said.append(
            f"{formats.share(seen.slow / answered)} of the calls took longer than {limit} with one "
            f"user already, where {may} may: more users will hardly be answered faster."
        )
    return said


def _not_reached(seen: SmokeTest) -> list[str]:
    if not seen.tasks_not_run:
        return []
    named, more = seen.tasks_not_run[:NAMES_AT_MOST], len(seen.tasks_not_run) - NAMES_AT_MOST
    names = formats.listing([*named, f"{more} more"] if more > 0 else [*named])
    return [
        f"Not reached in {seen.seconds:.0f} s: {names}. Of what they call nothing is known yet."
    ]


def _cycle(seen: SmokeTest) -> str:
    """Say how many calls there are between two thinks, and how long they take."""
    if not seen.thinks:
        return f"It never came to think within {seen.seconds:.0f} s."
    each = seen.requests / seen.thinks
    takes_s = max(0.0, seen.users * seen.seconds / seen.thinks - seen.think_mean_s)
    answers_s = sum(e.median_ms * e.requests for e in seen.endpoints) / 1000 / seen.thinks
    sleeps = takes_s - answers_s > SLEEPS_S
    own = f", of which {takes_s - answers_s:.1f} s are the script's own sleep" if sleeps else ""
    calls = "call" if round(each, 1) == 1 else "calls"
    return f"Between two thinks it makes {each:.2g} {calls} in {takes_s:.2g} s{own}."
