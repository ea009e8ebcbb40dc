"""Why more replicas give less: what is said must be in the records, and no more."""

import pytest

from loadtests.analysis.replica_capacity import Climb
from loadtests.analysis.returns import NOT_COUNTED, request_cost, returns, wakeup_price_us
from tests.analysis.replicas import climb, several

# One staircase each in which a wake-up costs 100 us: 0.2 ms + 0.1 ms a wake-up.
WOKEN = [1.0, 0.8, 0.5]
CLIMBS = [
    Climb(climb([50.0, 100.0, 150.0], wakeups=WOKEN, cpu_ms=[0.2 + price * w for w in WOKEN]))
    for price in (0.1, 0.11, 0.09)
]


def trials(**changes):
    """Three trials each of one and of four replicas."""
    one = [several(1, cpu_ms=ms, wakeups=0.5, seed=n) for n, ms in enumerate((0.24, 0.25, 0.26))]
    four = [
        several(4, **({"cpu_ms": ms, "wakeups": 1.0, "seed": n} | changes))
        for n, ms in enumerate((0.29, 0.30, 0.31), 5)
    ]
    return [*one, *four]


def test_the_cost_of_a_request_is_its_cpu_and_its_wake_ups():
    cost = request_cost(several(2, cpu_ms=0.3, wakeups=0.7))
    assert cost.replicas == 2
    assert cost.cpu_us == pytest.approx(300, rel=0.05)
    assert cost.wakeups == pytest.approx(0.7, rel=0.05)


def test_a_staircase_tells_what_a_wake_up_costs():
    assert wakeup_price_us(CLIMBS[0]) == pytest.approx(100, rel=0.1)


def test_a_staircase_of_few_levels_tells_no_price():
    assert wakeup_price_us(Climb(climb([50.0, 100.0]))) is None


def test_what_more_replicas_cost_and_what_goes_with_it_is_said_in_numbers():
    found = returns(trials(), CLIMBS)
    assert found.compared == (1, 4)
    assert found.times.estimate == pytest.approx(1.2, rel=0.05)
    dearer, woken, explained = found.sentences()
    assert "times as much" in dearer
    assert "not tell them apart" not in dearer
    assert "times a request with 1 and 1.00 times with 4" in woken
    assert "was not measured and is not known" in explained
    assert found.price_us.estimate == pytest.approx(100, rel=0.01)
    assert found.price_us.low > 70


def test_a_difference_that_the_trials_do_not_show_is_not_claimed():
    found = returns(trials(cpu_ms=0.25), CLIMBS)
    assert "do not tell them apart" in found.sentences()[0]


def test_without_the_kernels_counts_the_reason_is_not_known():
    """As with an engine elsewhere, and in older records."""
    found = returns(trials(wakeups=None), CLIMBS)
    assert found.sentences()[1:] == [NOT_COUNTED]


def test_without_staircases_the_price_of_a_wake_up_is_not_known():
    assert "is not known" in returns(trials(), []).sentences()[-1]


def test_one_trial_each_is_no_comparison():
    (said,) = returns([several(1), several(4)], CLIMBS).sentences()
    assert "is not known" in said
