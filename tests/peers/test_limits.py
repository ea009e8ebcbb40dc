"""Of each limit it is said in how many rounds it held."""

import pytest

from loadtests.peers.generator import GENERATOR
from loadtests.peers.limits import Limit, own, said
from loadtests.peers.service import AT_REST, CONNECTION, OF_BARE, SERVICE
from tests.peers.made import COST, comparison, measured

LIMIT = Limit(COST.title, 2.0, own("ours", COST.key))


def held(*costs):
    return said([LIMIT], comparison(*(measured(n, "ours", cost=c) for n, c in enumerate(costs, 1))))


def test_a_limit_holds_in_the_rounds_that_reach_it_at_most():
    assert held(1.0, 2.0, 2.01) == (
        "- ms of cost: at most 2.00; 1.00 to 2.01, held in 2 of 3 rounds\n"
    )


def test_a_round_without_the_figure_is_not_counted():
    rounds = comparison(measured(1, "ours", cost=1.0), measured(2, "ours", failed="it ended"))
    assert said([LIMIT], rounds).endswith("1.00, held in 1 of 1 rounds\n")


def test_a_limit_of_what_was_not_measured_says_so():
    assert said([LIMIT], comparison()) == "- ms of cost: at most 2.00; not measured\n"


def test_the_services_limits_are_of_figures_of_one_round():
    ours = {"at_rest_mib": 50.0, "crowded_mib": 120.0, "crowded_cpu_ms": 0.3}
    both = {"this project": ours, "a bare ASGI function with the model": {"crowded_cpu_ms": 0.4}}
    assert OF_BARE.of(both) == pytest.approx(0.75)
    assert AT_REST.of(both) == 50.0
    assert CONNECTION.of(both) == pytest.approx(7.168)


@pytest.mark.parametrize("half", [SERVICE, GENERATOR])
def test_every_limit_of_a_half_has_its_line(half):
    assert len(said(half.limits, comparison()).splitlines()) == len(half.limits) > 2
