"""Was the load what was asked for? Less of it fakes a `holds`, more of it a `fails`."""

import math

import numpy as np

from loadtests.analysis import generator_health
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import Floats, columns
from loadtests.analysis.rhythm import Rhythm, rhythm_of, users_there
from loadtests.analysis.trial_length import ended_early
from loadtests.analysis.worker_health import of_worst
from loadtests.question import Workload

# Locust #2341: 10,000 users asked for, 2,018 spawned. A quarter more than the ramp-up is lateness
# that the settling time still hides.
RAMP_UP_SLACK = 1.25
SPAWN_TICK_S = 1.0  # Locust spawns once a second, which matters on short ramp-ups
LOST_SHARE = 0.001  # users that may end early: a tenth of what the load may fall short by
DELIVERED_SLACK = 0.01  # that the load may fall short of, or go beyond, what Little's law implies
DELIVERED_ERRORS = 3.0  # and three standard errors, so that few users do not trip it by chance
CYCLE_SLACK = 0.1  # a cycle that is nearly whole counts as one
# What ends a user by the will of its script.
_BY_SCRIPT = ("StopUser", "SystemExit")


def users(evidence: Evidence) -> Check:
    """Check that all users arrived within 1.25 ramp-ups and stayed.

    A trial that ended before they could all be there must have been on schedule until then.
    """
    workload, report, phases = (
        evidence.trial.question.workload,
        evidence.trial.generator,
        evidence.trial.phases,
    )
    limit_s = RAMP_UP_SLACK * workload.ramp_up_s + SPAWN_TICK_S
    stayed = report.users_lost <= LOST_SHARE * workload.users
    if ended_early(evidence) and phases.spawned_s is None and phases.steady_end_s < limit_s:
        due = min(
            workload.users,
            workload.spawn_rate * (phases.steady_end_s - SPAWN_TICK_S) / RAMP_UP_SLACK,
        )
        arrived = report.users_reached >= due
        when = f"when the trial ended after {phases.steady_end_s:.0f} s"
    else:
        spawned_s = math.inf if phases.spawned_s is None else phases.spawned_s
        arrived = report.users_reached >= workload.users and spawned_s <= limit_s
        when = "and never more" if phases.spawned_s is None else f"after {phases.spawned_s:.0f} s"
    reading = Reading(f"{report.users_reached:,}")
    seen = f"{reading.text} of {workload.users:,} users {when}, {report.users_lost:,} lost"
    if report.users_lost:
        most = of_worst(evidence.trial, "users_lost")
        seen += f", most{most}" if most else ""
    if report.users_ended > LOST_SHARE * workload.users:
        name, times = max(report.script_errors.items(), key=lambda item: item[1])
        return Check(
            "users",
            False,
            f"{seen}: {report.users_ended:,} ended by an error of their on_start or after a call "
            f"that failed ({name}, {times:,} times)",
            reading,
            # Fewer users than asked, of whom as many failed: what fails so, fails with all.
            Voids.HOLDS,
            "Users ended as they came: see in generator.log what was raised, and whether the "
            "service or the script is to be mended",
        )
    return Check(
        "users",
        arrived and stayed,
        f"{seen} (all expected within {limit_s:.0f} s)",
        reading,
        Voids.BOTH,
        _why_so_few(evidence),
    )


def _why_so_few(evidence: Evidence) -> str:
    raised = evidence.trial.generator.script_errors
    by_script = {name: raised[name] for name in _BY_SCRIPT if raised.get(name)}
    if by_script:
        name, times = max(by_script.items(), key=lambda item: item[1])
        return (
            f"The script ended its users itself ({name}, {times:,} times): how many there are is "
            "the question's, so let them go on, such as by RescheduleTask in place of StopUser"
        )
    return (
        "The load was lighter than asked: give the generator more CPU, lower spawn_rate, or read "
        "generator.log for users that ended with an error"
    )


def delivered(evidence: Evidence) -> Check:
    """Check that users sent what a closed load implies: Little's law, N = X (R + Z).

    Little (1961), applied to the users who think: X = (N - L) / Z, with L the users in flight on
    average, from every request's begin and end; the same as N / (R + Z), yet right for requests
    cut off at the end. The window is whole cycles of R + Z, so that users who arrived together
    count evenly, or the whole steady state where it is shorter than one; users who think alike all
    the same, as after a stall of the service, are allowed for by what is left of their thinking at
    both ends of the window.

    Users whom the service kept waiting are among those in flight, so too few requests are of users
    who did not send: that is the generator's doing or the script's, never the service's, and voids
    both verdicts. Too many are another load as well, and one that can only make the service look
    worse. This project's script asks once between two thinks. How often another means to ask is
    told by how often its users thought: where that is as often as they could, what they sent is
    what the script makes of it, more or less than one request, and voids nothing.
    """
    workload, phases = evidence.trial.question.workload, evidence.trial.phases
    start_s, latency_ms, _, in_flight = columns(evidence)
    if len(start_s) == 0:
        none = Reading("0", "requests/s")
        return Check("delivered", False, *_why_none(evidence, none))
    took_s = np.minimum(latency_ms / 1000, workload.timeout_s)
    inside = (start_s >= phases.steady_start_s) & (start_s < phases.steady_end_s)
    cycle_s = workload.think_mean_s + (float(took_s[inside].mean()) if inside.any() else 0.0)
    steady_s = phases.steady_end_s - phases.steady_start_s
    cycles = math.floor(steady_s / cycle_s + CYCLE_SLACK)
    width_s = min(cycles * cycle_s, steady_s) if cycles else steady_s
    end_s = phases.steady_end_s
    if width_s <= 0:
        return Check("delivered", True, "no steady state: not told", None)
    begin_s = end_s - width_s
    overlap_s = np.minimum(start_s + took_s, end_s) - np.maximum(start_s, begin_s)
    waiting = float(overlap_s.clip(0).sum()) / width_s
    sent = int(np.count_nonzero((start_s >= begin_s) & (start_s < end_s)))
    # Of the thinks that began in the window, which last Z on average whoever thinks alike: what was
    # thought in it, less the rest of those from before, and with the rest of those at its end.
    thought_s = max(0.0, users_there(evidence) - waiting) * width_s
    ended_s = (start_s + took_s)[~in_flight]
    thought_s += _still_to_think(workload, ended_s, end_s)
    thought_s -= _still_to_think(workload, ended_s, begin_s)
    began = int(np.count_nonzero((ended_s >= begin_s) & (ended_s < end_s)))
    implied = max(0.0, thought_s / workload.think_mean_s + sent - began)
    margin = DELIVERED_SLACK * implied + DELIVERED_ERRORS * _chance(workload, width_s)
    reading = Reading(f"{sent / width_s:,.1f}", "requests/s")
    seen = (
        f"{reading.text} {reading.unit} sent of {implied / width_s:,.1f} implied by "
        f"{workload.users:,} users"
    )
    rhythm = rhythm_of(evidence)
    if sent < implied - margin and not (rhythm and rhythm.is_as_asked):
        advice = _why_too_few(evidence)
        return Check("delivered", False, seen, reading, Voids.BOTH, advice)
    if rhythm is not None:
        return _in_its_rhythm(rhythm, seen, reading)
    if sent > implied + margin and implied > 0:
        seen = f"{seen}: {sent / implied:,.1f} requests for every think time"
        advice = "The load was heavier than asked: see that nothing else sends, then repeat"
        sound = not evidence.trial.own_script
        return Check("delivered", sound, seen, reading, Voids.FAILS, advice)
    return Check("delivered", True, seen, reading, Voids.BOTH)


def _in_its_rhythm(rhythm: Rhythm, seen: str, reading: Reading) -> Check:
    """Return what is to be said of somebody's own script that sent enough."""
    if rhythm.ever_thinks:
        return Check("delivered", True, f"{seen}: {rhythm.sentence}", reading, Voids.BOTH)
    return Check(
        "delivered",
        False,
        f"{seen}: users hardly ever thought, {rhythm.thinks:,} times",
        reading,
        Voids.FAILS,
        "The load was heavier than asked: let the script's tasks end, and its task sets be left by "
        "interrupt(reschedule=False), since users think between two tasks",
    )


def _why_none(evidence: Evidence, reading: Reading) -> tuple[str, Reading, Voids, str]:
    """Return what is to be said where no request was recorded: seen, reading, voids, advice."""
    report, seen = evidence.trial.generator, "no request was recorded"
    advice = "The generator sent nothing: read generator.log, then repeat"
    if report.script_errors:
        name, times = max(report.script_errors.items(), key=lambda item: item[1])
        seen = f"{seen}: the users' script raised {name} {times:,} times before any call"
        advice = "Mend the script; generator.log has where it was raised"
    elif report.not_judged:
        others = ", ".join(f"{count:,} {kind}" for kind, count in report.not_judged.items())
        seen = f"no HTTP call was made, and what the script reports is not judged: {others}"
        advice = "Give a script whose users make HTTP calls"
    return seen, reading, Voids.BOTH, advice


def _why_too_few(evidence: Evidence) -> str:
    if not generator_health.is_healthy(evidence):
        return "The generator was not healthy: give it more CPU or ask for fewer users, then repeat"
    raised = evidence.trial.generator.script_errors
    if raised:
        name, times = max(raised.items(), key=lambda item: item[1])
        return f"Users did not send: their script raised {name} {times:,} times; mend it"
    return (
        "Users did not send: look at the users' script: a task that sends nothing, a sleep of its "
        "own, or another wait_time"
    )


def _still_to_think(workload: Workload, ended_s: Floats, at_s: float) -> float:
    """Return for how long all users who think at at_s will go on, in seconds, as expected.

    The mean of (u - s)+ for u uniform in [a, b] and an answer that came s ago.
    """
    low, high = workload.think_time_s
    since_s = at_s - ended_s[(ended_s <= at_s) & (ended_s > at_s - high)]
    spread_s = max(high - low, 1e-9)
    within = (high - since_s) ** 2 / (2 * spread_s)
    return float(np.where(since_s < low, (low + high) / 2 - since_s, within).sum())


def _chance(workload: Workload, width_s: float) -> float:
    """Return the standard deviation of the requests that all users send in width_s seconds.

    Renewal theory: a user's count varies by cv^2 t / Z + 1/6 (Cox, "Renewal Theory", 1962, 4.5).
    """
    low, high = workload.think_time_s
    cv_squared = (high - low) ** 2 / 12 / workload.think_mean_s**2
    return math.sqrt(workload.users * (cv_squared * width_s / workload.think_mean_s + 1 / 6))
