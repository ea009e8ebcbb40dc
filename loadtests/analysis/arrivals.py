"""Did as many requests arrive as an open load asks for, and was somebody free to send them?"""

import math

import numpy as np

from loadtests.analysis import delivery
from loadtests.analysis.delivery import DELIVERED_ERRORS, DELIVERED_SLACK
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.latency import columns
from loadtests.question import POISSON

# Of arrivals: so many may find no user free, though the service was not why; as many as the load
# may fall short by.
UNEXPLAINED_SHARE = DELIVERED_SLACK


def delivered(evidence: Evidence) -> Check:
    """Check that the load was what was asked for: of an open one its rate, else its users'."""
    if evidence.trial.question.workload.is_open:
        return _at_its_rate(evidence)
    return delivery.delivered(evidence)


def _at_its_rate(evidence: Evidence) -> Check:
    """Check that as many requests as the rate says were meant to go in the steady state.

    A Poisson count varies by its square root; constant arrivals vary by none, and by one at either
    end. What nobody was free to send is a request too, and unanswered. So too few mean a task that
    sends nothing, or a generator that stood still: a lighter load, which voids both verdicts. More
    than that is a script that asks more than once for each arrival; it is said.

    Where nobody was free although the service kept few of the users, the script kept them itself,
    and what arrived then was late through no fault of the service: that voids a `fails`. What
    arrived late since the service kept nearly all of them was late by its doing.
    """
    trial = evidence.trial
    workload, phases, report = trial.question.workload, trial.phases, trial.generator
    start_s = columns(evidence)[0]
    seconds = phases.steady_end_s - phases.steady_start_s
    if seconds <= 0:
        return Check("delivered", True, "no steady state: not told", None)
    inside = (start_s >= phases.steady_start_s) & (start_s < phases.steady_end_s)
    sent = int(np.count_nonzero(inside))
    implied = workload.expected_rps() * seconds
    chance = math.sqrt(implied) if workload.arrivals == POISSON else 1.0
    margin = DELIVERED_SLACK * implied + DELIVERED_ERRORS * chance
    reading = Reading(f"{sent / seconds:,.1f}", "requests/s")
    seen = f"{reading.text} {reading.unit} sent of {workload.rate_per_s:,g} asked for"
    if sent < implied - margin:
        advice = (
            "The load was lighter than asked: give the generator more CPU, or look at the users' "
            "script for a task that sends nothing"
        )
        return Check("delivered", False, seen, reading, Voids.BOTH, advice)
    if report.arrivals_unexplained > UNEXPLAINED_SHARE * max(1, report.arrivals):
        seen = (
            f"{report.arrivals_unexplained:,} of {report.arrivals:,} arrivals found no user free, "
            "though few of them waited for the service"
        )
        advice = (
            "The script's tasks take long by themselves: shorten them, or ask for a longer "
            "timeout_s, by which users stand ready"
        )
        reading = Reading(f"{report.arrivals_unexplained:,}")
        return Check("delivered", False, seen, reading, Voids.FAILS, advice)
    if sent > implied + margin:
        seen = f"{seen}: {sent / implied:,.1f} requests for every arrival"
        advice = "The load was heavier than asked: see that nothing else sends, then repeat"
        return Check("delivered", not trial.own_script, seen, reading, Voids.FAILS, advice)
    return Check("delivered", True, seen, reading, Voids.BOTH)
