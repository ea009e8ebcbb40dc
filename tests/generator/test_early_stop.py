"""When failures of a load prove more than may fail, whatever burst there was."""

import pytest
from scipy import stats

from loadtests.generator.early_stop import (
    BURST_S,
    TAIL,
    EarlyStop,
    StoppedEarly,
    exceeds,
    outside_burst,
    proves_failing,
)

# 0.1% of 60,000 requests: 60 may fail, 77 prove that more do.
RULE = EarlyStop(0.001, 60_000, 500_000.0)


def test_a_whole_load_is_at_least_as_many_requests_as_planned():
    """Users who are held up ask less often, and may yet catch up."""
    assert RULE.requests_of_whole(sent=0, users=0, user_s=0.0) == 60_000
    assert RULE.requests_of_whole(sent=12_000, users=10_000, user_s=100_000.0) == 60_000


def test_a_whole_load_is_more_where_users_ask_more_often_than_once_between_two_thinks():
    """Five requests each 10 s by 10,000 users, seen for a fifth of the time."""
    assert RULE.requests_of_whole(sent=60_000, users=10_000, user_s=100_000.0) == 260_000


def test_a_whole_load_is_no_fewer_requests_than_were_sent():
    """A ramp-up that took longer leaves users more time than was planned for all of them."""
    assert RULE.requests_of_whole(sent=90_000, users=10_000, user_s=600_000.0) == 90_000


@pytest.mark.parametrize(
    ("failures", "requests", "error_rate", "proven", "what"),
    [
        (60, 60_000, 0.001, False, "as many as may fail"),
        (61, 60_000, 0.001, False, "one more, which half of such loads have"),
        (76, 60_000, 0.001, False, "2.6% of such loads have as many"),
        (77, 60_000, 0.001, True, "2% have"),
        (2, 400, 0.001, False, "0.5% of few"),
        (3, 400, 0.001, True, "0.75% of few"),
        (400, 400, 0.5, True, "all"),
    ],
)
def test_failures_prove_a_higher_error_rate_where_chance_hardly_has_so_many(
    failures, requests, error_rate, proven, what
):
    assert exceeds(failures, requests, error_rate) is proven, what


@pytest.mark.parametrize("requests", [1, 17, 400, 5500, 60_000, 2_000_000])
@pytest.mark.parametrize("error_rate", [1e-5, 0.001, 0.05, 0.5, 0.99])
def test_the_fewest_that_prove_it_are_those_of_the_binomial_distribution(requests, error_rate):
    """Which are those whose exact lower bound is above the error rate."""
    fewest = int(stats.binom.isf(TAIL, requests, error_rate)) + 1
    if fewest <= requests:
        assert exceeds(fewest, requests, error_rate)
    assert not exceeds(fewest - 1, requests, error_rate)


@pytest.mark.parametrize(
    ("failed", "outside", "what"),
    [
        ({}, 0, "nothing failed"),
        ({7: 500}, 0, "in one second"),
        ({7: 50, 8: 900, 9: 900, 10: 40}, 0, "in three seconds that touch four"),
        ({7: 50, 8: 900, 9: 900, 10: 40, 11: 1}, 1, "and once after them"),
        ({7: 500, 30: 90}, 90, "in two bursts: the worst is left out"),
        (dict.fromkeys(range(10), 20), 120, "all along"),
        ({0: 1, 4: 1}, 1, "once, and once more later"),
    ],
)
def test_the_worst_burst_is_left_out(failed, outside, what):
    assert outside_burst(failed) == outside, what


@pytest.mark.parametrize("begins_s", [0.0, 0.3, 0.999, 1.5])
def test_a_burst_is_left_out_whole_wherever_in_a_second_it_begins(begins_s):
    """A thousand failures a second."""
    ends_s = [begins_s + BURST_S * i / 3000 for i in range(3001)]
    failed = {second: sum(int(s) == second for s in ends_s) for second in range(6)}
    assert outside_burst(failed) == 0


def test_where_none_may_fail_the_first_failure_is_one_too_many():
    """There is no rate to estimate, and a burst breaks such an SLO as well."""
    assert proves_failing({3: 1}, 60_000, 0.0)
    assert not proves_failing({}, 60_000, 0.0)


@pytest.mark.parametrize(
    ("failed", "sent", "stopped", "what"),
    [
        ({}, 12_000, None, "nothing failed, however slow it is"),
        ({5: 20, 6: 20, 7: 20}, 12_000, None, "as many as may fail"),
        ({5: 5000}, 12_000, None, "a lone burst, which may be the only one"),
        ({5: 5000, 9: 76}, 12_000, None, "and after it what chance may have"),
        ({5: 5000, 9: 77}, 12_000, StoppedEarly("5077 requests had failed", 60_000), "one more"),
        ({5: 5000, 9: 77}, 60_000, None, "as many, of a load that will have 260,000"),
    ],
)
def test_a_load_is_stopped_once_failures_prove_that_the_whole_has_too_many(
    failed, sent, stopped, what
):
    assert RULE.judge(failed, sent, users=10_000, user_s=100_000.0) == stopped, what
