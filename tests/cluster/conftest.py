"""A Swarm of three nodes, of which the manager alone has the images; and benches on it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from loadtests.bench import proxy
from loadtests.bench.base_image import ensure_base_image
from loadtests.bench.engine import connect
from loadtests.bench.images import API, GENERATOR, ensure_image
from loadtests.bench.plan import Bench
from loadtests.bench.swarm import Swarm
from loadtests.question import EndpointMode
from tests.cluster import nodes
from tests.cluster.nodes import NODES, Cluster
from tests.integration.benches import bench_at
from tests.integration.second_engine import load_image


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The nodes."""
    if reason := nodes.why_not():
        pytest.skip(reason)
    source = connect()
    images = [ensure_image(source, recipe, print) for recipe in (API, GENERATOR)]
    images.append(ensure_base_image(source, print, proxy.IMAGE))
    with nodes.cluster(tmp_path_factory.mktemp("cluster")) as made:
        for image in images:
            load_image(made.nodes[NODES[0]].engine, source, image)
        source.close()
        yield made


@pytest.fixture
def proxy_image(cluster: Cluster) -> str:
    """The name of the proxy's image, which the manager has."""
    return ensure_base_image(cluster.manager, print, proxy.IMAGE)


@pytest.fixture(scope="session")
def swarm(cluster: Cluster) -> Swarm:
    """The Swarm as a run sees it, with the service's image and the load's on every node."""
    found = Swarm.of(cluster.manager, EndpointMode.DNSRR, cluster.others, print)
    for recipe in (API, GENERATOR):
        found.give_image(str(cluster.manager.images.get(recipe.name).id), print)
    return found


@pytest.fixture
def bench(swarm: Swarm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    """Return a function that makes a bench on the Swarm, with a store of its own."""
    made: list[Bench] = []

    def make(**workload: object) -> Bench:
        folder = tmp_path_factory.mktemp("store")
        with bench_at(
            swarm.client, folder, GENERATOR.name, image=API.name, **workload
        ) as of_engine:
            target = replace(of_engine.target, swarm=swarm.mode)
            made.append(replace(of_engine, swarm=swarm, target=target))
        return made[-1]

    yield make
    for one in made:
        assert one.remove_leftovers() == []
