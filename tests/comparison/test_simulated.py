"""Simulated services need what they are said to need, and give everybody the same noise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from loadtests.comparison.needs import SCARCE, SHAPES, Need, draw_need, draw_space
from loadtests.comparison.simulated import (
    INVALID_SHARE,
    QUESTION,
    SimulatedService,
    combined,
    draw_service,
    slow_share,
)
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.comparison.problems import SPACE

HOLDS, FAILS, UNDECIDED, INVALID = Verdict
SERVICE = SimulatedService(7, SPACE, Need(0.35, 120.0))


def verdicts(service: SimulatedService, setting: Setting, seeds: int = 200) -> list[Verdict]:
    """Return the first trial's verdict under many draws of noise."""
    return [replace(service, seed=seed).finding(setting, 1).verdict for seed in range(seeds)]


# One level of a staircase: ramp-up, warm-up, and its steady state.
QUICKEST_S = (
    QUESTION.workload.ramp_up_s + QUESTION.workload.warm_up_s + QUESTION.workload.level_steady_s
)


@pytest.mark.parametrize("seed", range(60))
def test_more_of_either_never_makes_a_service_worse(seed: int):
    """Every drawn service, over every pair of neighbours of its grid."""
    service = draw_service(seed)
    space = service.space
    for cpu in range(len(space.cpus)):
        for memory in range(len(space.memory_mib)):
            if service.truly_holds(space.cell(cpu, memory)):
                assert cpu + 1 == len(space.cpus) or service.truly_holds(
                    space.cell(cpu + 1, memory)
                )
                assert memory + 1 == len(space.memory_mib) or service.truly_holds(
                    space.cell(cpu, memory + 1)
                )


def test_the_noise_of_a_trial_is_the_same_in_whatever_order_trials_are_asked():
    """Two searches that walk the grid in opposite directions see the same."""
    service = draw_service(3)
    cells = service.space.cells
    forward = {cell: service.finding(cell, 2) for cell in cells}
    backward = {cell: service.finding(cell, 2) for cell in reversed(cells)}
    assert forward == backward
    assert service.staircase() == service.staircase()


def test_two_services_of_the_same_need_have_noise_of_their_own():
    """Near the edge not all trials agree."""
    assert len(set(verdicts(SERVICE, Setting(0.4, 300)))) > 1


@pytest.mark.parametrize(
    ("setting", "verdict", "what"),
    [
        (Setting(0.8, 300), HOLDS, "ample"),
        (Setting(0.1, 300), FAILS, "less than a third of the CPU"),
        (Setting(0.8, 50), FAILS, "less than half of the memory"),
    ],
)
def test_far_from_the_edge_every_valid_trial_tells_the_truth(
    setting: Setting, verdict: Verdict, what: str
):
    """Noise moves a trial by some percent, not by half."""
    told = [v for v in verdicts(SERVICE, setting) if v is not INVALID]
    assert set(told) == {verdict}, what


def test_at_the_edge_trials_are_split_and_some_undecided():
    """The limit is exactly what is needed."""
    told = verdicts(replace(SERVICE, need=Need(0.4, 120.0)), Setting(0.4, 300), 1000)
    assert 0.25 < told.count(HOLDS) / 1000 < 0.42
    assert 0.25 < told.count(FAILS) / 1000 < 0.42
    assert told.count(UNDECIDED) / 1000 > 0.2


def test_one_trial_in_twenty_is_invalid():
    """Within four standard errors of the share."""
    told = verdicts(SERVICE, Setting(0.8, 300), 2000)
    spread = 4 * math.sqrt(INVALID_SHARE * (1 - INVALID_SHARE) / 2000)
    assert told.count(INVALID) / 2000 == pytest.approx(INVALID_SHARE, abs=spread)


@pytest.mark.parametrize(
    ("trials", "verdict"),
    [
        ([HOLDS], HOLDS),
        ([INVALID], INVALID),
        ([INVALID, INVALID, FAILS], FAILS),
        ([UNDECIDED, HOLDS], UNDECIDED),
        ([UNDECIDED, HOLDS, HOLDS], HOLDS),
        ([HOLDS, FAILS, HOLDS], UNDECIDED),
    ],
)
def test_trials_decide_together_when_they_agree_and_outnumber_the_undecided(
    trials: list[Verdict], verdict: Verdict
):
    """As the verdict of real trials."""
    assert combined(trials) is verdict


@pytest.mark.parametrize(
    ("setting", "least_s", "most_s", "what"),
    [
        (Setting(0.8, 300), 60, 60, "holds: the whole load"),
        (Setting(0.1, 300), 22, 22, "starved: time-outs in the ramp-up"),
        (Setting(0.3, 300), 30, 60, "somewhat too little CPU: stopped early in the steady state"),
        (Setting(0.8, 100), 17, 20, "five sixths of the memory: killed late in the ramp-up"),
        (Setting(0.8, 50), 8, 10, "less than half of the memory: killed early in the ramp-up"),
    ],
)
def test_hopeless_trials_end_early(setting: Setting, least_s: float, most_s: float, what: str):
    """Seconds under load, whatever the noise of a valid trial."""
    findings = [replace(SERVICE, seed=seed).finding(setting, 1) for seed in range(50)]
    valid = [f.load_s for f in findings if f.verdict is not INVALID]
    assert all(least_s <= seconds <= most_s for seconds in valid), what


def test_a_kill_for_memory_is_told_apart_from_too_little_cpu():
    """The search needs to know which of the two to raise."""
    assert SERVICE.finding(Setting(0.8, 50), 1).oom_killed
    assert not SERVICE.finding(Setting(0.1, 300), 1).oom_killed


def test_the_share_of_slow_requests_is_the_allowed_one_at_the_edge_and_falls_above():
    """5% for p95."""
    assert slow_share(0.0) == pytest.approx(QUESTION.slo.slow_share)
    assert slow_share(0.2) < 0.01
    assert slow_share(-0.2) > 0.5


def test_an_unbiased_staircase_forecasts_the_least_step_that_suffices():
    """0.4 CPU for a need of 0.35, the memory in use; four levels or so."""
    screenings = [replace(SERVICE, seed=seed).staircase() for seed in range(50)]
    assert sum(screening.forecast.cpus == 0.4 for screening in screenings) >= 45
    assert all(110 < screening.forecast.memory_mib < 135 for screening in screenings)
    assert all(QUICKEST_S < screening.load_s < 90 for screening in screenings)


def test_a_cold_start_that_needs_more_is_not_seen_by_the_staircase():
    """A fifth more than it shows."""
    shown = replace(SERVICE, cold_start=0.2).staircase().forecast.memory_mib
    assert shown == pytest.approx(SERVICE.staircase().forecast.memory_mib / 1.2)


def test_a_staircase_of_a_service_without_enough_memory_ends_at_once():
    """Killed with all the memory there is: one level, and the ample setting forecast."""
    screening = replace(SERVICE, need=Need(0.35, 900.0)).staircase()
    assert screening.forecast.cpus == SPACE.cpus[-1]
    assert screening.load_s == QUICKEST_S


def test_every_shape_is_drawn_and_the_scarce_ones_hold_at_the_top_only():
    """Of a scarce service no setting but with the most CPU holds."""
    assert sum(share for share, _, _ in SHAPES.values()) == pytest.approx(1.0)
    low, high = SPACE.cpus[-2], SPACE.cpus[-1]
    rng = np.random.default_rng(0)
    scarce = [SHAPES[SCARCE][2](rng, cpus, 100.0, 300.0) for cpus in (low * 1.01, high * 1.2)]
    top_only, nothing = (SimulatedService(0, SPACE, need) for need in scarce)
    assert top_only.truly_holds(SPACE.ample)
    assert not top_only.truly_holds(Setting(low, 300))
    assert not nothing.truly_holds(SPACE.ample)


def test_needs_are_drawn_within_the_grid_for_nineteen_services_in_twenty():
    """So that the comparison is about finding, not about nothing to find."""
    rng = np.random.default_rng(0)
    spaces = [draw_space(rng) for _ in range(200)]
    found = sum(
        SimulatedService(0, space, draw_need(rng, space)).truly_holds(space.ample)
        for space in spaces
    )
    assert 190 <= found < 200


@pytest.mark.parametrize(
    "need",
    [
        {"cpus": 0.0, "memory_mib": 100.0},
        {"cpus": 1.0, "memory_mib": 100.0, "queued": -0.1},
        {"cpus": 1.0, "memory_mib": 100.0, "slower_below": ((200.0, 0.5),)},
    ],
)
def test_a_service_for_which_more_is_worse_is_refused(need: dict[str, float]):
    """The searches rest on it."""
    with pytest.raises(QuestionError):
        Need(**need)  # type: ignore[arg-type]


def test_without_noise_every_valid_trial_tells_the_truth_and_with_much_of_it_few_do():
    """Eight percent of CPU above the edge."""
    setting, told = Setting(0.4, 300), {}
    for noise in (0.01, 1.0, 5.0):
        service = replace(SERVICE, need=Need(0.37, 120.0), noise=noise)
        told[noise] = [v for v in verdicts(service, setting) if v is not INVALID].count(HOLDS)
    assert told[0.01] > 180 > told[1.0] > 150 > told[5.0]


def test_the_same_service_is_drawn_with_any_noise():
    """So that scores with more noise and with less are of the same services."""
    assert replace(draw_service(5, noise=2.0), noise=1.0) == draw_service(5)
