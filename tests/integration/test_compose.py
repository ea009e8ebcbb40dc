"""The two compose files, started as a person starts them, and Locust's page in a browser."""

import json
import re
import secrets
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from playwright.sync_api import expect

from loadtests.bench.engine import connect
from tests.browser.chromium import Complaints, chromium, open_page
from tests.running import PROJECT, free_ports, make, python, wait_for

API_FILE = PROJECT / "docker-compose.yaml"
LOCUST_FILE = PROJECT / "loadtests" / "docker-compose.locust.yaml"
BOTH_FILES = pytest.mark.parametrize("path", [API_FILE, LOCUST_FILE], ids=lambda path: path.name)

MIB = 1024 * 1024
PENGUIN = {
    "bill_length_mm": 50.0,
    "bill_depth_mm": 16.3,
    "flipper_length_mm": 230,
    "body_mass_g": 5700,
}


def composes() -> list[str]:
    """Return every Compose that is installed here, as the Makefile would call it."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    found = ["docker compose"] if plugin.returncode == 0 else []
    return found + ["docker-compose --compatibility"] * bool(shutil.which("docker-compose"))


ALL_COMPOSES = composes() or ["docker compose"]
EACH_COMPOSE = pytest.mark.parametrize("compose", ALL_COMPOSES, scope="module")


def by_default(path: Path) -> dict[str, Any]:
    """Read a compose file as Compose does when no variable is set."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text())
    assert "${" not in text
    read: dict[str, Any] = yaml.safe_load(text)
    return read


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
            "COMPOSE": self.compose,
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


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    """The container engine."""
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="module")
def up(client: DockerClient, compose: str) -> Iterator[Project]:
    """The API and Locust, by `make up` and `make locust-up`, where nothing was before."""
    project = Project(client, compose)
    try:
        for target in ("up", "locust-up"):
            done = project.make(target)
            assert done.returncode == 0, done.stdout + done.stderr
        yield project
    finally:
        project.remove()


def ask(port: int) -> str | None:
    """Return the sex the service on that port says a penguin has, None before it answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict/",
        json.dumps(PENGUIN).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            prediction: str = json.load(answer)["prediction"]
    except OSError:
        return None
    return prediction


def published(container: Container) -> list[tuple[str, int]]:
    """Return the addresses and ports of this machine that lead into a container."""
    container.reload()
    bindings = container.ports.values()
    return [(b["HostIp"], int(b["HostPort"])) for each in bindings for b in each or ()]


def test_by_default_the_api_is_one_replica_of_the_original_size() -> None:
    """0.75 CPU and 500M, where both Composes read them; port 8000 on loopback; my_network."""
    file = by_default(API_FILE)
    api = file["services"]["api"]
    assert api["deploy"] == {
        "replicas": 1,
        "resources": {"limits": {"cpus": "0.75", "memory": "500M"}},
    }
    assert api["ports"] == ["127.0.0.1:8000:8000"]
    assert api["image"] == "aguanta-api:latest"
    assert api["read_only"] is True
    assert file["networks"] == {"my_network": {"external": True, "name": "my_network"}}


def test_by_default_locust_asks_the_api_by_its_name_on_the_same_network() -> None:
    """Its page is on port 8089 of loopback."""
    file = by_default(LOCUST_FILE)
    locust = file["services"]["locust"]
    assert locust["command"] == ["--host", "http://api:8000"]
    assert locust["ports"] == ["127.0.0.1:8089:8089"]
    assert file["networks"] == by_default(API_FILE)["networks"]
    assert "api" in by_default(API_FILE)["services"]


@BOTH_FILES
def test_every_port_is_published_on_loopback_only(path: Path) -> None:
    """Nobody on the network reaches what is being measured."""
    for service in by_default(path)["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@BOTH_FILES
def test_no_service_gains_privileges(path: Path) -> None:
    """All capabilities dropped, and none comes back through a set-uid program."""
    for service in by_default(path)["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service


def test_a_taken_port_is_refused_with_the_name_of_who_has_it() -> None:
    """Before anything is started, with exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = python("-m", "loadtests.prepare", "--port", str(port))
    assert done.returncode == 2
    assert re.search(rf"^Error: port {port} is taken by \S+ \(pid \d+\)", done.stderr)
    assert "API_PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_range_is_refused_for_one_taken_port_in_it() -> None:
    """As many replicas as ports: each must be free."""
    first = free_ports(3)
    with socket.create_server(("127.0.0.1", first + 2)):
        done = python("-m", "loadtests.prepare", "--port", f"{first}-{first + 2}")
    assert done.returncode == 2
    assert f"port {first + 2} is taken" in done.stderr


def test_free_ports_are_no_reason_to_refuse() -> None:
    """Alone or as a range."""
    first = free_ports(3)
    assert python("-m", "loadtests.prepare", "--port", str(first)).returncode == 0
    assert python("-m", "loadtests.prepare", "--port", f"{first}-{first + 2}").returncode == 0


@pytest.mark.parametrize("wanted", ["eight", "", "-1", "8000-", "8002-8000", "0", "65536", "1-2-3"])
def test_a_port_that_is_none_is_refused(wanted: str) -> None:
    """With what to give instead."""
    done = python("-m", "loadtests.prepare", f"--port={wanted}")
    assert done.returncode == 2
    assert "give a number, or a range like 8000-8002" in done.stderr


@pytest.mark.docker
@EACH_COMPOSE
@BOTH_FILES
def test_compose_finds_nothing_wrong_with_the_file(compose: str, path: Path) -> None:
    """Its own check against the specification, and no warning either."""
    done = subprocess.run(
        [*compose.split(), "-f", str(path), "config", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.docker
@EACH_COMPOSE
def test_the_service_answers_through_the_published_port(up: Project) -> None:
    """A big penguin with a deep bill is a male."""
    assert wait_for("the service", lambda: ask(up.port)) == "MALE"


@pytest.mark.docker
@EACH_COMPOSE
def test_the_container_really_has_the_limits(up: Project) -> None:
    """What the engine was told, not what the file says."""
    (api,) = up.containers("api")
    granted = api.attrs["HostConfig"]
    assert granted["NanoCpus"] == 0.75e9
    assert granted["Memory"] == 500 * MIB
    assert granted["ReadonlyRootfs"] is True
    assert granted["CapDrop"] == ["ALL"]
    assert published(api) == [("127.0.0.1", up.port)]


@pytest.mark.docker
@EACH_COMPOSE
def test_the_container_may_not_swap_beyond_its_memory(up: Project) -> None:
    """As in a trial: 500M are 500M, not 500M and as much swap."""
    (api,) = up.containers("api")
    assert api.attrs["HostConfig"]["MemorySwap"] == 500 * MIB


@pytest.mark.docker
@EACH_COMPOSE
def test_it_becomes_healthy_and_cannot_write(up: Project) -> None:
    """The image's own health check passes on a read-only file system."""
    (api,) = up.containers("api")

    def healthy() -> bool | None:
        api.reload()
        return True if api.health == "healthy" else None

    wait_for("the health check", healthy)
    written = api.exec_run(["touch", "/tmp/written"])
    assert written.exit_code != 0


@pytest.mark.docker
@EACH_COMPOSE
def test_it_may_be_started_again_with_other_limits(up: Project) -> None:
    """Its own port is no reason to refuse it; the container is replaced."""
    done = up.make("up", "API_CPUS=0.5", "API_MEMORY=300M")
    assert done.returncode == 0, done.stdout + done.stderr
    (api,) = up.containers("api")
    assert api.attrs["HostConfig"]["NanoCpus"] == 0.5e9
    assert api.attrs["HostConfig"]["Memory"] == 300 * MIB
    assert wait_for("the service", lambda: ask(up.port)) == "MALE"
    assert up.make("up").returncode == 0


@pytest.mark.docker
@pytest.mark.browser
@EACH_COMPOSE
def test_locusts_page_drives_the_service(up: Project, tmp_path: Path) -> None:
    """Type users and ramp, press start, watch requests come and none fail, press stop."""
    address = f"http://127.0.0.1:{up.locust_port}"
    (locust,) = up.containers("locust")
    assert published(locust) == [("127.0.0.1", up.locust_port)]
    wait_for("Locust's page", lambda: _statistics(address))
    with chromium() as browser:
        page = open_page(browser)
        heard = Complaints.of(page, address)
        page.goto(address)
        expect(page.get_by_label("Host")).to_have_value("http://api:8000")
        page.get_by_label("Number of users (peak concurrency)").fill("20")
        page.get_by_label("Ramp up (users started/second)").fill("20")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text("RUNNING", exact=False)).to_be_visible()
        wait_for("40 requests", lambda: _asked_at_least(address, 40))
        row = page.get_by_role("row").filter(has_text="/predict/")
        expect(row).to_contain_text("POST")
        expect(row.get_by_role("cell").nth(3)).to_have_text("0")  # failures
        page.screenshot(path=tmp_path / "locust.png")
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_role("button", name="New", exact=True)).to_be_visible()
        assert heard.thrown == []
    statistics = _statistics(address)
    assert statistics is not None
    assert statistics["state"] == "stopped"
    assert statistics["fail_ratio"] == 0
    assert statistics["errors"] == []


def _statistics(address: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"{address}/stats/requests", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
    except OSError:
        return None
    return told


def _asked_at_least(address: str, requests: int) -> bool | None:
    told = _statistics(address)
    total = told["stats"][-1]["num_requests"] if told and told["stats"] else 0
    return True if total >= requests else None


@pytest.mark.docker
@EACH_COMPOSE
def test_down_takes_both_away(client: DockerClient, compose: str) -> None:
    """And may be said twice; the network stays for whoever else is on it."""
    project = Project(client, compose)
    try:
        for target in ("up", "locust-up", "down", "down"):
            done = project.make(target)
            assert done.returncode == 0, f"{target}: {done.stdout}{done.stderr}"
        assert project.containers("api") == []
        assert project.containers("locust") == []
        assert client.networks.get(project.name)
    finally:
        project.remove()


@pytest.mark.docker
@EACH_COMPOSE
def test_three_replicas_share_a_range_of_ports(client: DockerClient, compose: str) -> None:
    """Each has the whole limits for itself, and each answers."""
    project = Project(client, compose)
    ports = list(range(project.port, project.port + 3))
    wanted = ("API_REPLICAS=3", f"API_PORT={ports[0]}-{ports[-1]}", "API_CPUS=0.25")
    try:
        done = project.make("up", *wanted, "API_MEMORY=200M")
        assert done.returncode == 0, done.stdout + done.stderr
        replicas = project.containers("api")
        granted = [
            (r.attrs["HostConfig"]["NanoCpus"], r.attrs["HostConfig"]["Memory"]) for r in replicas
        ]
        assert granted == [(0.25e9, 200 * MIB)] * 3
        assert sorted(p for r in replicas for p in published(r)) == [
            ("127.0.0.1", p) for p in ports
        ]
        assert [wait_for(f"port {p}", lambda p=p: ask(p)) for p in ports] == ["MALE"] * 3
    finally:
        project.remove()


@pytest.mark.docker
@EACH_COMPOSE
def test_make_up_starts_nothing_on_a_taken_port(client: DockerClient, compose: str) -> None:
    """The refusal ends make, before Compose is asked."""
    project = Project(client, compose)
    try:
        with socket.create_server(("127.0.0.1", project.port)):
            done = project.make("up")
        assert done.returncode != 0
        assert f"port {project.port} is taken by" in done.stderr
        assert project.containers("api") == []
    finally:
        project.remove()
