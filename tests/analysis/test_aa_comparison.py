"""One setting against itself: nothing is found where nothing is, and something where it is."""

import math
from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.aa_comparison import Pair, agreement, compare, differ
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.jobs.aa_trials import orders
from loadtests.question import Question, Workload
from loadtests.report.plots.aa_comparison import agreement_figure
from tests.analysis.records import evidence, steady_ms

BRIEF = Question(Workload(users=300, spawn_rate=300.0, think_time_s=(0.5, 1.5), steady_s=6.0))


def trial(seed: int, median_ms: float = 5.0, slow: float = 0.02) -> Evidence:
    """A short trial of a service with that latency."""
    return evidence(question=BRIEF, latency=steady_ms(median_ms, slow, 600.0), seed=seed)


def pair(a_ms: float, b_ms: float, differs: bool = False) -> Pair:
    """A pair of which only the p95 matter."""
    share = Interval(0.0, 0.0, 0.01)
    p95 = (Interval(a_ms, a_ms - 1, a_ms + 1), Interval(b_ms, b_ms - 1, b_ms + 1))
    return Pair(p95, (share, share), False, differs)


def test_a_setting_differs_from_itself_no_more_often_than_chance_explains():
    """A hundred pairs: 5% of them, give or take, and never the most of them."""
    found = agreement([compare(trial(2 * n), trial(2 * n + 1)) for n in range(100)])
    assert found.allowed == 10
    assert found.share_claims <= found.allowed
    assert found.p95_claims <= found.allowed
    assert found.noise_claims <= found.allowed


def test_a_service_twice_as_slow_is_told_apart_by_p95_alone():
    """Both are far within the SLO, so the share of slow requests is the same."""
    slower = [trial(2 * n + 1, median_ms=10.0, slow=0.0) for n in range(10)]
    found = [compare(trial(2 * n, slow=0.0), slower[n]) for n in range(10)]
    assert sum(pair.p95_differs for pair in found) >= 8  # six seconds see most of it, not all
    assert not any(pair.share_differs for pair in found)


def test_four_times_as_many_slow_requests_are_told_apart():
    """2% against 8%."""
    found = [compare(trial(2 * n), trial(2 * n + 1, slow=0.08)) for n in range(10)]
    assert sum(pair.share_differs for pair in found) >= 9


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [
        ([0] * 6, [0] * 6, "nothing slow in either"),
        ([0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0], "three slow of 1,800: too few to tell"),
        ([0, 0, 0, 0, 0, 60], [0, 0, 0, 0, 0, 0], "all in one second: one misfortune"),
    ],
)
def test_little_is_no_difference(a, b, what):
    """Neither a few requests nor one bad second."""
    total = np.full(6, 300)
    assert not differ((np.array(a), total), (np.array(b), total)), what


def test_five_seconds_tell_no_difference():
    """They carry no interval."""
    total = np.full(5, 300)
    assert not differ((np.full(5, 0), total), (np.full(5, 90), total))


def test_the_noise_floor_is_the_distance_of_equals():
    """Twenty pairs: nineteen apart by a tenth, one by much more."""
    pairs = [pair(105.0, 95.0) if n % 2 else pair(95.0, 105.0) for n in range(19)]
    found = agreement([*pairs, pair(50.0, 150.0, differs=True)])
    assert found.allowed == 3
    assert found.floor == pytest.approx(0.1)
    assert found.floor_range[0] == pytest.approx(0.1)
    assert (found.p95_claims, found.noise_claims) == (1, 1)


def test_a_p95_that_was_never_answered_has_no_distance():
    """And does not stop the rest."""
    assert math.isnan(pair(math.inf, 100.0).distance)
    assert agreement([pair(math.inf, 100.0)] + [pair(100.0, 110.0)] * 6).floor > 0


def test_too_few_pairs_are_refused():
    """Five say nothing of 5%."""
    with pytest.raises(ValueError, match="5 pairs are too few"):
        agreement([pair(100.0, 100.0)] * 5)


def test_the_order_is_that_of_dice_and_always_the_same():
    """Neither A nor B is always first."""
    drawn = orders(20, seed=1)
    assert drawn == orders(20, seed=1)
    assert 5 <= drawn.count(("A", "B")) <= 15
    assert set(drawn) == {("A", "B"), ("B", "A")}


def test_the_figure_says_how_far_equals_lie_apart():
    """Its message has the noise floor in it, and a pair without an answer does not break it."""
    found = agreement([pair(100.0, 110.0, differs=True)] * 7 + [pair(math.inf, 100.0)])
    figure = agreement_figure(found, "0.5 CPU / 300 MiB")
    assert "differs by 9.5% in the median of 8 pairs" in figure.get_suptitle().replace("\n", " ")
    assert replace(found, share_claims=1) != found
