"""The size to deploy: arithmetic on what the least setting was seen to need."""

from dataclasses import replace

import pytest

from loadtests.analysis.deployment import Headroom, size_to_deploy
from loadtests.errors import QuestionError
from loadtests.question import Setting
from tests.analysis.records import row


def least(cpus=0.25, memory_mib=150, replicas=1, demand=0.245, peak=146.0):
    """A setting at its edge: it needs all that it has."""
    found = row(cpus, memory_mib, replicas)
    return replace(found, demand_cores=demand, memory_peak_mib=peak)


def test_the_share_asked_for_is_left_free():
    """0.245 / 0.7 = 0.35 cores; 146 x 1.25 = 182.5 MiB."""
    assert size_to_deploy(least(), Headroom()) == Setting(0.35, 190)


@pytest.mark.parametrize(("at_reference", "cpus"), [(0.28, 0.4), (0.2, 0.35), (None, 0.35)])
def test_a_need_that_was_seen_on_a_faster_cpu_is_that_at_the_reference_speed(at_reference, cpus):
    """0.28 / 0.7 = 0.4 cores; on a slower CPU what was seen is needed."""
    seen = replace(least(), demand_reference_cores=at_reference)
    assert size_to_deploy(seen, Headroom()) == Setting(cpus, 190)


def test_a_need_that_is_a_step_takes_no_step_more():
    assert size_to_deploy(least(demand=0.28, peak=160.0), Headroom()) == Setting(0.4, 200)


def test_one_replica_of_several_may_be_lost():
    """Two of three carry 0.6 cores: 0.3 / 0.7 = 0.43 each; 100 MiB become 150, and 25% more."""
    of_three = least(0.2, 110, replicas=3, demand=0.6, peak=100.0)
    assert size_to_deploy(of_three, Headroom()) == Setting(0.45, 190, 3)
    assert size_to_deploy(of_three, Headroom(replicas_lost=0)) == Setting(0.3, 130, 3)


def test_a_lost_replica_that_was_the_only_one_changes_nothing():
    assert size_to_deploy(least(), Headroom(replicas_lost=1)) == size_to_deploy(
        least(), Headroom(replicas_lost=0)
    )


def test_it_is_never_smaller_than_what_was_seen_to_hold():
    """A service that waits for itself needs more CPU than it uses."""
    assert size_to_deploy(least(1.0, 500, demand=0.05, peak=80.0), Headroom()) == Setting(1.0, 500)


@pytest.mark.parametrize("unknown", [{"demand": None}, {"peak": None}])
def test_nothing_is_recommended_from_what_was_not_measured(unknown):
    assert size_to_deploy(least(**unknown), Headroom()) is None


@pytest.mark.parametrize(
    ("given", "name"),
    [({"cpu": 1.0}, "cpu_headroom"), ({"cpu": -0.1}, "cpu_headroom"),
     ({"memory": -0.1}, "memory_headroom"), ({"memory": float("inf")}, "memory_headroom"),
     ({"replicas_lost": -1}, "replicas_lost")],
)  # fmt: skip
def test_headroom_that_makes_no_sense_is_refused_by_name(given, name):
    with pytest.raises(QuestionError, match=name):
        Headroom(**given)


def test_where_each_replica_is_held_back_by_something_else_those_lost_are_added():
    """More CPU for those that are left would change nothing."""
    two = least(replicas=2)
    assert size_to_deploy(two, Headroom(), carrying_at_least=3).replicas == 4
    assert size_to_deploy(two, Headroom(replicas_lost=0), carrying_at_least=3).replicas == 3
    many = least(replicas=9)
    assert size_to_deploy(many, Headroom(), carrying_at_least=3).replicas == 9
    assert size_to_deploy(two, Headroom()).replicas == 2
