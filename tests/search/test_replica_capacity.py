"""Which users a staircase climbs that looks for what replicas hold, of services of known kind."""

import pytest

from loadtests.question import SLO
from loadtests.search.replica_capacity import (
    LEVELS,
    climbs_on,
    expected_rate,
    levels,
    next_expected,
)
from loadtests.verdicts import Step

PAUSE_S = 1.0
LIMIT_S = SLO().latency_ms / 1000
NO_END = 10**6


def climb(users, saturates_per_s):
    """Climb as a service would that answers at once up to a rate: R = N / X - Z beyond it."""
    seen = []
    for number in users:
        rate = min(number / PAUSE_S, saturates_per_s)
        late = number / rate - PAUSE_S > LIMIT_S
        requests = round(5 * rate)
        seen.append(Step(0.1, number, requests, requests if late else 0, 0, None, 0.0, 2.0, 7.0))
        if not climbs_on(seen, SLO()):
            break
    return seen


@pytest.mark.parametrize("truth", [60.0, 90.0, 100.0, 140.0, 170.0])
def test_a_saturated_level_is_among_those_that_pass_however_the_levels_lie(truth):
    """So the throughput found does not depend on the steps."""
    seen = climb(levels(100.0, PAUSE_S, NO_END), truth)
    held = max(step.requests / 5 for step in seen if step.passes(SLO()))
    assert held == pytest.approx(truth, rel=0.01)
    assert not seen[-1].passes(SLO())


def test_two_levels_that_fail_in_a_row_end_it_and_one_does_not():
    """One may fail by chance, with those above it held."""
    quick = [Step(0.1, users, users * 5, 0, 0, None, 0.0, 2.0, 7.0) for users in (64, 80, 100)]
    slow = Step(0.1, 100, 500, 400, 0, None, 0.0, 2.0, 7.0)
    assert climbs_on([*quick[:2], slow], SLO())
    assert climbs_on([*quick[:1], slow, quick[2]], SLO())
    assert not climbs_on([*quick[:1], slow, slow], SLO())
    assert climbs_on([slow], SLO()), "the first may be a slow start"


def test_what_is_expected_follows_from_the_nearest_count_that_is_known():
    assert expected_rate({}, 3, 50.0) == 150
    assert expected_rate({1: 60.0, 4: 200.0}, 5, 50.0) == 250
    assert expected_rate({1: 60.0, 4: 200.0}, 2, 50.0) == 120


def test_levels_rise_around_what_is_expected_and_end_at_the_most():
    users = levels(100.0, PAUSE_S, NO_END)
    assert users == sorted(set(users))
    assert len(users) == LEVELS
    assert users[0] == 64
    assert users[2] == 100
    assert levels(100.0, PAUSE_S, 110) == [64, 80, 100, 110]
    assert levels(100.0, PAUSE_S, 10) == [10]


@pytest.mark.parametrize(("truth", "where"), [(10.0, 25.0), (400.0, 300.0), (100.0, None)])
def test_a_staircase_without_an_edge_is_climbed_elsewhere(truth, where):
    seen = climb(levels(100.0, PAUSE_S, NO_END), truth)
    assert next_expected(100.0, seen, SLO()) == where
