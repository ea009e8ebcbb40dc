"""The compose files, the Composes that are installed here, and a project of a test's own."""

import secrets
import shutil
import subprocess
from dataclasses import dataclass, field

import pytest
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from loadtests.jobs.prepare import has_compose_plugin
from tests.running import PROJECT, free_ports, make

API_FILE = PROJECT / "docker-compose.yaml"
LOCUST_FILE = PROJECT / "loadtests" / "docker-compose.locust.yaml"
BOTH_FILES = pytest.mark.parametrize("path", [API_FILE, LOCUST_FILE], ids=lambda path: path.name)


def composes() -> list[str]:
    """Return every Compose that is installed here, as the Makefile would call it."""
    plugin = ["docker compose"] * has_compose_plugin()
    return plugin + ["docker-compose --compatibility"] * bool(shutil.which("docker-compose"))


ALL_COMPOSES = composes() or ["docker compose"]
EACH_COMPOSE = pytest.mark.parametrize("compose", ALL_COMPOSES, scope="module")


@dataclass
class Project:
    """A Compose project of this test: its own names, ports and network."""

    client: DockerClient
    compose: str
    name: str = field(default_factory=lambda: f"aguanta-test-{secrets.token_hex(4)}")
    port: int = field(default_factory=lambda: free_ports(3))
    locust_port: int = field(default_factory=free_ports)

    @property
    def environment(self) -> dict[str, str]:
        """What a person sets to have it all under other names."""
        return {
            "COMPOSE_COMMAND": self.compose,
            "COMPOSE_PROJECT_NAME": self.name,
            "NETWORK": self.name,
            "API_PORT": str(self.port),
            "LOCUST_PORT": str(self.locust_port),
        }

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of the Makefile's targets on this project."""
        return make(*words, environment=self.environment)

    def containers(self, service: str) -> list[Container]:
        """Return this project's containers of a service."""
        labels = [
            f"com.docker.compose.project={self.name}",
            f"com.docker.compose.service={service}",
        ]
        found: list[Container] = self.client.containers.list(all=True, filters={"label": labels})
        return found

    def remove(self) -> None:
        """Remove whatever is left of the project, and its network."""
        for service in ("api", "locust"):
            for container in self.containers(service):
                container.remove(force=True, v=True)
        try:
            self.client.networks.get(self.name).remove()
        except NotFound:
            return
