"""How much of the spread between trials a speed gauge takes away; drawn with a known truth."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis import counters, speed
from loadtests.analysis.speed import SpeedTrial, explain
from loadtests.verdicts import Step
from tests.analysis.records import evidence

GOOD, USELESS, LATE = "good", "useless", "from before there was a gauge"


def trials(settings=("a", "b", "c"), each=12, seed=1):
    """Trials whose CPU drifts by 20%, a gauge that drifts with it, and one that does not."""
    rng = np.random.default_rng(seed)
    made = []
    for number, setting in enumerate(settings):
        for _ in range(each):
            drift, own = np.exp(rng.normal(0, 0.2)), np.exp(rng.normal(0, 0.04))
            gauges = {GOOD: 300 * drift, USELESS: 300 * np.exp(rng.normal(0, 0.2))}
            made.append(SpeedTrial(setting, "nobody", (1 + number) * drift * own, gauges))
    return made


def test_a_gauge_that_drifts_with_the_service_takes_the_spread_away():
    found = explain(trials(), GOOD)
    assert found.trials == 36
    assert found.raw == pytest.approx(0.2, rel=0.3)
    assert found.normalised == pytest.approx(0.04, rel=0.4)
    assert found.ratio.low < found.ratio.estimate < found.ratio.high < 0.5
    assert found.slope.low < 1.0 < found.slope.high
    assert found.proven


def test_a_gauge_that_drifts_by_itself_adds_spread_and_is_not_proven():
    found = explain(trials(), USELESS)
    assert found.normalised > found.raw
    assert not found.proven
    assert found.slope.low < 0.0 < found.slope.high


def test_that_settings_differ_is_no_spread():
    """The third costs three times the first; trials are compared with their own setting's."""
    apart = trials(("a",)) + [
        replace(t, setting="b", service_cpu_ms=50 * t.service_cpu_ms) for t in trials(("b",))
    ]
    assert explain(apart, GOOD).raw < 0.3


def test_trials_without_the_gauge_are_left_out():
    given = trials()
    some = [replace(t, gauges={LATE: t.gauges[GOOD]}) for t in given[:12]]
    assert explain(given[12:] + some, GOOD).trials == 24
    with pytest.raises(ValueError, match="two trials that know"):
        explain(given, LATE)


def test_the_gauges_are_read_from_the_seconds_of_the_steady_state():
    trial = evidence()
    phases = trial.trial.phases
    table = trial.generator.assign(rps=200.0, cpu_cores=0.1, work_us=300.0)
    before = table["time_s"] <= phases.steady_start_s
    table.loc[before, ["cpu_cores", "work_us"]] = [9.0, 9_000.0]
    told = replace(trial, generator=table)
    assert speed.generator_cpu_ms(told) == pytest.approx(0.5)
    assert speed.work_us(told) == pytest.approx(300.0)


def test_a_record_from_before_the_gauge_has_none():
    trial = evidence()
    assert speed.work_us(trial) is None
    assert speed.generator_cpu_ms(trial) is None


def gauged(work_us=300.0, reference_us=None, **given):
    return evidence(work_us=work_us, reference_us=reference_us, **given)


@pytest.mark.parametrize(
    ("work_us", "reference_us", "relative"), [(300.0, 300.0, 1.0), (375.0, 300.0, 0.8),
                                              (250.0, 300.0, 1.2), (300.0, None, None),
                                              (None, 300.0, None)],
)  # fmt: skip
def test_a_cpu_is_as_fast_as_it_takes_less_for_the_same_work(work_us, reference_us, relative):
    found = speed.relative_speed(gauged(work_us, reference_us))
    assert found == (None if relative is None else pytest.approx(relative))


def test_a_trial_without_a_steady_state_is_gauged_all_through():
    stopped = gauged(600.0, 300.0, ramp_up_ended_s=4.0, users_reached=400)
    assert speed.relative_speed(stopped) == pytest.approx(0.5)


def test_the_demand_at_the_reference_speed_is_what_was_seen_times_the_speed():
    trial = gauged(375.0, 300.0)
    seen = counters.demand_cores(trial)
    assert speed.demand_reference_cores(trial) == pytest.approx(0.8 * seen)
    assert speed.demand_reference_cores(gauged()) is None
    assert speed.demand_reference_cores(gauged(375.0, 300.0, sampled=0.0)) is None


def level(users, start_s):
    return Step(1.0, users, 100, 0, 0, 0.3, start_s, start_s + 2.0, start_s + 7.0)


def test_the_reference_is_the_mean_over_the_levels_under_the_most_users():
    """Ramp-up and what came between two levels are left out; fewer users are another load."""
    trial = gauged()
    levels = (level(500, 3.0), level(1000, 20.0), level(1000, 27.0))
    table = trial.generator.assign(work_us=900.0)
    for step, work_us in zip(levels, (200.0, 320.0, 340.0), strict=True):
        inside = table["time_s"].between(step.steady_start_s + 1, step.steady_end_s)
        table.loc[inside, "work_us"] = work_us
    climbed = replace(trial, trial=replace(trial.trial, steps=levels), generator=table)
    assert speed.reference_of(climbed) == pytest.approx(330.0)


def test_without_a_level_or_a_gauge_there_is_no_reference():
    assert speed.reference_of(gauged()) is None
    ungauged = evidence()
    climbed = replace(ungauged.trial, steps=(level(1000, 20.0),))
    assert speed.reference_of(replace(ungauged, trial=climbed)) is None


def test_trials_have_a_reference_in_common_where_all_have_the_same():
    one, other, none = gauged(reference_us=300.0), gauged(reference_us=310.0), gauged()
    assert speed.common_reference_us([one, one]) == 300.0
    for several in ([one, other], [one, none], [none], []):
        assert speed.common_reference_us(several) is None
