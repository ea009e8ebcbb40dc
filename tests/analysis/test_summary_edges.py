"""Which trials speak for a setting, to the very number, and what their row says."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import percentile_interval
from loadtests.analysis.latency import percentile, steady_sample
from loadtests.analysis.pooling import combine
from loadtests.analysis.summary import measure_row, never_ready_row, rows, summarise
from loadtests.question import SLO, Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import SETTING, evidence, judgement, steady_ms

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
U = judgement(UNDECIDED, 0.05)


def held(slow, verdict=UNDECIDED, error_rate=0.0):
    """A judgement with that share of slow requests."""
    return judgement(verdict, slow, error_rate=error_rate)


@pytest.mark.parametrize(
    ("trials", "verdict", "what"),
    [
        ([judgement(HOLDS)] * 2 + [U] * 2, UNDECIDED, "two of four are no majority"),
        ([judgement(HOLDS)] * 3 + [U] * 2, HOLDS, "three of five are"),
        ([judgement(FAILS, 0.2, "replica_died"), judgement(HOLDS)], FAILS, "it died once"),
        ([judgement(HOLDS, pooled=False)] * 2 + [U], HOLDS, "what decides is evidence as it is"),
        ([held(0.0)] * 3, HOLDS, "three without a slow request"),
        ([held(SLO().slow_share)] * 3, HOLDS, "as many as may, each time"),
        ([held(0.0501)] * 3, FAILS, "more than may, each time"),
        ([held(0.01, error_rate=0.001)] * 3, HOLDS, "as many failures as may, each time"),
        ([held(0.01, error_rate=0.0011)] * 3, FAILS, "more failures than may, each time"),
        ([held(0.05)] * 2, UNDECIDED, "two are too few for an interval"),
    ],
)
def test_trials_are_combined_to_the_very_number(trials, verdict, what):
    assert combine(trials, SLO())[0] is verdict, what


def test_trials_without_a_steady_state_have_no_share_to_combine():
    """Two with a share are too few, three are not."""
    none = replace(U, slow_share=Interval(float("nan"), 0.0, 1.0))
    assert combine([none, held(0.01), held(0.01)], SLO())[0] is UNDECIDED
    assert combine([none, held(0.01), held(0.01), held(0.01)], SLO())[0] is HOLDS


def test_what_was_combined_is_said_with_its_interval():
    """1, 2 and 3%: a mean of 2%, and t = 7.649 (98.3% for each of three looks)."""
    _, said = combine([held(0.01), held(0.02), held(0.03)], SLO())
    assert said == ("3 trials: 3 undecided; over 3 trials 2% slow (98.3% interval 0%-6.4%)",)
    _, said = combine([held(0.0), held(0.5), held(1.0)], SLO())
    assert said[0].endswith("over 3 trials 50% slow (98.3% interval 0%-100%)")
    _, said = combine([judgement(HOLDS), held(0.05)], SLO())
    assert said == ("2 trials: 1 holds, 1 undecided",)


def test_a_failure_by_its_failures_is_none_of_its_slow_requests():
    """It failed by what pooled shares do not hold, so that they cannot overrule it."""
    lost = replace(judgement(FAILS, 0.01, "reset"), slow_share=Interval(0.01, 0.0, 0.02))
    trials = [held(0.01), held(0.01), held(0.01), lost]
    assert combine(trials, SLO())[0] is UNDECIDED
    at_most = replace(lost, slow_share=Interval(0.01, SLO().slow_share, 0.1), error_rate=0.001)
    assert combine([*trials[:3], at_most], SLO())[0] is UNDECIDED, "as much as may be is no more"
    by_errors = replace(lost, error_rate=0.002)
    assert combine([*trials[:3], by_errors], SLO())[0] is HOLDS


@pytest.mark.parametrize(("steady_s", "told"), [(9.9, False), (10.0, True)])
def test_a_rate_is_told_once_every_user_asked_about_once(steady_s, told):
    """A think time of 10 s."""
    row = measure_row(evidence(steady_s=steady_s), judgement(HOLDS))
    assert (row.rps is not None) is told
    assert row.p95_ms is not None


def test_a_setting_that_was_never_ready_says_why():
    row = never_ready_row(SETTING, "it ended by itself", "image")
    assert (row.setting, row.verdict, row.reasons, row.cause) == (
        SETTING, FAILS, ("it ended by itself",), "image",
    )  # fmt: skip
    assert never_ready_row(SETTING, "").cause == "never_ready"


def test_a_row_of_several_trials_has_the_reasons_of_the_last_that_agrees():
    """What was said of all comes first; an invalid trial has no say."""
    trials = [
        (evidence(key=str(number)), replace(judgement(verdict), reasons=(f"trial {number}",)))
        for number, verdict in enumerate((HOLDS, HOLDS, UNDECIDED, Verdict.INVALID))
    ]
    row = summarise(SETTING, trials)
    assert (row.verdict, row.reasons) == (HOLDS, ("3 trials: 2 holds, 1 undecided", "trial 1"))
    assert row.trials == ("0", "1", "2", "3")
    assert row.cause is None


def test_a_setting_nobody_tried_says_so():
    assert summarise(SETTING, []).reasons == ("No trial of this setting was recorded",)


def test_each_setting_has_its_own_trials():
    small = Setting(0.25, 300)
    found = rows([(evidence(setting=s, key=s.label), judgement(HOLDS)) for s in (SETTING, small)])
    assert [(row.setting, row.trials) for row in found] == [
        (small, (small.label,)),
        (SETTING, (SETTING.label,)),
    ]


def test_a_row_has_the_percentiles_of_its_steady_state_and_the_bounds_of_the_95th():
    given = evidence(latency=steady_ms(5.0, 0.03))
    row, sample = measure_row(given, judgement(HOLDS)), steady_sample(given)
    figures = [percentile(sample.latency_ms, percent) for percent in (50, 95, 99)]
    assert [row.p50_ms, row.p95_ms, row.p99_ms] == figures
    bounds = percentile_interval(sample, 95, 500.0)
    assert row.p95_range_ms == (bounds.low, bounds.high)


FIGURES = (
    "p50_ms", "p95_ms", "p99_ms", "error_rate", "rps", "cpu_cores", "memory_peak_mib",
    "throttled_ratio", "steady_error_rate", "demand_cores", "slow_share",
    "demand_reference_cores", "speed",
)  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_of_several_trials_is_the_median_of_theirs(figure):
    given = [
        evidence(
            key=str(number),
            seed=number,
            latency=steady_ms(5.0 + number),
            failures={"reset": 0.002 * number},
            cpu_share=0.1 * number,
            throttled=0.01 * number,
            memory_peak_mib=100.0 * number,
            work_us=300.0 - 10 * number,
            reference_us=300.0,
        )
        for number in (1, 3, 2)
    ]
    trials = [
        (one, judgement(HOLDS, slow=0.01 * n, error_rate=0.1 * n)) for n, one in enumerate(given)
    ]
    each = sorted(getattr(measure_row(*trial), figure) for trial in trials)
    assert each[0] < each[1] < each[2], "or the median is no choice"
    assert getattr(summarise(SETTING, trials), figure) == each[1]
