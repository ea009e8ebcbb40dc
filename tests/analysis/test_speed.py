"""How much of the spread between trials a speed gauge takes away; drawn with a known truth."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis import speed
from loadtests.analysis.speed import SpeedTrial, explain
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
