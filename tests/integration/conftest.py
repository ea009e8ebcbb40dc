"""The engine, the project's images, and benches whose trials leave nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from docker import DockerClient

from loadtests.bench.engine import connect
from loadtests.bench.images import API, GENERATOR, ensure_image
from loadtests.bench.plan import Bench
from tests.integration.benches import bench_at


@pytest.fixture(scope="session")
def client() -> Iterator[DockerClient]:
    """The container engine."""
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def api_image(client: DockerClient) -> str:
    """The service's image, built where it is not there yet."""
    return ensure_image(client, API, print)


@pytest.fixture(scope="session")
def generator_image(client: DockerClient) -> str:
    """The load generator's image, built where it is not there yet."""
    return ensure_image(client, GENERATOR, print)


@pytest.fixture
def bench(
    client: DockerClient,
    tmp_path_factory: pytest.TempPathFactory,
    api_image: str,
    generator_image: str,
) -> Iterator[Callable[..., Bench]]:
    """Return a function that makes a bench with a store of its own (see `bench_at`)."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(
            bench_at(
                client,
                tmp_path_factory.mktemp("store"),
                generator_image,
                **{"image": api_image, **changes},
            )
        )
