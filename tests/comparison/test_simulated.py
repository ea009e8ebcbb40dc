"""Simulated services need what they are said to need, and give everybody the same noise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.drift import GAUGE_ERROR, log_speed
from loadtests.comparison.lengths import LONG_STEADY_S, QUESTION
from loadtests.comparison.needs import SCARCE, SHAPES, Need, draw_need, draw_space
from loadtests.comparison.problem import ASKED, Begun, combined, truth
from loadtests.comparison.simulated import (
    INVALID_SHARE,
    SimulatedService,
    draw_service,
    slow_share,
)
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.verdicts import Finding, Verdict
from tests.comparison.problems import SPACE

HOLDS, FAILS, UNDECIDED, INVALID = Verdict
SERVICE = SimulatedService(7, SPACE, Need(0.35, 120.0))
ONCE = (Begun(0.0),)
TWICE = (Begun(0.0), Begun(60.0))
LATER = (Begun(0.0), Begun(1500.0))
CELL = Setting(0.4, 300)


def holds(service: SimulatedService, setting: Setting) -> bool:
    """Say whether a setting holds more often than not."""
    return service.reliability(setting) > 0.5


def verdicts(service: SimulatedService, setting: Setting, seeds: int = 200) -> list[Verdict]:
    """Return the first trial's verdict under many draws of noise."""
    return [replace(service, seed=seed).finding(setting, ONCE).verdict for seed in range(seeds)]


# One level of a staircase: ramp-up, warm-up, and its steady state.
QUICKEST_S = (
    QUESTION.workload.ramp_up_s + QUESTION.workload.warm_up_s + QUESTION.workload.level_steady_s
)


@pytest.mark.parametrize("seed", range(60))
def test_more_of_either_never_makes_a_service_less_reliable(seed: int):
    """Every drawn service, over every pair of neighbours of its grid."""
    service = draw_service(seed)
    cpus, memory = service.space.cpus, service.space.memory_mib
    chances = np.array([[service.reliability(Setting(c, m)) for m in memory] for c in cpus])
    assert (np.diff(chances, axis=0) >= 0).all()
    assert (np.diff(chances, axis=1) >= 0).all()


def test_the_noise_of_a_trial_is_the_same_in_whatever_order_trials_are_asked():
    """Two searches that walk the grid in opposite directions see the same."""
    service = draw_service(3)
    cells = service.space.cells
    forward = {cell: service.finding(cell, TWICE) for cell in cells}
    backward = {cell: service.finding(cell, TWICE) for cell in reversed(cells)}
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
    findings = [replace(SERVICE, seed=seed).finding(setting, ONCE) for seed in range(50)]
    valid = [f.load_s for f in findings if f.verdict is not INVALID]
    assert all(least_s <= seconds <= most_s for seconds in valid), what


def test_a_kill_for_memory_is_told_apart_from_too_little_cpu():
    """The search needs to know which of the two to raise."""
    assert SERVICE.finding(Setting(0.8, 50), ONCE).oom_killed
    assert not SERVICE.finding(Setting(0.1, 300), ONCE).oom_killed


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
    assert holds(top_only, SPACE.ample)
    assert not holds(top_only, Setting(low, 300))
    assert not holds(nothing, SPACE.ample)


def test_needs_are_drawn_within_the_grid_for_nineteen_services_in_twenty():
    """So that the comparison is about finding, not about nothing to find."""
    rng = np.random.default_rng(0)
    spaces = [draw_space(rng) for _ in range(200)]
    found = sum(
        holds(SimulatedService(0, space, draw_need(rng, space)), space.ample) for space in spaces
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


def test_the_same_service_is_drawn_with_any_noise_and_any_drift():
    """So that scores with more noise and with less are of the same services."""
    drawn = draw_service(5, noise=2.0, drift=1.0)
    assert replace(drawn, noise=1.0, drift=0.0) == draw_service(5)


def test_a_setting_is_as_reliable_as_often_its_usual_trials_hold_at_the_reference_speed():
    """Undecided ones go half to each side; of 3,000 trials, within four standard errors."""
    for cpus, memory_mib in ((0.38, 120.0), (0.4, 120.0), (0.43, 120.0), (0.2, 147.0)):
        service, setting = replace(SERVICE, need=Need(cpus, memory_mib)), Setting(0.4, 150)
        told = [v for v in verdicts(service, setting, 3000) if v is not INVALID]
        share = (told.count(HOLDS) + told.count(UNDECIDED) / 2) / len(told)
        spread = 4 * math.sqrt(0.25 / len(told))
        assert service.reliability(setting) == pytest.approx(share, abs=spread), service.need


def test_the_truth_is_the_least_setting_that_is_as_reliable_as_asked():
    """0.4 CPU is 4% above the need, so it holds in four trials of five; 0.5 CPU nearly always."""
    service, cost = replace(SERVICE, need=Need(0.384, 120.0)), Prices().per_hour
    assert 0.75 < service.reliability(Setting(0.4, 150)) < ASKED
    assert truth(service, cost) == Setting(0.5, 150)
    assert truth(replace(service, noise=0.3), cost) == Setting(0.4, 150)


def test_a_long_trial_takes_longer_and_has_half_the_noise():
    """8% below the edge: one trial in thirty of usual length holds, hardly any long one."""
    setting, service = Setting(0.4, 300), replace(SERVICE, need=Need(0.4 * math.exp(0.08), 120.0))
    held = {}
    for is_long in (False, True):
        made = [
            replace(service, seed=seed).finding(setting, [Begun(0.0, is_long)])
            for seed in range(1000)
        ]
        assert all(finding.is_long is is_long for finding in made)
        held[is_long] = sum(finding.own is HOLDS for finding in made)
    assert held[False] > 3 * held[True]
    holding = SERVICE.finding(Setting(0.8, 300), [Begun(0.0, True)])
    usual_s = SERVICE.finding(Setting(0.8, 300), ONCE).load_s
    assert holding.load_s - usual_s == LONG_STEADY_S - QUESTION.workload.steady_s


def drifting(cpus: float, seeds: int = 600) -> list[Finding]:
    """Return the first trial under a drifting CPU of a setting that just has what it needs."""
    service = replace(SERVICE, need=Need(0.4, 120.0), drift=1.0, used_at_edge=0.9)
    return [
        replace(service, seed=seed).finding(Setting(cpus, 300), [Begun(0.0)])
        for seed in range(seeds)
    ]


def test_without_drift_every_trial_runs_at_the_reference_speed():
    findings = [SERVICE.finding(cell, TWICE) for cell in SPACE.cells]
    assert {finding.speed for finding in findings} == {1.0}


def test_a_trial_on_a_slow_cpu_fails_where_one_on_a_fast_cpu_holds():
    """Both far beyond the noise of a trial."""
    made = [finding for finding in drifting(0.4) if finding.own.decides]
    slow = [finding.own for finding in made if finding.speed < 0.8]
    fast = [finding.own for finding in made if finding.speed > 1.25]
    assert len(slow) > 30
    assert slow.count(FAILS) > 0.95 * len(slow)
    assert fast.count(HOLDS) > 0.95 * len(fast)


def test_the_gauge_reads_the_speed_of_a_trial_with_the_error_that_was_measured():
    """What it reads, beside the speed at which the trial ran."""
    workload = QUESTION.workload
    end_s = workload.duration_s
    off = [
        math.log(finding.speed) - log_speed(seed, end_s - workload.steady_s, end_s)
        for seed, finding in enumerate(drifting(0.4))
    ]
    assert np.std(off) == pytest.approx(GAUGE_ERROR, rel=0.15)
    assert np.mean(off) == pytest.approx(0, abs=4 * GAUGE_ERROR / math.sqrt(len(off)))


def test_what_fails_on_a_slow_cpu_is_undecided_unless_its_need_is_beyond_the_setting():
    """A quarter more than is needed, and half of it."""
    slow = [f for f in drifting(0.5) if f.own is FAILS and f.speed < 0.9]
    starved = [f for f in drifting(0.2) if f.own is FAILS and f.speed < 0.9]
    assert {f.verdict for f in slow} == {UNDECIDED}
    assert {f.verdict for f in starved} == {FAILS}


def test_what_holds_on_a_fast_cpu_is_undecided_where_it_would_use_nearly_all_of_its_cpu():
    """A quarter less than is needed, and twice of it."""
    near = [f for f in drifting(0.3) if f.own is HOLDS and f.speed > 1.1]
    ample = [f for f in drifting(0.8) if f.own is HOLDS and f.speed > 1.1]
    assert {f.verdict for f in near} == {UNDECIDED}
    assert {f.verdict for f in ample} == {HOLDS}


def test_a_kill_for_memory_stands_at_every_speed():
    service = replace(SERVICE, drift=1.0)
    made = [replace(service, seed=seed).finding(Setting(0.8, 50), ONCE) for seed in range(100)]
    assert {(finding.verdict, finding.own) for finding in made} == {(FAILS, FAILS)}


def test_a_trial_that_the_speed_took_back_does_not_count_against_the_next():
    """Two trials: the first taken back, the second sound."""
    service = replace(SERVICE, need=Need(0.4, 120.0), drift=1.0, used_at_edge=0.9)
    found = 0
    for seed in range(300):
        drawn = replace(service, seed=seed)
        first, both = (drawn.finding(Setting(0.5, 300), trials) for trials in (ONCE, LATER))
        if first.own is FAILS and first.verdict is UNDECIDED and both.own is HOLDS:
            assert both.verdict is HOLDS
            found += 1
    assert found > 3


def test_the_share_of_slow_requests_is_told_of_every_valid_trial_that_lived():
    """It is that of the SLO where the trial was at the edge."""
    told = {HOLDS: [], FAILS: []}
    for seed in range(200):
        finding = replace(SERVICE, seed=seed, need=Need(0.4, 120.0)).finding(CELL, ONCE)
        assert (finding.slow_share is None) is (finding.own is INVALID)
        if finding.own.decides:
            told[finding.own].append(finding.slow_share)
    assert max(told[HOLDS]) < QUESTION.slo.slow_share < min(told[FAILS])
    assert SERVICE.finding(Setting(0.8, 50), ONCE).slow_share is None


def test_services_differ_in_how_their_requests_slow_down():
    assert len({draw_service(seed).slow_width for seed in range(5)}) == 5


@pytest.mark.parametrize(
    ("cpus", "used", "what"),
    [
        (0.2, 1.0, "half of what is needed: all of it"),
        (0.4, 0.9, "just what is needed: what it takes at the edge"),
        (0.8, 0.5, "twice of that: on the way to what it takes with plenty, 1.1 of the need"),
    ],
)
def test_the_cpu_used_is_a_share_of_what_is_granted(cpus: float, used: float, what: str):
    """Without drift, of every valid trial that lived."""
    service = replace(SERVICE, need=Need(0.4, 120.0), used_at_edge=0.9, cpu_used_when_ample=1.1)
    made = [replace(service, seed=s).finding(Setting(cpus, 300), ONCE) for s in range(40)]
    told = [finding.cpu_used for finding in made if finding.own is not INVALID]
    assert told == [pytest.approx(used)] * len(told), what
    assert SERVICE.finding(Setting(0.8, 50), ONCE).cpu_used is None


def test_a_slower_cpu_is_used_for_longer():
    """Up to all of it."""
    for finding in drifting(0.6, 100):
        if finding.cpu_used is not None and finding.speed < 0.75:
            assert finding.cpu_used > 0.6 * 0.9 / 0.75
        if finding.cpu_used is not None and finding.speed > 1.4:
            assert finding.cpu_used < 0.6 * 0.9
