"""Find a container engine that answers, or say how to get one."""

import os

import docker
from docker import DockerClient
from docker.context import ContextAPI
from docker.errors import DockerException
from requests import ConnectionError as NoConnectionError
from requests import Timeout
from urllib3.exceptions import HTTPError

from loadtests.errors import EngineError

# Docker 19.03: live update of limits, healthy classic builder, per-container sysctls.
OLDEST_API = (1, 40)
TIMEOUT_S = 120
# How a call ends when the engine goes away in the middle of it.
ENGINE_LOST = (NoConnectionError, Timeout, HTTPError)
# Every container, network and image this project makes carries it.
PROJECT_LABEL = "aguanta"


def engine_address() -> str:
    """Return the engine's address: DOCKER_HOST, else the current Docker context's."""
    from_environment = os.environ.get("DOCKER_HOST")
    if from_environment:
        return from_environment
    context = ContextAPI.get_current_context()
    return str(context.Host) if context is not None else "unix:///var/run/docker.sock"


def is_local(client: DockerClient) -> bool:
    """Say whether the engine runs on this machine, so that its kernel's files can be read."""
    return client.api.base_url.startswith("http+docker://localhost")


def connect() -> DockerClient:
    """Return a client of the engine.

    Raises EngineError when none answers at the address, or it is too old.
    """
    address = engine_address()
    try:
        # With a DOCKER_HOST the certificates and TLS settings beside it count too.
        client = (
            docker.from_env(timeout=TIMEOUT_S)
            if os.environ.get("DOCKER_HOST")
            else DockerClient(base_url=address, timeout=TIMEOUT_S)
        )
        version = client.version()
    except DockerException as error:
        raise EngineError(
            f"no container engine answers at {address} ({error}); start Docker, or set "
            "DOCKER_HOST, or as root on Debian or Ubuntu run `make engine`"
        ) from error
    api = tuple(int(part) for part in version["ApiVersion"].split("."))
    if api < OLDEST_API:
        raise EngineError(
            f"the engine at {address} has API {version['ApiVersion']} ({version['Version']}); "
            f"this needs API {'.'.join(map(str, OLDEST_API))} (Docker 19.03) or newer: upgrade it"
        )
    return client
