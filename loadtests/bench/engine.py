"""Find a container engine that answers, or say how to get one."""

import os

import docker
from docker import DockerClient
from docker.context import Context, ContextAPI
from docker.errors import DockerException
from requests import ConnectionError as NoConnectionError
from requests import Timeout
from urllib3.exceptions import HTTPError

from loadtests.errors import EngineError

# Docker 19.03: live update of limits, healthy classic builder, per-container sysctls.
OLDEST_API = (1, 40)
TIMEOUT_S = 120
DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
# How a call ends when the engine goes away in the middle of it.
ENGINE_LOST = (NoConnectionError, Timeout, HTTPError)
# Every container, network and image this project makes carries it.
PROJECT_LABEL = "aguanta"


def current_context() -> Context | None:
    """Return the Docker context that counts here; None where DOCKER_HOST says which engine."""
    return None if os.environ.get("DOCKER_HOST") else ContextAPI.get_current_context()


def engine_address() -> str:
    """Return the engine's address: DOCKER_HOST, else the current Docker context's."""
    return _address(current_context())


def _address(context: Context | None) -> str:
    return os.environ.get("DOCKER_HOST") or (context and context.Host) or DEFAULT_ADDRESS


def is_local(client: DockerClient) -> bool:
    """Say whether the engine runs on this machine, so that its kernel's files can be read."""
    return client.api.base_url.startswith("http+docker://localhost")


def connect() -> DockerClient:
    """Return a client of the engine.

    Raises EngineError when none answers at the address, or it is too old.
    """
    context = current_context()
    address = _address(context)
    try:
        # Each way of naming an engine has certificates of its own, and both count.
        client = (
            docker.from_env(timeout=TIMEOUT_S)
            if context is None
            else DockerClient(base_url=address, tls=context.TLSConfig or False, timeout=TIMEOUT_S)
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
