"""The engine in the virtual machine, and an image in it that comes from no registry."""

import io
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docker import DockerClient

from loadtests.bench.engine import connect
from loadtests.bench.images import API, GENERATOR, ensure_image
from tests.cgroup_v2 import virtual_engine

BUSYBOX = "aguanta-test-busybox"


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with the virtual machine's files, a gigabyte that is not kept."""
    if not virtual_engine.can_be_had():
        pytest.skip("making a virtual machine needs root on Debian or Ubuntu, on x86-64")
    folder = tmp_path_factory.mktemp("guest")
    virtual_engine.build(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def client(guest: Path) -> Iterator[DockerClient]:
    """The engine in the virtual machine."""
    with virtual_engine.booted(guest) as client:
        yield client


@pytest.fixture(scope="session")
def busybox(client: DockerClient, guest: Path) -> str:
    """The name of an image that has one program, which is a shell and more."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(guest / "busybox", "bin/busybox")
    client.api.import_image_from_data(archive.getvalue(), repository=BUSYBOX, tag="latest")
    return f"{BUSYBOX}:latest"


@pytest.fixture(scope="session")
def images(client: DockerClient) -> tuple[str, str]:
    """The names of the load generator's and the service's image, built here and copied there."""
    with closing(connect()) as here:
        names = ensure_image(here, GENERATOR, print), ensure_image(here, API, print)
        for name in names:
            client.images.load(here.images.get(name).save(named=True))
    return names
