"""Make the load generators ready to be measured, and take away what measuring them left."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from docker import DockerClient
from docker.errors import ContainerError

from loadtests.bench import containers
from loadtests.bench.cpusets import require_cpusets
from loadtests.bench.engine import is_local
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.host import describe_host
from loadtests.bench.images import CONTENT_LABEL, GENERATOR, ensure_image
from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.errors import HostError, ImageError
from loadtests.peers.generator_contenders import CONTENDERS, SCRIPTS, Contender, Load
from loadtests.peers.generator_run import GENERATOR_CPU, TARGET_CPU, GeneratorBench
from loadtests.peers.half import Ready
from loadtests.peers.machine import machine
from loadtests.peers.rounds import Say

LOAD = Load()


@contextmanager
def prepared(names: Sequence[str], run: Path, say: Say, load: Load = LOAD) -> Iterator[Ready]:
    """Build every contender's image, and have what measures them.

    Raises HostError where this machine cannot: its engine must be local, with two CPUs or more, and
    let a process open as many files as there are users.
    """
    client = ensure_engine(say)
    here = machine(client)
    if not is_local(client) or here.cpus <= max(TARGET_CPU, GENERATOR_CPU):
        raise HostError("load generators are compared on an engine of this machine with 2 CPUs")
    require_cpusets(client)
    limit = Grants.look(client, describe_host(client), run).descriptor_limit
    needed = containers.descriptors(load.users)
    if limit is not None and limit < needed:
        raise HostError(
            f"{load.users:,} users need {needed:,} open files, the engine grants {limit:,} "
            "(nofile); raise its limit (LimitNOFILE, ulimit -Hn)"
        )
    containers.ensure_network(client)
    by_name = {one.name: one for one in CONTENDERS if one.name in names}
    images, absent = built(client, [*by_name.values()], say)
    target_image = ensure_image(client, GENERATOR, say)
    store = Store(run)
    with store.writing():
        containers.remove_leftovers(client, store.identity)
        bench = GeneratorBench(client, store, load, target_image, images, limit)
        yield Ready(
            here,
            tuple(images),
            lambda name, _number: bench.measure(by_name[name]),
            {name: _version(client, by_name[name], images[name]) for name in images},
            {name: _made_of(client, images[name], load) for name in images},
            absent,
        )


def built(
    client: DockerClient, contenders: Sequence[Contender], say: Say
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of the images that can be had, by contender, and why others cannot."""
    images, absent = {}, {}
    for one in contenders:
        try:
            images[one.name] = str(client.images.get(ensure_image(client, one.recipe, say)).id)
        except ImageError as error:
            absent[one.name] = str(error)
    return images, absent


def _version(client: DockerClient, contender: Contender, image_id: str) -> str:
    """Return the package that a contender is named after with its version."""
    package = contender.package
    if contender.lock is None:
        version = _of_debian(client, package, image_id)
    else:
        text = contender.lock.read_text()
        found = re.search(rf"^{re.escape(package)}==([^\s;\\]+)", text, re.MULTILINE)
        version = found[1] if found else ""
    return f"{package} {version}".strip()


def _of_debian(client: DockerClient, package: str, image_id: str) -> str:
    """Return a package's version in an image of Debian; "" where its packages do not tell."""
    query = ["dpkg-query", "--show", "--showformat=${Version}", package]
    try:
        told: bytes = client.containers.run(image_id, entrypoint=query, remove=True)
    except ContainerError:
        return ""
    return told.decode().strip()


def _made_of(client: DockerClient, image_id: str, load: Load) -> str:
    """Return what tells two measurements apart: the image, the scripts, and the load."""
    digest = hashlib.sha256(str(client.images.get(image_id).labels[CONTENT_LABEL]).encode())
    digest.update(repr(asdict(load)).encode())
    for script in sorted(SCRIPTS.iterdir()):
        if script.is_file():
            digest.update(script.read_bytes())
    return digest.hexdigest()
