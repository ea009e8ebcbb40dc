"""Did as many requests arrive as an open load asks for, and was somebody free to send them?"""

import math

import numpy as np

from loadtests.analysis import delivery
from loadtests.analysis.delivery import DELIVERED_ERRORS, DELIVERED_SLACK
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import columns
from loadtests.generator.schedule import RateRamp
from loadtests.question import POISSON, Workload

# Of arrivals: so many may find no user free, though the service was not why; as many as the load
# may fall short by.
UNEXPLAINED_SHARE = DELIVERED_SLACK


def delivered(evidence: Evidence) -> Check:
    """Check that the load was what was asked for: of an open one its rate, else its users'."""
    if evidence.trial.question.workload.is_open:
        return _at_its_rate(evidence)
    return delivery.delivered(evidence)


def _at_its_rate(evidence: Evidence) -> Check:
    """Check that as many requests arrived as the rate says, and that somebody was free to send.

    A Poisson count varies by its square root; constant arrivals vary by none, and by one at either
    end. Fewer arrivals, or fewer requests of this project's own script, which sends one for each,
    are a lighter load and void both verdicts; what nobody was free to send is a request too, and
    unanswered. What somebody else's script makes of an arrival, more or less than one request, is
    said and voids nothing.

    Where nobody was free although the service kept few of the users, the script kept them itself,
    and what arrived then was late through no fault of the service: that voids a `fails`. What
    arrived late since the service kept nearly all of them was late by its doing.
    """
    trial = evidence.trial
    workload, phases = trial.question.workload, trial.phases
    start_s = columns(evidence)[0]
    seconds = phases.steady_end_s - phases.steady_start_s
    if len(start_s) == 0:
        return delivery.delivered(evidence)
    if seconds <= 0:
        return Check("delivered", True, "no steady state: not told", None)
    inside = (start_s >= phases.steady_start_s) & (start_s < phases.steady_end_s)
    sent, implied = int(np.count_nonzero(inside)), workload.expected_rps() * seconds
    reading = Reading(f"{sent / seconds:,.1f}", "requests/s")
    seen = f"{reading.text} {reading.unit} sent of {workload.rate_per_s:,g} arrivals/s asked for"
    if too_few := _too_few(evidence, sent, implied):
        advice = (
            "The load was lighter than asked: give the generator more CPU, or ask for a lower rate"
        )
        return Check("delivered", False, f"{seen}{too_few}", reading, Voids.BOTH, advice)
    if trial.generator.arrivals_unexplained > UNEXPLAINED_SHARE * trial.generator.arrivals:
        return _kept_by_the_script(evidence)
    heavier = sent > implied + _margin(workload, implied)
    if heavier or trial.own_script is False:
        seen = f"{seen}: {sent / implied:,.1f} requests for every arrival"
    advice = "The load was heavier than asked: see that nothing else sends, then repeat"
    sound = not (heavier and trial.own_script)
    return Check("delivered", sound, seen, reading, Voids.FAILS, advice)


def _too_few(evidence: Evidence, sent: int, implied: float) -> str:
    """Say what was too few, arrivals in the whole load or requests in steady state; "" for none."""
    trial = evidence.trial
    workload, made = trial.question.workload, trial.generator.arrivals
    whole = RateRamp(0.0, workload.ramp_up_s, 0.0, workload.expected_rps())
    expected = whole.expected(trial.phases.steady_end_s)
    if made < expected - _margin(workload, expected):
        return f", {made:,} arrivals of {expected:,.0f} in all"
    ours = trial.own_script is not False
    return " in steady state" if ours and sent < implied - _margin(workload, implied) else ""


def _margin(workload: Workload, expected: float) -> float:
    chance = math.sqrt(expected) if workload.arrivals == POISSON else 1.0
    return DELIVERED_SLACK * expected + DELIVERED_ERRORS * chance


def _kept_by_the_script(evidence: Evidence) -> Check:
    report = evidence.trial.generator
    reading = Reading(f"{report.arrivals_unexplained:,}")
    return Check(
        "delivered",
        False,
        f"{reading.text} of {report.arrivals:,} arrivals found no user free, though few of them "
        "waited for the service",
        reading,
        Voids.FAILS,
        "The script's tasks take long by themselves: shorten them, or ask for a longer timeout_s, "
        "by which more users stand ready",
    )
