"""A Gaussian process finds the edge in the plane, states how reliable it is, and ends."""

from dataclasses import replace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.gaussian_process import TRIALS_AT_MOST, level_set
from loadtests.comparison.needs import Need
from loadtests.comparison.problem import SearchRun
from loadtests.comparison.simulated import SimulatedService, draw_service
from loadtests.question import Setting, rank
from tests.comparison.problems import SPACE, PlainProblem

COST = Prices().per_hour


@pytest.mark.parametrize(("cpus", "memory_mib"), [(0.4, 150), (0.2, 100), (0.6, 200)])
def test_without_noise_the_answer_is_within_a_step_of_the_least(cpus: float, memory_mib: int):
    answer = level_set(SearchRun(PlainProblem(cpus, memory_mib)), COST)
    assert answer.setting is not None
    found, least = SPACE.steps(answer.setting), SPACE.steps(Setting(cpus, memory_mib))
    assert max(abs(a - b) for a, b in zip(found, least, strict=True)) <= 1


def test_it_states_how_reliable_its_answer_is_by_what_it_believes():
    """Its own doubt included, so it may be somewhat less than asked for."""
    stated = [level_set(SearchRun(draw_service(seed)), COST).reliability for seed in range(10)]
    assert all(0.7 < told <= 1 for told in stated if told is not None)
    assert sum(told is not None for told in stated) >= 6


def test_it_begins_with_the_largest_and_never_exceeds_its_trials():
    for seed in range(10):
        search_run = SearchRun(draw_service(seed, noise=2.0))
        level_set(search_run, COST)
        assert search_run.findings[0].setting == search_run.space.ample
        valid = [f for f in search_run.findings if f.trial_verdict != "invalid"]
        assert len(valid) <= TRIALS_AT_MOST


def test_it_does_not_ask_what_costs_more_than_what_it_is_sure_of():
    """But for the largest, with which it begins, and the one in the middle."""
    service = replace(SimulatedService(1, SPACE, Need(0.12, 45.0)), noise=0.01)
    search_run = SearchRun(service)
    answer = level_set(search_run, COST)
    assert answer.setting is not None
    asked = [finding.setting for finding in search_run.findings[2:]]
    half = sorted(SPACE.cells, key=lambda cell: rank(cell, COST))[len(SPACE.cells) // 2]
    assert all(rank(cell, COST) <= rank(half, COST) for cell in asked)


def test_where_nothing_holds_it_gives_no_answer():
    assert level_set(SearchRun(PlainProblem(cpus=2.0)), COST).setting is None
