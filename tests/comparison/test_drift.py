"""The speed of the CPU drifts as measured, the same for all, and takes back what real trials do."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from loadtests.analysis.cpu_speed import NEAR_THE_LIMIT, SPEED_TOLERANCE
from loadtests.comparison.drift import GAUGE_ERROR, MEMORY_S, SPREAD, is_voided, log_speed
from loadtests.verdicts import Verdict

HOLDS, FAILS, UNDECIDED, INVALID = Verdict
SLOW, SLOW_ENOUGH = 1 - SPEED_TOLERANCE - 0.001, 1 - SPEED_TOLERANCE + 0.001
FAST, FAST_ENOUGH = 1 + SPEED_TOLERANCE + 0.001, 1 + SPEED_TOLERANCE - 0.001


def speeds(at_s: float) -> list[float]:
    """Return log speed at one time for many services."""
    return [log_speed(seed, at_s, at_s) for seed in range(400)]


def test_the_speed_at_a_time_is_the_same_whoever_asks_and_whatever_was_asked_before():
    early = log_speed(7, 30.0, 60.0)
    late = log_speed(7, 30_000.0, 30_030.0)
    assert log_speed(7, 30.0, 60.0) == early
    assert log_speed(7, 30_000.0, 30_030.0) == late
    assert log_speed(8, 30.0, 60.0) != early


@pytest.mark.parametrize("at_s", [0.0, 100.0, 5000.0])
def test_the_speed_spreads_around_the_reference_as_measured_at_any_time(at_s: float):
    """Within four standard errors, from the first trial on."""
    found = speeds(at_s)
    assert np.std(found) == pytest.approx(SPREAD, abs=4 * SPREAD / math.sqrt(2 * len(found)))
    assert np.mean(found) == pytest.approx(0, abs=4 * SPREAD / math.sqrt(len(found)))


@pytest.mark.parametrize(("apart_s", "alike"), [(MEMORY_S, math.exp(-1)), (10 * MEMORY_S, 0.0)])
def test_the_speed_is_remembered_for_some_minutes(apart_s: float, alike: float):
    """Correlation falls to 1/e after its memory, and to nothing long after."""
    now, then = speeds(600.0), speeds(600.0 + apart_s)
    assert np.corrcoef(now, then)[0, 1] == pytest.approx(alike, abs=0.2)


def test_over_a_longer_time_the_mean_speed_spreads_less():
    hour = [log_speed(seed, 0.0, 3600.0) for seed in range(200)]
    assert np.std(hour) < 0.6 * np.std(speeds(0.0))


@pytest.mark.parametrize(
    ("own", "speed", "used", "voided", "what"),
    [
        (FAILS, SLOW, 0.9, True, "slow, and at the reference speed there were CPU enough"),
        (FAILS, SLOW, 1.08, False, "slow, but at the reference speed it were too little too"),
        (FAILS, SLOW_ENOUGH, 0.9, False, "hardly slower"),
        (FAILS, FAST, 0.9, False, "fast: that it fails is all the surer"),
        (HOLDS, FAST, NEAR_THE_LIMIT + 0.01, True, "fast, and near the edge"),
        (HOLDS, FAST, NEAR_THE_LIMIT - 0.01, False, "fast, but with CPU to spare"),
        (HOLDS, FAST_ENOUGH, 0.99, False, "hardly faster"),
        (HOLDS, SLOW, 0.99, False, "slow: that it holds is all the surer"),
        (UNDECIDED, SLOW, 0.9, False, "nothing to take back"),
        (INVALID, FAST, 0.99, False, "nothing to take back"),
    ],
)
def test_a_verdict_is_taken_back_where_it_may_be_the_speeds(own, speed, used, voided, what):
    assert is_voided(own, speed, used) is voided, what


def test_the_gauge_errs_as_the_page_on_repeatability_has_it():
    """What is left of the spread when divided by the fixed work, over all trials."""
    page = (Path(__file__).parents[2] / "docs" / "repeatability.md").read_text()
    left = re.search(
        r"^\| fixed work in the generator \| 45 \| [\d.]+% \| ([\d.]+)% \|", page, re.M
    )
    assert left is not None
    assert float(left[1]) / 100 == pytest.approx(GAUGE_ERROR)
