"""`docker stack deploy` with the compose file that Compose takes, on a Swarm of three nodes."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.bench.containers import NETWORK, ensure_network
from loadtests.bench.images import GENERATOR
from loadtests.bench.swarm import Swarm
from loadtests.units import MIB
from tests.cluster.nodes import NODES, Cluster
from tests.running import PROJECT, wait_for

# Its nodes have the addresses of those in test_trials.py.
pytestmark = [pytest.mark.docker, pytest.mark.alone]

STACK = "aguanta-test"
FILE = PROJECT / "docker-compose.yaml"
OF_VERSION = 'version: "3.9"\n'  # as the head of the file says
NEEDS_NO_VERSION = 23
# Which of the addresses behind a name answer, asked from a container on the same network.
ASK = """
import json, socket, urllib.request
told = {}
for address in socket.gethostbyname_ex("tasks.api")[2]:
    with urllib.request.urlopen(f"http://{address}:8000/health", timeout=10) as answer:
        told[address] = answer.status
print(json.dumps(told))
"""


def dockers() -> list[str]:
    """Return every docker command that is installed here: each reads the file by itself."""
    folders = os.environ["PATH"].split(os.pathsep)
    found = (shutil.which("docker", path=folder) for folder in folders)
    return [*{Path(path).resolve(): path for path in found if path}.values()]


def first_of(docker: str, *words: str) -> int:
    """Return the first number that a docker command says."""
    said = subprocess.run([docker, *words], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"\d+", said)[0])


@pytest.fixture
def deployed(cluster: Cluster, swarm: Swarm) -> Iterator[str]:
    """The name of the stack's service, of a replica for each node."""
    ensure_network(cluster.manager, overlay=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")},
        "DOCKER_HOST": cluster.nodes[NODES[0]].asked_at,
        "API_REPLICAS": str(len(NODES)),
    }

    def stack(docker: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [docker, "stack", *words], cwd=PROJECT, env=environment, capture_output=True,
            text=True, check=False, input=given,
        )  # fmt: skip

    def deploy(docker: str) -> None:
        if first_of(docker, "--version") >= NEEDS_NO_VERSION:
            done = stack(docker, "deploy", "-c", FILE.name, STACK)
        else:
            done = stack(docker, "deploy", "-c", "-", STACK, given=OF_VERSION + FILE.read_text())
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        for docker in dockers():
            deploy(docker)
        yield f"{STACK}_api"
    finally:
        stack("docker", "rm", STACK)
        wait_for("the stack to be gone", lambda: not _containers(cluster))


def _containers(cluster: Cluster) -> list[str]:
    label = {"label": f"com.docker.stack.namespace={STACK}"}
    return [
        container.name
        for node in cluster.nodes.values()
        for container in node.client.containers.list(all=True, filters=label, ignore_removed=True)
    ]


def test_the_compose_file_is_a_stack_whose_replicas_all_answer(
    cluster: Cluster, deployed: str
) -> None:
    """As it stands: limits, network, a read-only file system; a replica on each node."""
    service = cluster.manager.services.get(deployed)
    wait_for("the replicas", lambda: len(_running(service)) == len(NODES))
    assert len({task["NodeID"] for task in _running(service)}) == len(NODES)
    limits = service.attrs["Spec"]["TaskTemplate"]["Resources"]["Limits"]
    assert (limits["NanoCPUs"], limits["MemoryBytes"]) == (750_000_000, 500 * MIB)
    assert service.attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["ReadOnly"] is True

    told = wait_for("all to answer", lambda: _all_answer(cluster))
    assert len(told) == len(NODES)
    assert set(told.values()) == {200}


def _running(service) -> list[dict]:
    return [task for task in service.tasks() if task["Status"]["State"] == "running"]


def _all_answer(cluster: Cluster) -> dict[str, int] | None:
    asking = cluster.manager.containers.create(
        GENERATOR.name, entrypoint=["python3", "-c", ASK], network=NETWORK
    )
    try:
        asking.start()
        if asking.wait()["StatusCode"] != 0:
            return None
        told: dict[str, int] = json.loads(asking.logs(stderr=False))
        return told if len(told) == len(NODES) else None
    finally:
        asking.remove(force=True)
