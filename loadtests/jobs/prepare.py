"""Prepare this machine: engine, network, images, browser, Compose, registry."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError

from loadtests.bench import debian, images
from loadtests.bench.compose import has_compose_plugin
from loadtests.bench.containers import NETWORK, ensure_network
from loadtests.bench.engine import PROJECT_LABEL, connect
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.ports import port_holder
from loadtests.errors import EngineError, HostError, ImageError, QuestionError
from loadtests.jobs.console import say, tells_refusals
from loadtests.jobs.orders import prepare_orders

IMAGES = (images.GENERATOR, images.API)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENVIRONMENT = Path(sys.prefix) / "bin"
COMPOSE_FOLDER_LABEL = "com.docker.compose.project.working_dir"
COMPOSE_FOLDERS = (images.ROOT, images.ROOT / "loadtests")


def prepare_engine() -> DockerClient:
    """Find, or install and start, a container engine."""
    client = ensure_engine(say)
    ensure_network(client, os.environ.get("NETWORK") or NETWORK)  # as the compose files name it
    return client


def prepare_builds() -> None:
    """Do what building the images begins with; it needs no model."""
    images.prepare_builds(prepare_engine(), IMAGES, say)


def prepare_images() -> None:
    """Build what trials and compose files need."""
    images.ensure_images(prepare_engine(), IMAGES, say)


def prepare_sklearn_image() -> None:
    """Build the service as the original serves it, with scikit-learn, to compare with."""
    images.ensure_image(prepare_engine(), images.API_SKLEARN, say)


def prepare_browser() -> None:
    """Find, or install, a Chromium for the browser tests."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if not debian.is_debian_root():
        raise HostError("the browser tests need Chromium; install it and put it on the PATH")
    say("Installing Debian's Chromium for the browser tests")
    debian.install("chromium")


def prepare_compose() -> None:
    """Find, or install, Docker Compose."""
    if shutil.which("docker-compose") or has_compose_plugin():
        return
    if not debian.is_debian_root():
        raise HostError("Docker Compose is missing; install the docker compose plugin")
    say("Installing Debian's docker-compose")
    debian.install("docker-compose")


def registry_program() -> str | None:
    """Return the image registry of this environment or machine, None when there is none."""
    return shutil.which("docker-registry", path=f"{ENVIRONMENT}{os.pathsep}{os.environ['PATH']}")


def prepare_registry() -> None:
    """Find, or fetch, an image registry for the tests of publishing, which start it themselves."""
    if registry_program():
        return
    if not debian.is_debian_root():
        raise HostError(
            "the tests of publishing need the program docker-registry; put it on the PATH (Debian "
            "and Ubuntu have a package of that name, which also starts it as a service)"
        )
    say("Fetching Debian's docker-registry for the tests of publishing")
    debian.fetch_program("docker-registry", "docker-registry", ENVIRONMENT)


def require_ports(wanted: str, replicas: str = "1") -> None:
    """Refuse a port, or a range like 8000-8002, that a process listens on here, and say which.

    Each replica needs a port of its own. A port of this project's own compose files is free:
    Compose replaces its containers.
    """
    first, dash, last = wanted.partition("-")
    ends = (first, last if dash else first)
    if not all(end.isdecimal() and 0 < int(end) < 65536 for end in ends) or int(ends[0]) > int(
        ends[1]
    ):
        raise QuestionError(f"the port is {wanted!r}; give a number, or a range like 8000-8002")
    ports = range(int(ends[0]), int(ends[1]) + 1)
    if not replicas.isdecimal():
        raise QuestionError(f"the number of replicas is {replicas!r}; give a whole number")
    if len(ports) < int(replicas):
        enough = f"{ports[0]}-{ports[0] + int(replicas) - 1}"
        raise QuestionError(f"{replicas} replicas need as many ports; give API_PORT={enough}")
    for port in ports:
        holder = port_holder(port)
        if holder and not _is_our_own(port):
            raise HostError(
                f"port {port} is taken by {holder}; end it, or choose another with API_PORT= or "
                "LOCUST_PORT="
            )


def _is_our_own(port: int) -> bool:
    """Say whether a container of this project's compose files has published the port."""
    try:
        found = connect().containers.list(filters={"publish": str(port)})
    except EngineError:
        return False
    folders = [container.labels.get(COMPOSE_FOLDER_LABEL) for container in found]
    return any(folder and Path(folder) in COMPOSE_FOLDERS for folder in folders)


def publish(source: str, destination: str) -> None:
    """Push an image to a registry."""
    if not destination:
        raise ImageError("no image name given; say where to, as in IMAGE=registry/name:tag")
    digest = images.publish(connect(), source, destination)
    say(f"Published {source} as {destination} ({digest})")


def clean() -> None:
    """Remove the containers, networks, volumes and images this project made."""
    client = connect()
    label: dict[str, str | list[str] | bool] = {"label": PROJECT_LABEL}
    for container in client.containers.list(all=True, filters=label):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=label):
        try:
            network.remove()
        except APIError as error:  # containers of someone else are on it
            say(f"Kept the network {network.name}: {error.explanation or error}")
    for volume in client.volumes.list(filters=label):
        volume.remove(force=True)
    made = client.images.list(filters=label)
    # Newest first: none is removed before those that are built on it.
    for image in sorted(made, key=lambda each: str(each.attrs["Created"]), reverse=True):
        # What somebody built on top of one of them inherited the label, and is theirs.
        if all(tag.startswith("aguanta-") for tag in image.tags):
            client.images.remove(str(image.id), force=True)
    client.images.prune(filters={"dangling": True, "label": PROJECT_LABEL})


@tells_refusals
def main(arguments: list[str]) -> int:
    """Do the steps named, in order; a refusal is printed and gives exit code 2."""
    steps = {
        "engine": prepare_engine,
        "builds": prepare_builds,
        "images": prepare_images,
        "sklearn": prepare_sklearn_image,
        "browser": prepare_browser,
        "compose": prepare_compose,
        "registry": prepare_registry,
        "orders": lambda: prepare_orders(prepare_engine()),
        "clean": clean,
    }
    parser = argparse.ArgumentParser(prog="python -m loadtests.jobs.prepare", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(steps))
    parser.add_argument("--publish", metavar="IMAGE", help="push the service's image as IMAGE")
    parser.add_argument("--port", action="append", default=[], help="must be free")
    parser.add_argument("--replicas", default="1", help="how many ports are needed")
    asked = parser.parse_args(arguments)
    if unknown := [step for step in asked.steps if step not in steps]:
        parser.error(f"there is no step {unknown[0]!r}; there are {', '.join(steps)}")
    for step in asked.steps:
        steps[step]()
    for port in asked.port:
        require_ports(port, asked.replicas)
    if asked.publish is not None:
        publish(images.API.name, asked.publish)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
