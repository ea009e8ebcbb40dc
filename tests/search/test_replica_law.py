"""What several replicas need, from what one needs."""

import numpy as np
import pytest

from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.search.replica_law import (
    OFF_THE_LAW,
    OVERHEADS,
    ReplicaMemory,
    base_shares,
    log_cpu_of_each,
    memory_of_each,
)
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.space import Space


def test_what_is_believed_before_any_trial_adds_up():
    assert sum(share for _, share in OVERHEADS) == pytest.approx(1)
    assert sum(share for _, share in OFF_THE_LAW) == pytest.approx(1)


def test_five_replicas_at_a_sixth_each_take_17_tenths_of_the_cpu_of_one():
    """As was measured on two cores; each of the five a third of it."""
    each = np.exp(log_cpu_of_each(5, np.array([0.175])))
    assert 5 * float(each[0]) == pytest.approx(1.7)


def test_connections_are_shared_and_what_is_there_without_them_is_not():
    memory = ReplicaMemory(97.0, 93.0)
    assert memory.of_each(1) == 190.0
    assert memory.of_each(3) == pytest.approx(97 + 31)
    uneven = ReplicaMemory(97.0, 93.0, uneven=1.2)
    assert uneven.of_each(1) == 190.0, "one replica has all of them"
    assert uneven.of_each(3) == pytest.approx(97 + 1.2 * 31)
    relative = memory_of_each(3, np.array([uneven.base_share]), 1.2)
    assert 190 * float(relative[0]) == pytest.approx(uneven.of_each(3))


def test_a_ramp_up_makes_shares_near_to_what_it_told_likelier():
    shares, told = base_shares(ReplicaMemory(90.0, 10.0))
    _, untold = base_shares(None)
    assert told.sum() == pytest.approx(1)
    assert untold.sum() == pytest.approx(1)
    assert shares[told.argmax()] == pytest.approx(0.9)
    assert float((shares * told).sum()) > float((shares * untold).sum())


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ((-1.0, 10.0), "memory below 0"),
        ((0.0, 0.0), "no memory at all"),
        ((90.0, 10.0, 0.9), "a busiest replica with less than its share"),
    ],
)
def test_memory_that_cannot_be_is_refused(given: tuple[float, ...], what: str):
    with pytest.raises(QuestionError):
        ReplicaMemory(*given)


def test_the_space_has_every_size_with_every_number_of_replicas():
    plane = Space((0.1, 0.2), (100, 200))
    space = ReplicaSpace.of(plane, 3)
    assert len(space.cells) == 12
    assert space.plane == plane
    assert Setting(0.1, 200, 3) in space.cells
    assert space.ample == Setting(0.2, 200)


@pytest.mark.parametrize("replicas", [(), (2, 3), (1, 1), (1, 3, 2)])
def test_counts_that_do_not_rise_from_one_are_refused(replicas: tuple[int, ...]):
    with pytest.raises(QuestionError):
        ReplicaSpace((0.1,), (100,), replicas)
