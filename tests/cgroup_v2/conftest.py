"""The engine in the virtual machine, and images in it: none comes from a registry."""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from docker import DockerClient

from loadtests.bench.engine import connect
from loadtests.bench.images import API, GENERATOR, ensure_image
from loadtests.bench.plan import Bench
from tests.cgroup_v2 import virtual_engine
from tests.integration.benches import bench_at

BUSYBOX = "aguanta-test-busybox"


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the virtual machine's files."""
    if not virtual_engine.can_be_had():
        pytest.skip("making a virtual machine needs root on Debian or Ubuntu, on x86-64")
    folder = tmp_path_factory.mktemp("guest")
    virtual_engine.build(folder)
    return folder


@pytest.fixture(scope="session")
def client(guest: Path) -> Iterator[DockerClient]:
    """The engine in the virtual machine."""
    with virtual_engine.booted(guest) as client:
        yield client


@pytest.fixture(scope="session")
def busybox(client: DockerClient, guest: Path) -> Callable[..., str]:
    """Return a function that makes an image of one program, which runs a shell script."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(guest / "busybox", "bin/busybox")
    root = archive.getvalue()

    def image(tag: str, script: str) -> str:
        command = f'CMD ["/bin/busybox", "sh", "-c", "{script}"]'
        client.api.import_image_from_data(root, repository=BUSYBOX, tag=tag, changes=[command])
        return f"{BUSYBOX}:{tag}"

    return image


@pytest.fixture(scope="session")
def images(client: DockerClient) -> dict[str, str]:
    """The service's and the load generator's images, copied from this machine's engine."""
    here = connect()
    for recipe in (API, GENERATOR):
        name = ensure_image(here, recipe, print)
        client.images.load(here.images.get(name).save(named=True))
    here.close()
    return {"api": API.name, "generator": GENERATOR.name}


@pytest.fixture
def bench(
    client: DockerClient, tmp_path_factory: pytest.TempPathFactory, images: dict[str, str]
) -> Iterator[Callable[..., Bench]]:
    """Return a function that makes a bench with a store of its own (see `bench_at`)."""
    with ExitStack() as stack:
        yield lambda image: stack.enter_context(
            bench_at(
                client, tmp_path_factory.mktemp("store"), images["generator"], image=image,
                users=20, spawn_rate=10.0,
            )
        )  # fmt: skip
