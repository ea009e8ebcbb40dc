"""Who is asked to run replicas, and what a Swarm's service cannot have."""

import pytest

from loadtests.errors import QuestionError
from loadtests.question import EndpointMode
from loadtests.studies.measure import of_nothing
from loadtests.studies.parameters import Parameters

REFUSALS = [
    ({"orchestrator": "nomad"}, "orchestrator is 'nomad'; it must be one of engine, swarm"),
    ({"endpoint_mode": "random"}, "endpoint_mode is 'random'; it must be one of dnsrr, vip"),
    ({"nodes": {"node-2": "tcp://10.0.0.2:2376"}}, "nodes are a Swarm's (ORCHESTRATOR=swarm)"),
    ({"orchestrator": "swarm", "files": {"/etc/shop.yaml": "README.md"}}, "into the image"),
    (
        {"orchestrator": "swarm", "endpoint_mode": "vip", "balancing": "haproxy"},
        "leave endpoint_mode at dnsrr, or balancing at dns",
    ),
]


@pytest.mark.parametrize(("given", "said"), REFUSALS)
def test_what_cannot_be_had_is_refused_with_what_to_do(given, said):
    with pytest.raises(QuestionError) as refusal:
        Parameters(**given).target  # noqa: B018  (it is read for its refusal)
    assert said in str(refusal.value)


def test_by_default_replicas_are_containers_of_one_engine():
    assert Parameters().target.swarm is None


@pytest.mark.parametrize("mode", [*EndpointMode])
def test_a_swarm_is_asked_with_an_endpoint_mode(mode):
    target = Parameters(orchestrator="swarm", endpoint_mode=mode.value).target
    assert target.swarm is mode
    assert target.shows_replicas == (mode is EndpointMode.DNSRR)


def test_the_load_generator_is_checked_on_the_network_that_it_will_use():
    """A server that does nothing is a service of the same Swarm."""
    nodes = {"node-2": "tcp://10.0.0.2:2376"}
    null = of_nothing(Parameters(orchestrator="swarm", nodes=nodes))
    assert null.target.swarm is EndpointMode.DNSRR
    assert null.nodes == nodes
