"""Answers that the end of the load cut off are not called answers that never came."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.analysis.cut_off import felt_percentile
from loadtests.analysis.judge import judge
from loadtests.analysis.latency import SteadySample, percentile, steady_sample
from loadtests.analysis.summary import measure_row
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence
from tests.evidence_log import log_case


def always_ms(value):
    return lambda start_s, _rng: np.full(len(start_s), float(value))


def standing_still(from_s):
    """Quick answers up to a moment, none from then on."""
    return lambda start_s, _rng: np.where(start_s < from_s, 5.0, 60_000.0)


def sample(answered_ms, failed, waiting_ms, limit_ms=500.0):
    """Return what a steady state had; those that wait for longer than the limit are among it."""
    waiting_ms = np.array(waiting_ms, float)
    infinite = failed + int((waiting_ms > limit_ms).sum())
    felt_ms = np.concatenate([np.array(answered_ms, float), np.full(infinite, math.inf)])
    second = np.zeros(len(felt_ms), int)
    return SteadySample(second, felt_ms, felt_ms > limit_ms, 30, waiting_ms, limit_ms)


def test_a_service_that_always_takes_three_seconds_is_not_said_never_to_answer():
    """A tenth of the steady state's requests were on their way when the load ended."""
    trial = evidence(latency=always_ms(3000))
    assert math.isinf(percentile(steady_sample(trial).latency_ms, 95))
    judgement = judge(trial)
    row = measure_row(trial, judgement)
    right = row.p95_ms == 3000 and "was 3,000 ms" in judgement.reasons[0]
    what = "a service of which each answer takes 3 s, when the load ends"
    before = "p95 of the steady state was never answered"
    log_case("mended", "cut off by the end", what, judgement.reasons[0], right, before)
    assert judgement.verdict is Verdict.FAILS
    assert right
    assert (row.p50_ms, row.p99_ms, row.slo_ms) == (3000, 3000, 3000)


def test_one_that_stands_still_never_answered():
    trial = evidence(latency=standing_still(30.0))
    assert felt_percentile(steady_sample(trial), 95) == math.inf
    assert felt_percentile(steady_sample(trial), 50) == math.inf


@pytest.mark.parametrize(
    ("answered", "failed", "waiting", "at", "what"),
    [
        ([3000] * 90, 0, [600] * 10, 3000, "those that wait may come as the others did"),
        ([3000] * 90, 10, [], math.inf, "those that failed never will"),
        ([3000] * 90, 10, [600] * 10, math.inf, "nor do they beside others that wait"),
        ([3000] * 90, 4, [600] * 10, 3000, "4 of 104 failed, 5% may be beyond"),
        ([3000] * 90, 0, [4000] * 10, math.inf, "they waited for longer than any answer took"),
        ([5] * 94, 0, [600] * 6, math.inf, "likewise, whatever is quick"),
        ([5] * 96, 4, [600], 5, "finite as it is"),
        ([], 0, [600] * 10, math.inf, "no answer at all"),
    ],
)
def test_what_is_said_follows_from_what_came(answered, failed, waiting, at, what):
    assert felt_percentile(sample(answered, failed, waiting), 95) == at, what


@given(
    st.lists(st.floats(1, 9000), min_size=1, max_size=60),
    st.integers(0, 20),
    st.lists(st.floats(0, 9000), max_size=20),
    st.sampled_from([50, 90, 95, 99, 99.9]),
)
def test_it_is_a_latency_that_somebody_had_and_none_better_than_the_slo_says(
    answered, failed, waiting, percent
):
    seen = sample(answered, failed, waiting)
    at, plain = felt_percentile(seen, percent), percentile(seen.latency_ms, percent)
    assert at in answered or at == math.inf
    assert at <= plain
    if math.isfinite(plain):
        assert at == plain
    if plain > seen.limit_ms:
        assert at > seen.limit_ms


@given(st.lists(st.floats(1, 9000), min_size=1, max_size=60), st.integers(1, 99))
def test_where_nobody_waits_it_is_the_nearest_rank(answered, percent):
    assert felt_percentile(sample(answered, 0, []), percent) == percentile(
        np.array(answered), percent
    )
