"""The least CPU, forecast from levels whose truth is known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.forecast import CpuForecast, forecast_cpus, forecast_from
from loadtests.analysis.staircase import LevelRow
from loadtests.question import SLO
from tests.analysis.staircases import CPU_MS_PER_REQUEST, staircase

RPS = 1000.0
SLO_250 = SLO(latency_ms=500.0)  # at 1,000 requests/s 250 users are in flight where it ends


def level(cpus, cores, *, passes=True, rps=RPS, in_flight=2.0):
    """A level of five seconds with a limit, of which so many cores were used."""
    return LevelRow(
        cpus=cpus,
        users=10_000,
        start_s=0.0,
        steady_start_s=10.0,
        steady_end_s=15.0,
        passes=passes,
        p50_ms=5.0,
        p95_ms=10.0,
        slow_share=0.0,
        error_rate=0.0,
        rps=rps,
        cpu_cores=cores,
        throttled_ratio=None,
        in_flight=in_flight,
    )


def served(cpus, edge=0.4, slope=0.05, noise=1.0):
    """A level of a service that needs `edge` cores where the SLO ends.

    CPU a request falls by `slope` per log of those in flight; 975 requests/s are left at the edge.
    """

    def cpu_s(in_flight):
        return edge / 975 * (251 / (1 + in_flight)) ** slope

    if cpus < edge:
        rps = cpus / (noise * cpu_s(600))
        return level(cpus, cpus, passes=False, rps=rps, in_flight=600.0)
    in_flight = 250.0
    for _ in range(100):  # a single server's queue: q = u / (1 - u)
        use = min(0.99, RPS * cpu_s(in_flight) / cpus)
        in_flight = use / (1 - use)
    return level(cpus, min(cpus, noise * use * cpus), in_flight=in_flight)


def forecast_of(levels, replicas=1):
    """The forecast from those levels."""
    return forecast_from(levels, SLO_250, replicas)


STEPS = (2.0, 0.6, 0.5, 0.42, 0.35, 0.3)


def test_the_edge_of_a_known_service_is_forecast_from_its_levels():
    found = forecast_of([served(cpus) for cpus in STEPS])
    assert found.cpus.estimate == pytest.approx(0.4, rel=0.04)
    assert found.cpu_ms_per_request == pytest.approx(0.4, rel=0.04)
    assert found.levels == 5, "none below the first that failed: it times out in vain"
    assert (found.passed, found.failed) == (0.42, 0.35)


def test_the_ample_level_alone_would_have_said_a_quarter_more():
    """That a request takes less CPU under a tight limit is what the line is for."""
    ample = served(2.0)
    assert ample.cpu_cores > 0.4 * 1.15
    assert forecast_of([served(cpus) for cpus in STEPS]).cpus.estimate < ample.cpu_cores / 1.1


def test_the_forecast_lies_between_what_failed_and_what_passed_and_its_bounds_beyond():
    """Fresh containers, minutes later, are not the levels."""
    failing = level(0.45, 0.45, passes=False, rps=900.0, in_flight=900.0)
    found = forecast_of([served(2.0, 0.48), served(0.6, 0.48), served(0.5, 0.48), failing])
    assert 0.45 < found.cpus.estimate <= 0.5
    assert found.cpus.low < 0.45
    assert found.cpus.high > 0.5


def test_levels_that_disagree_widen_the_interval():
    steps = (2.0, 1.5, 1.0, 0.8, 0.6)  # none fails, so that only the line tells
    calm = forecast_of([served(cpus) for cpus in steps])
    shaken = forecast_of([served(cpus, noise=1 + 0.15 * (-1) ** n) for n, cpus in enumerate(steps)])
    assert shaken.cpus.low < calm.cpus.low


def test_one_level_gives_a_wide_forecast_and_says_why():
    found = forecast_of([level(2.0, 0.4)])
    assert 0.25 < found.cpus.estimate < 0.4, "less than it used: many are served together"
    assert found.cpus.low < found.cpus.estimate / 1.3
    assert found.cpus.high > found.cpus.estimate * 1.3
    assert found.levels == 1
    assert "The interval is wide" in found.sentence
    assert "nothing below it failed" in found.sentence


def test_what_failed_narrows_the_forecast_of_few_levels():
    alone = forecast_of([level(2.0, 0.4)]).cpus
    failing = level(0.3, 0.3, passes=False, rps=800.0, in_flight=900.0)
    with_edge = forecast_of([level(2.0, 0.4), failing])
    assert with_edge.levels == 2
    assert alone.low < with_edge.cpus.low


def test_where_nothing_failed_the_forecast_is_no_more_than_what_passed():
    found = forecast_of([level(2.0, 0.4), level(0.2, 0.19)])
    assert found.cpus.estimate <= 0.2
    assert found.failed is None


def test_an_ample_level_given_back_after_a_backlog_is_no_level_of_the_line():
    """It works off what waits, so a request takes less of it than the load's would."""
    levels = [served(cpus) for cpus in STEPS]
    backlog = level(2.0, 1.2, rps=6000.0)
    assert forecast_of([*levels[:3], backlog, *levels[3:]]) == forecast_of(levels)
    assert forecast_of([*levels[:3], replace(backlog, passes=False), *levels[3:]]) == (
        forecast_of(levels)
    ), "nor one that failed"


def test_a_level_that_passes_below_one_that_fails_is_luck():
    levels = [level(2.0, 0.4), level(0.4, 0.39, passes=False), level(0.35, 0.35)]
    found = forecast_of(levels)
    assert (found.passed, found.failed) == (2.0, 0.4)


def test_replicas_share_the_load_and_each_is_forecast_its_share():
    levels = [served(cpus) for cpus in STEPS]
    both = [
        replace(
            each,
            users=2 * each.users,
            cpu_cores=2 * each.cpu_cores,
            rps=2 * each.rps,
            in_flight=2 * each.in_flight,
        )
        for each in levels
    ]
    one, two = forecast_of(levels).cpus, forecast_of(both, replicas=2).cpus
    assert two.estimate == pytest.approx(one.estimate)
    assert (two.low, two.high) == pytest.approx((one.low, one.high))


def test_a_level_without_cpu_is_left_out_of_the_line():
    levels = [served(cpus) for cpus in STEPS]
    blank = [*levels[:4], *(replace(each, cpu_cores=None) for each in levels[4:])]
    assert forecast_of(blank).levels == 4


NOTHING = [
    ([], "no level was climbed"),
    ([level(2.0, 0.4, passes=False)], "the ample level failed"),
    ([level(2.0, None), level(0.5, 0.4)], "the ample level's CPU was not reported"),
    ([level(2.0, 0.4, rps=None)], "nothing was answered"),
]


@pytest.mark.parametrize(("levels", "what"), NOTHING)
def test_without_an_edge_there_is_no_forecast(levels, what):
    assert forecast_of(levels) is None, what


def test_the_interval_holds_about_as_often_as_it_says():
    """Services with their own edge and saving; levels off by 6%, fresh trials by 8%."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(300):
        edge, slope = rng.uniform(0.32, 0.55), rng.uniform(0.0, 0.1)
        levels = [served(c, edge, slope, math.exp(rng.normal(0, 0.06))) for c in STEPS]
        found = forecast_of(levels).cpus
        truth = edge * math.exp(rng.normal(0, 0.08))
        held.append(found.low <= truth <= found.high)
    assert 0.85 <= np.mean(held) <= 0.97


def test_a_record_of_a_staircase_is_forecast_from_its_own_levels():
    found = forecast_cpus(staircase())
    assert (found.passed, found.failed) == (0.3, 0.25)
    assert 0.25 < found.cpus.estimate <= 0.3
    assert found.cpu_ms_per_request == pytest.approx(CPU_MS_PER_REQUEST, rel=0.15)


def test_the_forecast_is_told_with_its_interval_and_what_it_rests_on():
    found = CpuForecast(Interval(0.385, 0.321, 0.452), 0.995, 0.391, 1000.0, 0.4, 0.3, 5)
    assert found.sentence == (
        "The least CPU is forecast to be 0.39 (90% interval 0.32 to 0.45) for 1,000 requests/s: "
        "by 5 levels a request takes 0.391 ms of CPU at 100% use; 0.4 CPU passed, 0.3 failed."
    )


def test_at_the_reference_speed_a_slower_cpu_needs_less():
    found = CpuForecast(Interval(0.5, 0.4, 0.6), 1.0, 0.5, 1000.0, 0.6, 0.4, 5, speed=0.8)
    at = found.reference_cpus
    assert (at.estimate, at.low, at.high) == pytest.approx((0.4, 0.32, 0.48))
    assert found.sentence.endswith(
        "The CPU did 0.80 times the work a second that it does at the reference speed; at that it "
        "is 0.40 (0.32 to 0.48), with 0.400 ms a request."
    )
    assert replace(found, speed=None).reference_cpus == found.cpus


def test_the_speed_is_that_of_the_levels_against_the_reference():
    """The gauge's work took 100 us, and 80 us at the reference speed."""
    given = staircase()
    gauged = replace(given, generator=given.generator.assign(work_us=100.0))
    assert forecast_cpus(gauged).speed is None, "without a reference"
    trial = replace(given.trial, reference_us=80.0)
    assert forecast_cpus(replace(gauged, trial=trial)).speed == pytest.approx(0.8)
    blank = given.generator.assign(work_us=math.nan)
    assert forecast_cpus(replace(given, trial=trial, generator=blank)).speed is None, "no gauge"
