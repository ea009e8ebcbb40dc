"""A notebook hands its trials on as one table, a row a trial."""

import math

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.judge import judge
from loadtests.question import Setting
from loadtests.studies.frames import COLUMNS, to_frame
from tests.analysis.records import evidence, steady_ms

HELD = evidence(setting=Setting(1, 300), key="a" * 64, latency=steady_ms(5.0))
FAILED = evidence(setting=Setting(0.2, 300, 2), key="b" * 64, failures={"timeout": 0.5})
KILLED = evidence(setting=Setting(0.5, 50), oom_s=4.0, steady_s=0.0, stopped_early="too many")


def framed(*trials) -> pd.DataFrame:
    """The table of some trials, judged by today's rules."""
    return to_frame((trial, judge(trial)) for trial in trials)


def test_a_row_is_a_trial_in_the_order_given_and_says_what_it_was_granted():
    table = framed(FAILED, HELD)
    assert table[["trial", "cpus", "memory_mib", "replicas", "users"]].values.tolist() == [
        ["b" * 16, 0.2, 300, 2, 1000],
        ["a" * 16, 1.0, 300, 1, 1000],
    ]


def test_a_row_has_the_verdict_and_the_figures_of_its_trial():
    (row,) = framed(HELD).itertuples()
    assert row.verdict == "holds"
    assert row.reasons == "; ".join(judge(HELD).reasons)
    assert row.p95_low_ms <= row.p95_ms <= row.p95_high_ms < 20
    assert (row.error_rate, row.slow_share, row.stopped_early) == (0.0, 0.0, False)
    assert row.throughput_rps == pytest.approx(100, rel=0.1)
    assert row.cpu_used_cores == pytest.approx(0.6)
    assert (row.memory_peak_mib, row.steady_s) == (140.0, 30.0)
    assert row.throttled_ratio == pytest.approx(0.05)
    assert row.steal_ratio == pytest.approx(0.01)


def test_a_percentile_that_failures_kept_from_being_reached_is_infinite():
    (row,) = framed(FAILED).itertuples()
    assert (row.verdict, row.p95_ms) == ("fails", math.inf)
    assert row.error_rate > 0.4
    assert row.steady_error_rate > 0.4


def test_what_was_not_measured_is_blank_and_never_zero():
    (row,) = framed(KILLED).itertuples()
    assert (row.stopped_early, row.steady_s, row.cause) == (True, 0.0, "out_of_memory")
    unmeasured = (row.throughput_rps, row.cpu_used_cores, row.slow_share, row.p95_low_ms)
    assert [np.isnan(value) for value in unmeasured] == [True] * 4


def test_a_trial_that_does_not_fail_has_no_cause():
    assert framed(HELD)["cause"].isna().all()


def test_a_table_without_trials_has_the_same_columns_of_the_same_kind():
    assert framed().dtypes.equals(framed(HELD).dtypes)
    assert [*framed().columns] == [*COLUMNS]


def test_the_table_comes_back_from_a_file_as_it_was(tmp_path):
    table = framed(HELD, FAILED, KILLED)
    table.to_csv(tmp_path / "trials.csv", index=False)
    again = pd.read_csv(tmp_path / "trials.csv", parse_dates=["started_at"])
    pd.testing.assert_frame_equal(again.astype(COLUMNS), table)
