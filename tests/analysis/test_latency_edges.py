"""Which requests and users count, to the very moment; the steady state goes from 20 s to 50 s."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis import latency
from tests.analysis import records


def with_rows(*rows, **given):
    """A trial of exactly these requests: start_s, latency_ms, outcome."""
    table = pd.DataFrame(rows, columns=["start_s", "latency_ms", "outcome"])
    return records.with_requests(records.evidence(**given), table)


def with_steady_state(given, seconds):
    """The same trial with a steady state of so many seconds."""
    phases = given.trial.phases
    phases = replace(phases, steady_end_s=phases.steady_start_s + seconds)
    return replace(given, trial=replace(given.trial, phases=phases))


@pytest.mark.parametrize(("latency_ms", "slow"), [(500.0, False), (500.1, True)])
def test_slow_is_slower_than_the_slo_allows(latency_ms, slow):
    given = with_rows((30.0, latency_ms, "ok"))
    assert latency.steady_sample(given).slow.tolist() == [slow]
    assert latency.per_second(given)["slow"].sum() == slow


def test_a_part_of_a_second_at_the_end_is_a_second_of_its_own():
    given = with_steady_state(with_rows((29.4, 5.0, "ok")), 9.5)
    assert latency.steady_sample(given).seconds == 10
    assert latency.steady_sample(with_steady_state(given, 9.0 + 1e-12)).seconds == 9


@pytest.mark.parametrize(
    ("row", "ended", "ok", "what"),
    [
        ((19.0, 1000.0, "ok"), 1, 1, "ended at the steady state's first moment"),
        ((19.0, 999.0, "ok"), 0, 0, "ended just before"),
        ((49.0, 999.0, "reset"), 1, 0, "ended just before its end"),
        ((49.0, 1000.0, "ok"), 0, 0, "ended at its end"),
        ((30.0, 5000.0, "in_flight"), 0, 0, "has not ended"),
    ],
)
def test_throughput_and_errors_of_the_steady_state_are_of_what_ended_in_it(row, ended, ok, what):
    given = with_rows(row)
    assert latency.answered_rps(given) == pytest.approx(ended / 30), what
    assert latency.steady_error_rate(given) == (1 - ok if ended else None), what


def test_a_steady_state_of_no_length_has_no_throughput():
    assert latency.answered_rps(with_steady_state(records.evidence(), 0.0)) is None
    assert latency.answered_rps(with_steady_state(with_rows((20.0, 5.0, "ok")), 0.5)) == 2.0


@pytest.mark.parametrize(
    ("start_s", "ended"), [(40.0, 1), (40.1, 0)], ids=["as old as the timeout", "younger"]
)
def test_an_unanswered_request_has_failed_once_it_is_as_old_as_the_timeout(start_s, ended):
    given = with_rows((start_s, 1000 * (50.0 - start_s), "in_flight"))
    assert latency.failures(given) == (ended, ended)
    assert latency.error_rate(given) == ended


@pytest.mark.parametrize(
    ("row", "locked_out", "long_stuck", "what"),
    [
        ((20.0, 30_000.0, "in_flight"), 1, 0, "asked as the steady state began"),
        ((20.1, 29_900.0, "in_flight"), 0, 0, "asked in it"),
        ((19.9, 30_100.0, "in_flight"), 1, 1, "asked before"),
        ((19.0, 16_000.0, "ok"), 0, 1, "waited for half of it"),
        ((19.0, 15_900.0, "ok"), 0, 0, "not quite half"),
    ],
)
def test_a_user_is_stuck_with_a_request_from_before(row, locked_out, long_stuck, what):
    given = with_rows(row)
    assert latency.locked_out(given) == locked_out, what
    assert latency.long_stuck(given) == long_stuck, what


@pytest.mark.parametrize(
    ("steady_s", "locked_out", "long_stuck"), [(0.5, 0, 0), (0.6, 1, 0), (1.0, 1, 0), (1.1, 1, 1)]
)
def test_nobody_is_stuck_in_a_steady_state_no_longer_than_an_answer_may_take(
    steady_s, locked_out, long_stuck
):
    """500 ms; of those who waited for half of it, in half of it."""
    given = with_steady_state(with_rows((19.0, 2100.0, "in_flight")), steady_s)
    assert (latency.locked_out(given), latency.long_stuck(given)) == (locked_out, long_stuck)


def test_a_user_waits_from_the_moment_of_asking_until_that_of_the_answer():
    given = with_rows((10.0, 2000.0, "ok"))
    at_s = np.array([9.9, 10.0, 11.9, 12.0])
    assert latency.in_flight_users(given, at_s).tolist() == [0, 1, 1, 0]


def test_the_series_by_second_knows_who_was_slow_who_failed_and_where_nobody_asked():
    """A young request in flight could still be either; one from before the first user is of 0."""
    given = with_rows(
        (-0.1, 5.0, "ok"), (0.5, 700.0, "ok"), (0.6, 20.0, "ok"), (2.2, 5.0, "reset"),
        (2.5, 500.0, "in_flight"), (2.6, 501.0, "in_flight"),
    )  # fmt: skip
    series = latency.per_second(given)
    assert series["second"].tolist() == [0, 1, 2]
    assert series["requests"].tolist() == [3, 0, 2]
    assert series["failures"].tolist() == [0, 0, 2]
    assert series["slow"].tolist() == [1, 0, 2]
    assert series["p50_ms"].tolist() == pytest.approx([20.0, np.nan, np.inf], nan_ok=True)
    assert series["p99_ms"].tolist() == pytest.approx([700.0, np.nan, np.inf], nan_ok=True)


def test_the_percentiles_of_a_second_are_by_nearest_rank_too():
    """19 of 20 are 95%; one request is every percentile of its second."""
    given = with_rows((0.5, 7.0, "ok"), *((1.5, float(ms), "ok") for ms in range(20, 0, -1)))
    series = latency.per_second(given)
    assert series[["p50_ms", "p95_ms", "p99_ms"]].to_numpy().tolist() == [[7, 7, 7], [10, 19, 20]]
