"""The image, published to a real registry, pulled back, and asked."""

import json
import re
import secrets
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient
from docker.errors import ImageNotFound

from loadtests.bench.images import API
from loadtests.jobs.prepare import registry_program
from tests.integration.asking import ask, published
from tests.running import free_ports, make, process, python, wait_for

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty registry on loopback: its address."""
    program = registry_program()
    assert program, "run `python -m loadtests.jobs.prepare registry` first"
    home = tmp_path_factory.mktemp("registry")
    address = f"127.0.0.1:{free_ports()}"
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(home / "images")}},
        "http": {"addr": address},
    }
    (home / "config.yml").write_text(json.dumps(settings))  # JSON is YAML
    log = home / "log.txt"
    with process([program, "serve", str(home / "config.yml")], log) as started:

        def answers() -> bool:
            assert started.poll() is None, log.read_text()
            return repositories(address) is not None

        wait_for("the registry", answers)
        yield address


def repositories(address: str) -> list[str] | None:
    """Return the names of the images a registry has, None when it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{address}/v2/_catalog", timeout=10) as answer:
            names: list[str] = json.load(answer)["repositories"]
    except OSError:
        return None
    return names


@pytest.fixture
def gone_afterwards(client: DockerClient) -> Iterator[list[str]]:
    """Names of images; those the engine has are taken from it when the test is over."""
    names: list[str] = []
    yield names
    for name in names:
        try:
            client.images.remove(name, force=True)
        except ImageNotFound:
            continue


def test_a_published_image_is_pulled_elsewhere_and_answers(
    client: DockerClient, registry: str, gone_afterwards: list[str], tmp_path: Path
) -> None:
    """`make publish`, the local name removed, pulled by name, run, asked."""
    name = f"{registry}/aguanta/penguins:1.0"
    gone_afterwards.append(name)

    done = make("publish", f"IMAGE={name}")
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(
        rf"Published {API.name} as {re.escape(name)} \((sha256:\w{{64}})\)", done.stdout
    )
    assert told, done.stdout
    assert repositories(registry) == ["aguanta/penguins"]

    client.images.remove(name)
    pulled = client.images.pull(name)
    assert f"{registry}/aguanta/penguins@{told[1]}" in pulled.attrs["RepoDigests"]
    assert pulled.id == client.images.get(API.name).id
    container = client.containers.run(
        name,
        name=f"aguanta-test-{secrets.token_hex(4)}",
        detach=True,
        read_only=True,
        ports={"8000/tcp": ("127.0.0.1", 0)},
    )
    try:
        ((_, port),) = wait_for("the published port", lambda: published(container))
        assert wait_for("the service", lambda: ask(port)) == "MALE"
    finally:
        container.remove(force=True, v=True)


def test_a_name_without_a_tag_is_published_as_latest(
    client: DockerClient, registry: str, gone_afterwards: list[str]
) -> None:
    """The colon of the registry's port is no tag."""
    name = f"{registry}/aguanta/untagged"
    gone_afterwards.append(f"{name}:latest")
    done = python("-m", "loadtests.jobs.prepare", "--publish", name)
    assert done.returncode == 0, done.stderr
    with urllib.request.urlopen(f"http://{registry}/v2/aguanta/untagged/tags/list") as answer:
        assert json.load(answer)["tags"] == ["latest"]


def test_a_registry_that_is_not_there_is_said_so(gone_afterwards: list[str]) -> None:
    """The name, the reason and exit code 2; no traceback."""
    name = f"127.0.0.1:{free_ports()}/aguanta/penguins:1.0"
    gone_afterwards.append(name)
    done = python("-m", "loadtests.jobs.prepare", "--publish", name)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: {name} could not be pushed: ")
    assert "connection refused" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        pytest.param("", "IMAGE=registry/name:tag", id="none at all"),
        pytest.param("127.0.0.1:5000/Upper/Case:1", "check the name", id="capitals"),
        pytest.param("no spaces/in:it", "check the name", id="spaces"),
    ],
)
def test_a_name_no_registry_takes_is_refused(name: str, advice: str) -> None:
    """With what to do, and exit code 2."""
    done = python("-m", "loadtests.jobs.prepare", "--publish", name)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert advice in done.stderr
    assert "Traceback" not in done.stderr


def test_make_publish_says_that_a_name_is_missing() -> None:
    """`make publish` by itself ends with what to give."""
    done = make("publish")
    assert done.returncode != 0
    assert "IMAGE=registry/name:tag" in done.stderr
