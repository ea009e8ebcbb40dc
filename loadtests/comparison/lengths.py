"""How long a simulated trial is under load: whole, cut short by time-outs, or ended by a kill."""

import math

from loadtests.comparison.problem import Begun
from loadtests.question import Question

QUESTION = Question()
LONG_STEADY_S = 120.0
RAMP_UP_FAILURES_S = 22.0  # when requests of a starved service time out, and how a ramp-up may end
KILLED_FROM_S = 4.0  # no container with next to no memory dies sooner


def steady_s(trial: Begun) -> float:
    """Return how long the steady state of a trial is."""
    return LONG_STEADY_S if trial.is_long else QUESTION.workload.steady_s


def full_s(trial: Begun) -> float:
    """Return how long a trial is under load that runs to its end."""
    workload = QUESTION.workload
    return workload.ramp_up_s + workload.warm_up_s + steady_s(trial)


def failing_s(trial: Begun, margin: float) -> float:
    """Return how long a failing trial lasts: it is stopped early once too much has failed.

    `margin` is how far its CPU lies above the edge, log. Users of a closed load wait
    R = Z (need / cpus - 1) each, beyond the timeout where CPU is so scarce (from N = X (R + Z),
    Little 1961). What is only slow is looked at to its end.
    """
    workload = QUESTION.workload
    if math.exp(margin) < 1 / (1 + workload.timeout_s / workload.think_mean_s):
        return RAMP_UP_FAILURES_S
    return full_s(trial)


def killed_s(granted_mib: float, needed_mib: float) -> float:
    """Return how long a trial lasts that is killed when so much of its memory is used up."""
    return max(KILLED_FROM_S, RAMP_UP_FAILURES_S * granted_mib / needed_mib)
