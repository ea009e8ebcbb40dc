"""Where a live staircase expects the least setting: what its search begins with."""

from loadtests.analysis.calibration import calibrate
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.speed import reference_of
from loadtests.errors import RecordError
from loadtests.search import staircase
from loadtests.search.space import Space
from loadtests.verdicts import Forecast


def expected(stairs: Evidence, space: Space, reference_us: float | None) -> Forecast:
    """Return the forecast of a staircase.

    `reference_us` is the reference speed of the trials that follow, in microseconds; None: there is
    none. Without a level the ample setting did not survive its ramp-up, and where nothing was seen
    of its replicas they died at once: a trial has to tell.
    """
    seen, slo = stairs.trial.steps, stairs.trial.question.slo
    if not seen:
        return Forecast(space.ample.cpus, space.ample.memory_mib)
    try:
        expected_mib = calibrate(stairs).expected_mib
    except RecordError:
        return Forecast(space.ample.cpus, space.ample.memory_mib)
    seen_us = reference_of(stairs)
    speed = None if reference_us is None or seen_us is None else reference_us / seen_us
    return staircase.forecast(seen, expected_mib, slo, speed)
