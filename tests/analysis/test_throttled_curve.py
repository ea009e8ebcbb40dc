"""Latency against the CPU limit, beside trials that the queue has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.predictors import Unfitted
from loadtests.analysis.throttled_curve import throttled_curve
from tests.analysis.observations import climbed, seen


def at_edge(cpus, p95_ms, users=1000):
    """A trial that used nearly all of its CPU, with such a p95."""
    bounds = Interval(p95_ms, 0.9 * p95_ms, 1.1 * p95_ms)
    return replace(seen(cpus, users=users), p95_ms=bounds, cores=0.94 * cpus)


TRIALS = [
    seen(1.0), seen(0.5), seen(0.5, 2), seen(0.5, 5),
    at_edge(0.06, 30.0), at_edge(0.05, 40.0), at_edge(0.03, 3_000.0), at_edge(0.04, 9_000.0, 5000),
]  # fmt: skip


@pytest.fixture(scope="module")
def curve():
    """The curve of those trials."""
    return throttled_curve(TRIALS)


def test_it_is_fitted_to_trials_with_cpu_to_spare_and_put_beside_the_others(curve):
    assert [*curve.fitted] == TRIALS[:4]
    assert [trial.setting.cpus for trial in curve.tested] == [0.06, 0.05, 0.03]
    assert [trial.setting.cpus for trial in curve.measured] == [0.03, 0.05, 0.06, 0.5, 1.0]


def test_it_is_of_the_load_and_the_replicas_with_the_most_limits(curve):
    assert (curve.workload.users, curve.replicas) == (1000, 1)


def test_it_goes_a_little_beyond_the_limits_of_trials_and_is_finest_where_it_bends(curve):
    assert curve.cpus[0] < 0.03
    assert curve.cpus[-1] > 1.0
    ratios = curve.cpus[1:] / curve.cpus[:-1]
    assert ratios[:5].max() < ratios[-2:].min()


def test_less_cpu_is_never_quicker_and_percentiles_keep_their_order(curve):
    for percent in (50, 95):
        assert (np.diff(curve.percentiles_ms[percent]) <= 1e-6).all()
    assert (curve.percentiles_ms[50] <= curve.percentiles_ms[95]).all()
    assert (curve.percentiles_ms[95] <= curve.percentiles_ms[99]).all()
    assert (curve.p95_low_ms <= curve.percentiles_ms[95]).all()
    assert (curve.percentiles_ms[95] <= curve.p95_high_ms).all()


def test_the_edge_lies_where_the_curve_crosses_the_slo(curve):
    over = curve.cpus[curve.percentiles_ms[95] > 500]
    under = curve.cpus[curve.percentiles_ms[95] <= 500]
    assert over.max() < curve.edge_cpus.estimate * 1.02
    assert under.min() > curve.edge_cpus.estimate / 1.02


def test_it_says_where_the_edge_is_expected_and_where_trials_found_it(curve):
    said = curve.sentences
    assert said[0].startswith(
        "Fitted to 4 trials that used at most 50% of their CPU, the throttled queue expects, with "
        "1,000 users and 1 replica, p95 ≤ 500 ms to be met from 0.0"
    )
    assert said[1] == (
        "By their p95 alone, which is no verdict, trials met it down to 0.05 CPU and missed it up "
        "to 0.03 CPU."
    )


def test_without_an_edge_it_says_so(curve):
    assert "that no CPU limit meets p95 ≤ 500 ms" in replace(curve, edge_cpus=None).sentences[0]


def test_without_cpu_to_spare_there_is_no_curve():
    assert throttled_curve([at_edge(0.06, 30.0), climbed(1, 250.0)]) == Unfitted(
        "no trial had CPU to spare"
    )
