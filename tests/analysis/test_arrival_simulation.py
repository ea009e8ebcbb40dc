"""Simulated arrivals beside theory: Little's law, and how counts of independent users scatter."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from loadtests.analysis import arrival_simulation
from loadtests.analysis.arrival_simulation import simulate_arrivals
from loadtests.errors import QuestionError
from loadtests.question import Workload

USERS = Workload(users=20_000)  # 2,000 requests/s
LONG_AGO = replace(USERS, spawn_rate=50.0)  # the first came 400 s ago, the last 10
AT_ONCE = replace(USERS, spawn_rate=20_000.0)  # all within a second


def simulated(workload=LONG_AGO, replicas=20, seed=1, **given):
    return simulate_arrivals(workload, replicas, np.random.default_rng(seed), **given)


@pytest.mark.parametrize("evenly", [True, False])
@pytest.mark.parametrize("response_s", [0.0, 2.5])
def test_throughput_is_what_littles_law_says(evenly, response_s):
    """X = N / (R + Z); its scatter over a minute is far below 1%."""
    found = simulated(evenly=evenly, response_s=response_s)
    assert found.rps == pytest.approx(USERS.expected_rps(response_s), rel=0.01)


def test_every_window_of_every_replica_is_counted_once():
    found = simulated()
    assert found.cells.sum() == 20 * 600
    requests = (np.arange(len(found.cells)) * found.cells).sum()
    assert requests == round(found.rps * found.steady_s)


def test_counts_scatter_as_a_binomial_where_users_are_shared_out_evenly():
    """Each of 1,000 users asks in a window with a chance of 0.1 s / 10 s, at most once."""
    found = simulated()
    each, chance = 1000, 0.01
    assert found.mean_per_window == pytest.approx(each * chance, rel=0.01)
    assert found.variance_per_window == pytest.approx(each * chance * (1 - chance), rel=0.06)
    seen = found.cells[:30] / found.cells.sum()
    expected = stats.binom.pmf(np.arange(len(seen)), each, chance)
    assert np.abs(np.cumsum(seen) - np.cumsum(expected)).max() < 0.02


def test_counts_scatter_more_where_users_are_shared_out_at_random():
    """The users of a replica are themselves a draw, so its busiest has more all along."""
    even, random = simulated(replicas=200), simulated(replicas=200, evenly=False)
    assert even.replica_peak < 1.1 < random.replica_peak
    most = stats.binom.isf(1 / 200, USERS.users, 1 / 200) / (USERS.users / 200)
    assert random.replica_peak == pytest.approx(most, rel=0.12)


def test_the_fullest_moment_is_about_where_theory_has_the_fullest_of_so_many():
    found = simulated()
    many = stats.binom(1000, 0.01)
    low, high = many.isf(10 / (20 * 600)), many.isf(0.01 / (20 * 600))
    assert low <= found.fullest_window <= high
    assert found.window_peak == found.fullest_window / found.mean_per_window
    assert 1 < found.replica_peak < found.second_peak < found.window_peak


def test_users_who_all_came_at_once_still_ask_in_waves():
    """After two pauses or so their times are not spread yet; of who came over 400 s they are."""
    at_once, long_ago = (simulated(load, replicas=1) for load in (AT_ONCE, LONG_AGO))
    assert at_once.second_peak > 1.3 * long_ago.second_peak


def test_what_is_drawn_for_users_of_long_ago_is_what_simulating_them_from_their_start_gives(
    monkeypatch,
):
    drawn = simulated(LONG_AGO, seed=2)
    monkeypatch.setattr(arrival_simulation, "CYCLES_TO_FORGET", math.inf)
    walked = simulated(LONG_AGO, seed=3)
    assert drawn.rps == pytest.approx(walked.rps, rel=0.01)
    assert drawn.variance_per_window == pytest.approx(walked.variance_per_window, rel=0.08)


@pytest.mark.parametrize("evenly", [True, False])
def test_chunks_change_nothing_that_can_be_told(evenly, monkeypatch):
    whole = simulated(evenly=evenly)
    monkeypatch.setattr(arrival_simulation, "USERS_AT_ONCE", 777)
    monkeypatch.setattr(arrival_simulation, "REPLICAS_AT_ONCE", 3)
    chunked = simulated(evenly=evenly)
    assert chunked.cells.sum() == whole.cells.sum()
    assert chunked.rps == pytest.approx(whole.rps, rel=0.01)


@pytest.mark.parametrize("replicas", [1, 7, 20])
def test_every_user_is_at_one_replica_and_by_turns_none_has_two_more(replicas):
    shares = arrival_simulation._shares(100, replicas, np.random.default_rng(1), True)
    own = [np.zeros(replicas, np.int64), []]
    for users, replica in arrival_simulation._users(
        shares, 0, replicas, 100, np.random.default_rng(1), True
    ):
        own[0] += np.bincount(replica, minlength=replicas)
        own[1] += users.tolist()
        assert (users % replicas == replica).all()
    assert sorted(own[1]) == list(range(100))
    assert np.ptp(own[0]) <= 1


def test_a_seed_gives_the_same_arrivals_and_another_gives_others():
    assert simulated(seed=5).cells.tolist() == simulated(seed=5).cells.tolist()
    assert simulated(seed=5).cells.tolist() != simulated(seed=6).cells.tolist()


def test_a_short_steady_state_counts_no_request_beyond_it():
    found = simulated(steady_s=1.0)
    assert found.cells.sum() == 20 * 10
    assert found.rps == pytest.approx(USERS.expected_rps(), rel=0.1)


@pytest.mark.parametrize("replicas", [0, 20_001])
def test_fewer_users_than_replicas_are_refused(replicas):
    with pytest.raises(QuestionError, match="from 1 to the 20,000 users"):
        simulated(replicas=replicas)


def test_an_open_load_has_its_arrivals_given():
    with pytest.raises(QuestionError, match="simulate closed users"):
        simulated(Workload().opened("poisson", 100.0))
