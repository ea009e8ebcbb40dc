"""The levels of the live staircase."""

import pytest

from loadtests.question import SLO
from loadtests.search.staircase import forecast, least_passing, next_cpus
from loadtests.verdicts import Forecast, Step
from tests.evidence_log import log_case
from tests.search.services import level

STEPS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0)
DEFAULT_SLO = SLO()


def climbed(edge: float, used: float | None, limit: int = 30) -> list[float]:
    """Return the CPU limits of a staircase whose levels pass from `edge` on."""
    seen = [level(STEPS[-1], STEPS[-1] >= edge, used)]
    while len(seen) < limit:
        following = next_cpus(seen, STEPS, DEFAULT_SLO)
        if following is None:
            return [one.cpus for one in seen]
        seen.append(level(following, following >= edge))
    raise AssertionError("it does not end")


CASES = [
    (0.22, 0.27, [1.0, 0.3, 0.25, 0.2, 0.15], "down until two have failed"),
    (0.05, 0.2, [1.0, 0.2, 0.15, 0.1], "down to the last step there is"),
    (0.5, 0.2, [1.0, 0.2, 1.0, 0.3, 1.0, 0.4, 1.0, 0.6], "a jump too far is taken back"),
    (0.25, None, [1.0, 0.6, 0.4, 0.3, 0.25, 0.2, 0.15], "without a jump where no CPU was told"),
    (2.0, 0.9, [1.0], "an ample level that fails ends it"),
    (0.9, 0.2, [1.0, 0.2, 1.0, 0.3, 1.0, 0.4, 1.0, 0.6], "only the ample level passes"),
]


@pytest.mark.parametrize(("edge", "used", "levels", "what"), CASES)
def test_the_levels_of_a_staircase(edge, used, levels, what):
    assert climbed(edge, used) == levels, what


@pytest.mark.parametrize("edge", [0.05, 0.12, 0.22, 0.35, 0.5, 0.9])
@pytest.mark.parametrize("used", [0.05, 0.2, 0.6, None])
def test_every_staircase_ends_and_finds_its_edge(edge, used):
    cpus = climbed(edge, used)
    seen = [level(step, step >= edge) for step in cpus]
    assert least_passing(seen, DEFAULT_SLO) == min(step for step in STEPS if step >= edge)


def test_a_backlog_is_worked_off_before_any_step_upwards():
    """Those who still wait behind a failed level would fail the one above it too."""
    seen = [level(1.0, True), level(0.2, False), level(1.0, False)]
    not_yet = next_cpus(seen, STEPS, DEFAULT_SLO)
    now = next_cpus([*seen, level(1.0, True)], STEPS, DEFAULT_SLO)
    log_case(
        "mended",
        "backlog of a staircase",
        "1 CPU passed, 0.2 CPU failed and left a backlog",
        f"{not_yet} CPU until it passes, then {now} CPU",
        (not_yet, now) == (1.0, 0.3),
        "0.25 CPU at once, which failed of the backlog",
    )
    assert (not_yet, now) == (1.0, 0.3)


def test_a_limit_given_back_while_a_backlog_lasts_is_no_failure_of_it():
    seen = [level(1.0, True), level(0.2, False), level(1.0, False), level(1.0, True)]
    assert least_passing([*seen, level(0.4, True)], DEFAULT_SLO) == 0.4


def test_a_level_that_passes_below_one_that_fails_is_luck():
    seen = [level(1.0, True), level(0.4, True), level(0.3, False), level(0.25, True)]
    assert least_passing(seen, DEFAULT_SLO) == 0.4


def test_the_forecast_is_the_least_that_passed_and_the_memory_in_use():
    seen = [level(1.0, True), level(0.4, True), level(0.3, False)]
    told = forecast(seen, 100.0, DEFAULT_SLO)
    assert (told.cpus, told.memory_mib) == (0.4, 100.0)


@pytest.mark.parametrize(
    ("levels", "speed", "edge", "what"),
    [
        ([(1.0, True), (0.4, True), (0.3, False)], None, 0.346, "half way, in log"),
        ([(1.0, True), (0.4, True), (0.3, False)], 0.8, 0.277, "the same on a slow CPU"),
        ([(1.0, True), (0.4, True)], None, None, "nothing failed"),
        ([(1.0, False)], None, None, "nothing passed"),
    ],
)
def test_the_edge_is_expected_between_what_passed_and_what_failed(levels, speed, edge, what):
    seen = [level(cpus, passes) for cpus, passes in levels]
    told = forecast(seen, 200, DEFAULT_SLO, speed).edge_cpus
    assert told == (None if edge is None else pytest.approx(edge, abs=1e-3)), what


def test_where_not_even_the_ample_level_passed_it_is_forecast_itself():
    assert forecast([level(1.0, False)], 100.0, DEFAULT_SLO) == Forecast(1.0, 100.0)


def test_a_level_without_a_request_does_not_pass():
    assert not Step(1.0, 10, 0, 0, 0, None).passes(SLO())
