"""Services with replicas that share their load, and what searches on three axes make of them."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.needs import Need
from loadtests.comparison.ours import ours_on_three_axes
from loadtests.comparison.problem import Begun, SearchRun, truth
from loadtests.comparison.replica_page import replica_section
from loadtests.comparison.sharing import ALONE, OVERHEADS, Sharing, draw_sharing
from loadtests.comparison.simulated import SimulatedService, draw_service
from loadtests.comparison.strategies import GRID
from loadtests.comparison.three_axes import (
    ON_THE_PLANE,
    ON_THREE_AXES,
    THREE_AXES,
    ReplicaConditions,
    draw_replicated,
    scores_of,
    simulate_three_axes,
)
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.replica_axis import ReplicaBudget, with_spare
from loadtests.search.replica_space import ReplicaSpace
from tests.comparison.problems import PlainProblem

COST = Prices().per_hour
# 0.41 CPU for one and 90 MiB, half of which every replica has; each further one costs much CPU.
SERVICE = SimulatedService(
    7, ReplicaSpace((0.1, 0.15, 0.2, 0.3, 0.4, 0.6), (50, 80, 100, 150), (1, 2, 3)),
    Need(0.41, 90.0), noise=0.01, sharing=Sharing(overhead=0.4, base_share=0.5),
)  # fmt: skip
# The same, but sharing costs no CPU: of three, 0.15 each are enough.
SHARING = replace(SERVICE, sharing=Sharing(0.0, base_share=0.5))
QUIET = ReplicaConditions(0.01, 0.0)


def test_one_replica_is_what_it_is_without_others():
    """The plane's comparison sees no difference."""
    service = draw_service(3)
    shared = replace(service, sharing=draw_sharing(3))
    twice = (Begun(0.0), Begun(60.0))
    for cell in service.space.cells:
        assert shared.finding(cell, twice) == service.finding(cell, twice)
        assert shared.reliability(cell) == service.reliability(cell)
    assert ALONE.cpu_times(1) == ALONE.memory_times(1) == 1


def test_several_need_what_the_law_of_their_sharing_says():
    """1.4 times 0.41 CPU over two replicas, and three quarters of 90 MiB each."""
    assert SERVICE.sharing.cpu_times(2) == pytest.approx(1.4)
    assert SERVICE.sharing.memory_times(2) == pytest.approx(0.75)
    for cpus, holds in ((0.2, False), (0.3, True)):
        assert (SERVICE.reliability(Setting(cpus, 100, 2)) > 0.5) is holds
    for memory_mib, holds in ((50, False), (80, True)):
        assert (SERVICE.reliability(Setting(0.3, memory_mib, 2)) > 0.5) is holds


def test_the_busiest_replica_decides():
    uneven = Sharing(overhead=0.1, uneven=1.2, base_share=0.5)
    assert uneven.cpu_times(2) == pytest.approx(1.2 * 1.1)
    assert uneven.memory_times(2) == pytest.approx(0.5 + 0.5 * 0.6)
    assert uneven.cpu_times(1) == 1


@pytest.mark.parametrize("seed", range(20))
def test_within_a_number_of_replicas_more_is_never_worse(seed: int):
    service = draw_replicated(seed)
    cpus, memory = service.space.cpus, service.space.memory_mib
    for replicas in (2, 6):
        chances = np.array(
            [[service.reliability(Setting(c, m, replicas)) for m in memory] for c in cpus]
        )
        assert (np.diff(chances, axis=0) >= 0).all()
        assert (np.diff(chances, axis=1) >= 0).all()


def test_sharing_is_drawn_as_it_is_said_to_be():
    assert sum(share for _, _, share in OVERHEADS) == pytest.approx(1)
    drawn = [draw_sharing(seed).overhead for seed in range(400)]
    below = sum(overhead < 0 for overhead in drawn) / len(drawn)
    assert below == pytest.approx(OVERHEADS[0][2], abs=0.07)
    assert draw_sharing(5) == draw_sharing(5)


def test_the_ramp_up_tells_of_memory_about_what_is_true():
    told = [SERVICE.sharing.memory_seen(seed, 100.0).base_share for seed in range(300)]
    assert np.mean(told) == pytest.approx(0.5, abs=0.02)
    assert np.std(told) > 0.05


@pytest.mark.parametrize(
    "given", [{"overhead": -1.5}, {"uneven": 0.9}, {"base_share": 1.2}], ids=str
)
def test_replicas_that_cannot_be_are_refused(given: dict[str, float]):
    with pytest.raises(QuestionError):
        Sharing(**given)


def test_without_noise_the_least_on_three_axes_is_found_by_the_grid_and_by_ours():
    """One of 0.6 CPU, as sharing costs too much; where it costs none, three of 0.15."""
    assert truth(SERVICE, COST) == Setting(0.6, 100)
    assert truth(SHARING, COST) == Setting(0.15, 80, 3)
    for service in (SERVICE, SHARING):
        for search in (GRID, ON_THREE_AXES):
            assert search.run(service, COST).answer == truth(service, COST), search.name


def test_the_search_of_one_replica_finds_the_least_of_one():
    assert ON_THE_PLANE.run(SHARING, COST).answer == Setting(0.6, 100)


def test_with_a_replica_to_spare_the_truth_has_more_of_them():
    """Six minutes find how many, and how much CPU each needs."""
    cost = with_spare(COST, 1)
    least, found = truth(SERVICE, cost), ON_THREE_AXES.run(SERVICE, cost).answer
    assert least.replicas > truth(SERVICE, COST).replicas
    assert (found.replicas, found.cpus) == (least.replicas, least.cpus)


def test_ours_needs_a_space_with_replicas():
    with pytest.raises(TypeError):
        ours_on_three_axes(SearchRun(PlainProblem()), COST)


@pytest.fixture(scope="module")
def made():
    """Three searches of some services, with usual noise and drift."""
    under = ReplicaConditions(1.0, 1.0)
    return under, simulate_three_axes(THREE_AXES, range(6), under, COST)


def test_several_replicas_take_no_more_than_their_minutes(made):
    _, by_name = made
    for ours, plane in zip(by_name[ON_THREE_AXES.name], by_name[ON_THE_PLANE.name], strict=True):
        assert 0 <= ours.outcome.load_s - plane.outcome.load_s <= ReplicaBudget().load_s


def test_ours_takes_at_most_a_twentieth_of_the_full_grid(made):
    _, by_name = made
    assert scores_of(by_name)[ON_THREE_AXES.name].share_of_grid <= 0.05


def test_the_section_says_what_was_compared_with_a_line_for_every_search(made):
    under, by_name = made
    text = "\n\n".join(replica_section({under: by_name, replace(under, lost=1): by_name}))
    assert "### Usual noise, the CPU drifts, up to 6 replicas" in text
    assert "1 replica to spare, up to 6 replicas" in text
    score = scores_of(by_name)[ON_THREE_AXES.name]
    assert f"for {score.share_of_grid:.1%} of its load" in text
    for search in THREE_AXES:
        assert text.count(f"| {search.name} |") + text.count(f"| **{search.name}** |") == 3
