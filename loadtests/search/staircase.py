"""The live staircase: from an ample setting down, until CPU no longer suffices.

It screens and never decides: queues left by one level weigh on the next, and nothing is cold.
"""

import math
from collections.abc import Sequence

from loadtests.question import SLO
from loadtests.verdicts import Forecast, Step

FAILING_LEVELS = 2
MOST_LEVELS = 12


def next_cpus(seen: Sequence[Step], steps: Sequence[float], slo: SLO) -> float | None:
    """Return the CPU limit of the next level, None when the staircase is over.

    After the ample level a jump, then down step by step until two levels have failed. A jump that
    went too far is taken back to half way up, until a level passes just above one that fails. What
    waits behind a failed level would fail every level above it too, so before any step upwards the
    ample limit is given back until it passes again. An ample level that fails at first ends it all:
    less can only be worse.
    """
    ample = seen[0].cpus
    if not seen[0].passes(slo) or len(seen) >= MOST_LEVELS:
        return None
    if len(seen) == 1:
        return _jump(seen[0], steps)
    passed = {steps.index(level.cpus) for level in seen if level.passes(slo)}
    failed = {steps.index(level.cpus) for level in seen if level.cpus != ample} - passed
    last, edge = steps.index(seen[-1].cpus), min(passed)
    if seen[-1].cpus == ample:  # given back after a level that failed
        return steps[(max(failed) + edge) // 2] if seen[-1].passes(slo) else ample
    if seen[-1].passes(slo):
        over = last - 1 in failed
    elif edge > max(failed) + 1:  # it went too far: there are steps between
        return ample
    else:
        over = len(failed) >= FAILING_LEVELS
    return None if over or last == 0 else steps[last - 1]


def _jump(ample: Step, steps: Sequence[float]) -> float | None:
    below = [step for step in steps if step < ample.cpus]
    if not below:
        return None
    if ample.cpu_cores is None:
        return below[-1]
    # A request takes less CPU the fewer are served at a time, so the edge lies below this step.
    enough = [step for step in below if step >= ample.cpu_cores]
    return enough[0] if enough else below[-1]


def least_passing(seen: Sequence[Step], slo: SLO) -> float | None:
    """Return the least CPU limit that passed with every level above it; None where none did.

    A limit that was given back until it passed again has passed.
    """
    passed = {level.cpus for level in seen if level.passes(slo)}
    least = None
    for cpus in sorted({level.cpus for level in seen}, reverse=True):
        if cpus not in passed:
            break
        least = cpus
    return least


def forecast(
    seen: Sequence[Step], memory_mib: float, slo: SLO, speed: float | None = None
) -> Forecast:
    """Return where the least setting is expected: the least CPU that passed, the memory in use.

    It turns half way, in log, between that and the most below it that failed; `speed` is that of
    the CPU meanwhile, relative to the reference.

    Memory gets no margin: a step too little is killed within the ramp-up, and is a trial that the
    proof needs anyway; a step too much costs a whole one. Where not even the ample level passed, it
    is forecast itself: a trial of it has to decide.
    """
    least = least_passing(seen, slo)
    if least is None:
        return Forecast(seen[0].cpus, memory_mib)
    below = max((level.cpus for level in seen if level.cpus < least), default=None)
    edge = None if below is None else math.sqrt(least * below) * (speed or 1.0)
    return Forecast(least, memory_mib, edge)
