"""What the two compose files say when nothing is set: sizes, ports, network, privileges."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.compose import API_FILE, BOTH_FILES, EACH_COMPOSE, LOCUST_FILE


def by_default(path: Path) -> dict[str, Any]:
    """Read a compose file as Compose does when no variable is set."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text())
    assert "${" not in text
    read: dict[str, Any] = yaml.safe_load(text)
    return read


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
