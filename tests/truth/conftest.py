"""One engine for all truths, and a store for those of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from loadtests.bench.engine import connect
from loadtests.bench.host import describe_host
from loadtests.bench.images import generator_image, resolve_image
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.users_script import UsersScript
from loadtests.question import Question, Target, Workload
from tests.truth.images import ensure_truth

Benches = Callable[[str, str, Workload], Bench]


@pytest.fixture(scope="session")
def client() -> Iterator[DockerClient]:
    """The container engine."""
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Where the trials of a file lie."""
    store = Store(tmp_path_factory.mktemp("truths"))
    with store.writing():
        yield store


@pytest.fixture(scope="module")
def bench_of(client: DockerClient, store: Store) -> Benches:
    """Make the bench that measures one truth: its image's name, what it is told, the load."""
    host, generator = describe_host(client), generator_image(client, print)

    def bench(name: str, told: str, workload: Workload) -> Bench:
        image = ensure_truth(client, name, told)
        return Bench(
            client=client,
            store=store,
            host=host,
            question=Question(workload),
            target=Target(image, health_path="/"),
            image_id=resolve_image(client, image),
            generator=generator,
            script=UsersScript.alone(Path(__file__).parent / "users.py"),
        )

    return bench
