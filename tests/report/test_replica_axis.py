"""The cost of the least setting of every number of replicas, drawn and told."""

from dataclasses import replace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.question import Setting
from loadtests.report.plots.replica_axis import (
    replica_axis_figure,
    replica_axis_figure_alt,
    replica_axis_message,
)
from loadtests.search.replica_counts import CountNeeds, needs_by_count
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Rivals
from tests.search.replicated import COST, Replicated, asked_for

ONE, TWO, THREE = Setting(0.2, 200), Setting(0.15, 150, 2), Setting(0.1, 150, 3)
LEAST, MOST = Setting(0.1, 150, 2), Setting(0.2, 200, 2)
NEEDS = [
    CountNeeds(1, ONE, ONE, ONE, ONE),
    CountNeeds(2, None, TWO, LEAST, MOST),
    CountNeeds(3, None, THREE, THREE, None),
    CountNeeds(4, None, None, None, None),
]
PRICES = Prices()


def test_the_message_names_the_least_and_what_the_next_is_expected_to_cost():
    said = replica_axis_message(NEEDS, ONE, PRICES)
    more = PRICES.per_hour(TWO) / PRICES.per_hour(ONE) - 1
    assert said == (
        f"One replica costs least: {ONE.label}; {TWO.label} is expected to cost {more:+.0%}"
    )


def test_what_was_measured_is_not_said_to_be_expected():
    measured = [NEEDS[0], replace(NEEDS[1], held=TWO, surely=TWO), *NEEDS[2:]]
    assert f"{ONE.label} was measured to hold at" in replica_axis_message(measured, TWO, PRICES)
    assert replica_axis_message(measured, TWO, PRICES).startswith("2 replicas cost least")
    assert replica_axis_message(NEEDS[:1], ONE, PRICES) == f"One replica costs least: {ONE.label}"
    assert "No number of replicas" in replica_axis_message(NEEDS, None, PRICES)


def test_the_alternative_text_tells_every_number_of_replicas():
    alt = replica_axis_figure_alt(NEEDS, ONE, PRICES)
    for said in (
        f"1 replica: {ONE.label} was measured to hold",
        f"2 replicas: {TWO.label} by the law",
        f"perhaps {LEAST.label}, surely {MOST.label}",
        "no step surely",
        "4 replicas: no step is expected to hold",
    ):
        assert said in alt


@pytest.mark.parametrize(("needs", "best"), [(NEEDS, ONE), (NEEDS, None), (NEEDS[3:], None)])
def test_every_count_is_on_the_axis_and_nothing_leaves_the_figure(needs, best):
    figure = replica_axis_figure(needs, best, PRICES)
    (axes,) = figure.axes
    if best is not None:
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "2", "3", "4"]
        assert axes.get_ylim()[1] >= PRICES.per_hour(MOST)


def test_needs_are_in_order_of_how_sure_they_are():
    """Perhaps enough costs no more than what is expected to be, and that no more than surely."""
    _, _, rivals = asked_for(Replicated(cpus=0.41, overhead=0.05))
    needs = needs_by_count(rivals)
    assert [need.replicas for need in needs] == [1, 2, 3, 4, 5]
    for need in needs:
        known = [each for each in (need.perhaps, need.expected, need.surely) if each is not None]
        assert [COST(each) for each in known] == sorted(COST(each) for each in known)
    assert any(need.held == rivals.best for need in needs)


def test_no_number_of_replicas_is_expected_to_do_with_what_is_said_not_to():
    """One step of CPU is far too little, the next ample: a model alone would know little."""
    service = Replicated(cpus=0.29, overhead=0.1, base_mib=60.0, users_mib=20.0)
    held, less = service.measure(Setting(0.3, 100)), service.measure(Setting(0.05, 500))
    killed = service.measure(Setting(0.3, 50))
    space = ReplicaSpace((0.05, 0.3, 1.0), (50, 100, 150, 500), (1, 2, 3, 4))
    says = replace(service.rivals([]).says, space=space, findings=(held, less, killed, held, held))
    rivals = Rivals(says, COST)
    assert rivals.best == Setting(0.3, 100)
    for need in needs_by_count(rivals):
        for setting in (need.perhaps, need.expected, need.surely):
            assert setting is None or COST(setting) >= COST(rivals.best)


@pytest.mark.parametrize("cpus", [0.17, 0.41, 0.62])
def test_after_the_search_no_number_of_replicas_is_expected_to_cost_less_than_the_best(cpus):
    _, decisions, rivals = asked_for(Replicated(cpus=cpus, overhead=0.05))
    assert not decisions[-1].is_cut_short
    for need in needs_by_count(rivals):
        for setting in (need.perhaps, need.expected, need.surely):
            assert setting is None or COST(setting) >= COST(rivals.best)
