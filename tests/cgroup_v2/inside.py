"""Containers of these tests inside the virtual machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

LABELS = {"aguanta.test": "cgroup-v2"}
ANSWER_S = 400.0
SHELL = ["/bin/busybox", "sh", "-c"]
# A shell on the virtual machine itself.
GUEST: dict[str, Any] = {"privileged": True, "pid_mode": "host", "cgroupns": "host"}
ON_GUEST = ["/bin/busybox", "chroot", "/proc/1/root"]


@contextmanager
def created(
    client: DockerClient, image: str, command: list[str], **more: Any
) -> Iterator[Container]:
    """Yield a container that is not started yet; it is removed afterwards."""
    container = client.containers.create(
        image, entrypoint=command, labels=LABELS, network_mode="none", **more
    )
    try:
        yield container
    finally:
        container.remove(force=True)


@contextmanager
def running(
    client: DockerClient, image: str, command: list[str], **more: Any
) -> Iterator[Container]:
    """Yield a container that was started."""
    with created(client, image, command, **more) as container:
        container.start()
        container.reload()
        yield container


def limited(mib: int) -> dict[str, Any]:
    """Return a memory limit, as a replica has it."""
    return {"mem_limit": f"{mib}m", "memswap_limit": f"{mib}m"}


def said_by(container: Container, *command: str) -> str:
    """Run one of busybox's programs in a container, and return what it says."""
    done = container.exec_run(["/bin/busybox", *command])
    assert done.exit_code == 0, done.output
    return str(done.output.decode()).strip()
