"""The steps a search chooses from."""

import itertools

import pytest

from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.space import Space, ladder


def test_a_ladder_has_the_round_numbers_of_every_decade_between_its_ends():
    assert ladder(0.08, 0.5) == [0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5]
    assert ladder(80, 250) == [80, 100, 150, 200, 250]


def test_steps_are_a_fifth_to_a_half_apart():
    steps = ladder(0.05, 64)
    ratios = [b / a for a, b in itertools.pairwise(steps)]
    assert 1.19 < min(ratios) <= max(ratios) <= 1.5


def test_a_host_is_not_asked_for_more_than_it_has():
    space = Space.of_host(cpus=2, memory_mib=1000)
    assert space.ample == Setting(2, 500)
    assert (space.cpus[0], space.memory_mib[0]) == (0.05, 50)
    assert len(space.cells) == len(space.cpus) * len(space.memory_mib)


def test_the_steps_that_grant_enough_are_the_next_above():
    space = Space((0.1, 0.2, 0.5), (100, 200, 400))
    assert space.granting(0.11, 150) == (1, 1)
    assert space.granting(0.2, 200) == (1, 1)
    assert space.granting(9, 9000) == (2, 2), "the last, where none grants it"
    assert space.steps(space.cell(2, 0)) == (2, 0)


@pytest.mark.parametrize(
    ("cpus", "memory", "name"),
    [
        ((), (100,), "cpu_steps"),
        ((0.2, 0.1), (100,), "cpu_steps"),
        ((0.1,), (100, 100), "memory_steps"),
        ((0.001,), (100,), "cpus"),
    ],
)
def test_steps_that_are_none_are_refused_by_name(cpus, memory, name):
    with pytest.raises(QuestionError, match=name):
        Space(cpus, memory)
