"""`docker stack deploy` with the compose file that Compose takes, on a Swarm of three nodes."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.models.services import Service

from loadtests.bench.containers import NETWORK, ensure_network
from loadtests.bench.images import GENERATOR
from tests.cluster.nodes import NODES, Cluster
from tests.running import PROJECT, wait_for

STACK = "aguanta-test"
FILE = PROJECT / "docker-compose.yaml"
OF_VERSION = 'version: "3.9"\n'  # as the head of the file says
NEEDS_NO_VERSION = 23
AS_IS = ("--resolve-image", "never")  # no registry is asked, which none here would answer
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


@contextmanager
def deployed(cluster: Cluster) -> Iterator[str]:
    """Yield the name of the stack's service, of a replica for each node."""
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
        file, given = FILE.name, ""
        if first_of(docker, "--version") < NEEDS_NO_VERSION:
            file, given = "-", OF_VERSION + FILE.read_text()
        done = stack(docker, "deploy", *AS_IS, "-c", file, STACK, given=given)
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


def running(service: Service) -> list[dict[str, Any]]:
    """Return the tasks of a service that run."""
    return [task for task in service.tasks() if task["Status"]["State"] == "running"]


def all_answer(cluster: Cluster) -> dict[str, int] | None:
    """Return what each replica answers, by its address; None before all of them do."""
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
