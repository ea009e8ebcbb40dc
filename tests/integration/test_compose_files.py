"""What the two compose files say when nothing is set: sizes, ports, network, privileges."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker import DockerClient
from docker.errors import BuildError

from loadtests.bench.base_image import ensure_base_image
from tests.integration.compose import API_FILE, BOTH_FILES, EACH_COMPOSE, LOCUST_FILE
from tests.running import PROJECT


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
def test_compose_can_build_what_the_engine_does_not_have(path: Path) -> None:
    """From a build context that is there, and from the base image that the Dockerfile names."""
    for service in by_default(path)["services"].values():
        build = service["build"]
        dockerfile = path.parent / build["context"] / build.get("dockerfile", "Dockerfile")
        text = dockerfile.read_text()
        assert f"ARG BASE={build['args']['BASE']}\n" in text
        assert build.get("target", "") in text


@BOTH_FILES
def test_a_compose_file_begins_with_what_to_run_before_it(path: Path) -> None:
    """The network is nobody's, so Compose does not create it; training makes the model."""
    head = path.read_text().split("services:")[0]
    first = ["docker network create my_network", *(["make model"] * (path == API_FILE))]
    assert all(command in head for command in first)


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


@pytest.mark.docker
@EACH_COMPOSE
@BOTH_FILES
def test_without_its_network_compose_names_it_and_starts_nothing(compose: str, path: Path) -> None:
    """As in a fresh clone where nothing has been made yet."""
    absent = "aguanta-test-absent"
    done = subprocess.run(
        [*compose.split(), "-f", str(path), "up", "--no-build", "-d"],
        env=os.environ | {"NETWORK": absent, "COMPOSE_PROJECT_NAME": absent},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"{absent} declared as external, but could not be found" in done.stderr


@pytest.mark.docker
def test_a_build_without_a_model_says_how_to_make_one(client: DockerClient, tmp_path: Path) -> None:
    """The first step of the build, before any package is fetched."""
    ignored = shutil.ignore_patterns("model", "*.whl", "__pycache__")
    shutil.copytree(PROJECT / "service", tmp_path / "service", ignore=ignored)
    base = {"BASE": ensure_base_image(client, print)}
    with pytest.raises(BuildError) as failed:
        client.images.build(path=str(tmp_path / "service"), target="onnx", buildargs=base,
                            rm=True, forcerm=True)  # fmt: skip
    told = "".join(str(line.get("stream", "")) for line in failed.value.build_log)
    assert "service/model/model.json is missing" in told
    assert "make model" in told
    assert "requirements.lock" not in told
