"""The two compose files, started as a person starts them, and Locust's page in a browser."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from playwright.sync_api import expect

from loadtests.units import MIB
from tests.browser.chromium import Complaints, chromium, open_page
from tests.integration.asking import ask, published
from tests.integration.compose import EACH_COMPOSE, Project
from tests.running import wait_for


@pytest.fixture(scope="module")
def up(client: DockerClient, compose: str) -> Iterator[Project]:
    """The API and Locust, by `make up` and `make locust-up`, where nothing was before."""
    project = Project(client, compose)
    try:
        for words in (["up"], ["locust-up", "THINK_MIN=0.2", "THINK_MAX=0.5"]):
            done = project.make(*words)
            assert done.returncode == 0, done.stdout + done.stderr
        yield project
    finally:
        project.remove()


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
def test_it_is_healthy_and_cannot_write(up: Project) -> None:
    """The image's own health check passes on a read-only file system."""
    (api,) = up.containers("api")
    wait_for("the service", lambda: ask(up.port))
    kind, *check = api.attrs["Config"]["Healthcheck"]["Test"]
    assert kind == "CMD"
    assert api.exec_run(check).exit_code == 0
    assert api.exec_run(["touch", "/tmp/written"]).exit_code != 0


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
@pytest.mark.alone
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
    statistics = wait_for("the load to end", lambda: _statistics(address, "stopped"))
    assert statistics["fail_ratio"] == 0
    assert statistics["errors"] == []


def _statistics(address: str, state: str | None = None) -> dict[str, Any] | None:
    """Return what Locust counted; None before it answers, or before it is in a state."""
    try:
        with urllib.request.urlopen(f"{address}/stats/requests", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
    except OSError:
        return None
    return told if state in (None, told["state"]) else None


def _asked_at_least(address: str, requests: int) -> bool:
    told = _statistics(address)
    return bool(told and told["stats"] and told["stats"][-1]["num_requests"] >= requests)


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
