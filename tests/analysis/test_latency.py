"""Percentiles with failures in them, and which requests belong to the steady state."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis import latency
from tests.analysis import records
from tests.evidence_log import log_case

STEADY_S = 20.0  # when the steady state begins in records.QUESTION; it ends at 50 s


def with_rows(*rows: tuple[float, float, str]):
    """A trial of exactly these requests: start_s, latency_ms, outcome."""
    table = pd.DataFrame(rows, columns=["start_s", "latency_ms", "outcome"])
    return records.with_requests(records.evidence(), table)


def brute_percentile(latencies: list[float], percent: float) -> float:
    """The least value that at least `percent` of all are no greater than."""
    for value in sorted(latencies):
        if sum(x <= value for x in latencies) * 100 >= percent * len(latencies):
            return value
    raise AssertionError


@pytest.mark.parametrize("percent", [1, 50, 90, 95, 99, 99.9])
@pytest.mark.parametrize("failed", [0.0, 0.04, 0.06, 0.5, 1.0])
def test_percentile_agrees_with_counting_by_hand(percent, failed):
    """Brute force over several sizes, failures infinitely slow."""
    rng = np.random.default_rng(3)
    for size in (1, 2, 19, 20, 21, 100, 257):
        values = np.where(rng.random(size) < failed, math.inf, rng.exponential(100, size))
        assert latency.percentile(values, percent) == brute_percentile(list(values), percent)


def test_p95_is_within_the_slo_exactly_when_no_more_than_5_percent_are_slow():
    """The percentile and the share q are two words for one thing."""
    for slow in range(20):
        values = np.array([600.0] * slow + [10.0] * (200 - slow))
        assert (latency.percentile(values, 95) <= 500) == (slow <= 0.05 * 200)


def test_no_requests_have_no_percentile():
    """Missing is not zero."""
    assert math.isnan(latency.percentile(np.empty(0), 95))


@pytest.mark.parametrize(
    ("row", "expected_ms", "what"),
    [
        ((STEADY_S, 7.0, "ok"), [7.0], "the steady state's first moment belongs to it"),
        (
            (STEADY_S - 0.001, 900.0, "ok"),
            [],
            "waited for in the steady state, yet it began before",
        ),
        ((STEADY_S - 1.0, 900.0, "ok"), [], "answered before the steady state began"),
        ((49.999, 7.0, "ok"), [7.0], "began in the steady state, ended after it: its request"),
        ((50.0, 7.0, "ok"), [], "the steady state's end does not belong to it"),
        ((30.0, 2.0, "refused"), [math.inf], "a fast failure is infinitely slow"),
        ((30.0, 2.0, "http_500"), [math.inf], "any other word is a failure"),
        ((49.0, 501.0, "in_flight"), [math.inf], "unanswered and older than the SLO"),
        ((49.8, 200.0, "in_flight"), [], "unanswered and young: could still be either"),
        ((49.5, 500.0, "in_flight"), [], "as old as the SLO is not yet slower"),
    ],
)
def test_which_requests_the_hold_has(row, expected_ms, what):
    """Those that began in it, with failures infinitely slow."""
    assert latency.steady_sample(with_rows(row)).latency_ms.tolist() == expected_ms, what


def test_slow_requests_from_before_the_steady_state_do_not_make_it_look_slower():
    """4.4% take 5 s. Of those under way at its begin, slow ones are a third: 5.03% in all."""
    slow = records.steady_ms(5.0, 0.044, 5000.0)
    given = [records.evidence(latency=slow, seed=seed) for seed in range(40)]
    samples = [latency.steady_sample(one) for one in given]
    share = sum(s.slow.sum() for s in samples) / sum(len(s.slow) for s in samples)
    right = share == pytest.approx(0.044, abs=0.0015)
    what = "a true 4.4% take 5 s, in 40 trials of 30 s of steady state"
    log_case("mended", "slow requests from before", what, f"{share:.1%} slow", right, "5.1% slow")
    assert right, share


def test_users_stuck_with_an_old_request_are_counted_apart():
    """Whoever waits half of the 30 s steady state for it, whether it is answered then or not."""
    given = with_rows(
        (12.0, 22_900, "ok"),
        (12.0, 23_100, "ok"),
        (12.0, 30_000, "timeout"),
        (19.0, 31_000, "in_flight"),
        (20.1, 29_900, "in_flight"),
    )
    assert (latency.long_stuck(given), latency.locked_out(given)) == (3, 1)
    assert len(latency.steady_sample(given).slow) == 1


def test_slow_requests_are_counted_by_the_second_they_began():
    """Empty seconds count nothing, and are there."""
    sample = latency.steady_sample(
        with_rows((20.2, 5, "ok"), (20.9, 800, "ok"), (22.0, 1, "reset"), (49.9, 3, "ok"))
    )
    slow, total = latency.slow_counts(sample)
    assert len(total) == 30
    assert (slow[:3].tolist(), total[:3].tolist()) == ([1, 0, 1], [2, 0, 1])
    assert total.sum() == 4


def test_failures_are_those_of_the_whole_trial_and_unanswered_ones_have_not_ended():
    """Ramp included; a request in flight past its timeout has failed."""
    given = with_rows(
        (1.0, 5, "refused"), (30.0, 5, "ok"), (49, 900, "in_flight"), (39.9, 10_100, "in_flight")
    )
    assert latency.failures(given) == (2, 3)
    assert latency.error_rate(with_rows()) == 0.0


def test_users_in_flight_are_those_who_began_and_have_not_ended():
    """Unanswered requests never end."""
    given = with_rows((10.0, 2000, "ok"), (11.0, 500, "reset"), (12.5, 37_500, "in_flight"))
    at_s = np.array([9.0, 10.5, 11.2, 11.8, 12.2, 13.0, 49.0])
    assert latency.in_flight_users(given, at_s).tolist() == [0, 1, 2, 1, 0, 1, 1]


def test_the_series_by_second_agrees_with_each_second_by_itself():
    """Against the plain percentile, second by second."""
    given = records.evidence(failures={"reset": 0.1})
    series = latency.per_second(given)
    table = given.requests[given.requests["outcome"] != "in_flight"]
    felt = np.where(table["outcome"] == "ok", table["latency_ms"], math.inf)
    for second in (0, 7, 25, 48):
        values = felt[np.floor(table["start_s"].to_numpy()) == second]
        line = series.iloc[second]
        assert line["requests"] == len(values)
        assert line["failures"] == np.isinf(values).sum()
        assert line["p95_ms"] == latency.percentile(values, 95)


def test_the_series_of_nothing_is_empty():
    """No requests, no seconds."""
    assert latency.per_second(with_rows()).empty


def test_a_hold_that_never_began_has_no_seconds():
    """A trial that ended in its ramp-up."""
    given = records.evidence()
    phases = replace(given.trial.phases, steady_end_s=given.trial.phases.steady_start_s)
    sample = latency.steady_sample(replace(given, trial=replace(given.trial, phases=phases)))
    assert (sample.seconds, len(sample.latency_ms)) == (0, 0)
