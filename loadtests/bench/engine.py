"""Find a container engine that answers, or say how to get one."""

import os
import shutil
from typing import Any

from docker import APIClient, DockerClient
from docker.context import Context, ContextAPI
from docker.errors import DockerException, TLSParameterError
from requests import ConnectionError as NoConnectionError
from requests import Timeout
from urllib3.exceptions import HTTPError, SSLError

from loadtests.bench.wire import SSH_URL, TcpAdapter
from loadtests.errors import EngineError

# Docker 19.03: live update of limits, healthy classic builder, per-container sysctls.
OLDEST_API = (1, 40)
TIMEOUT_S = 120
DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
BY_SSH = "ssh://"
# How an engine behind TLS (Go's net/http) answers a client that has no certificates.
ASKED_WITHOUT_TLS = "Client sent an HTTP request to an HTTPS server"
# How a call ends when the engine goes away in the middle of it.
ENGINE_LOST = (NoConnectionError, Timeout, HTTPError)
# Every container, network and image this project makes carries it.
PROJECT_LABEL = "aguanta"


class _Api(APIClient):
    """The engine's API, trusting whom the engine's certificates name and nobody else."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        for prefix in {"http://", "https://"} & {*self.adapters}:  # none with a socket, or ssh
            self.mount(prefix, TcpAdapter())

    def merge_environment_settings(self, *given: Any, **named: Any) -> Any:
        # To requests an authority in the environment (REQUESTS_CA_BUNDLE), as companies set it for
        # the internet, would come before that of the engine.
        return {**super().merge_environment_settings(*given, **named), "verify": self.verify}

    def _get_raw_response_socket(self, response: Any) -> Any:
        channel = super()._get_raw_response_socket(response)  # type: ignore[misc]  # not in its types
        if self.base_url.startswith(SSH_URL):
            # Through its pool an answer that its own connection refers to is never thrown away, nor
            # is the process of ssh that brought it.
            del channel._response
        return channel


class EngineClient(DockerClient):
    """Docker's client, on that API."""

    def __init__(self, **how: Any) -> None:
        """Take what Docker's own client takes, by name."""
        self.api = _Api(**how)


def current_context() -> Context | None:
    """Return the Docker context that counts here; None where DOCKER_HOST says which engine.

    Raises EngineError where the one that is named is not there.
    """
    if os.environ.get("DOCKER_HOST"):
        return None
    context = ContextAPI.get_context(os.environ.get("DOCKER_CONTEXT"))
    if context is None:
        raise EngineError(
            "the Docker context that DOCKER_CONTEXT or `docker context use` names is not there; "
            "name one that `docker context ls` lists"
        )
    return context


def engine_address() -> str:
    """Return the engine's address: DOCKER_HOST, else the current Docker context's."""
    return _address(current_context())


def _address(context: Context | None) -> str:
    return os.environ.get("DOCKER_HOST") or _address_of(context)


def _address_of(context: Context | None) -> str:
    return (context and context.Host) or DEFAULT_ADDRESS


def is_local(client: DockerClient) -> bool:
    """Say whether the engine runs on this machine, so that its kernel's files can be read."""
    return client.api.base_url.startswith("http+docker://localhost")


def connect() -> DockerClient:
    """Return a client of the engine.

    Raises EngineError when none answers at the address, or it is too old.
    """
    context = current_context()
    return _client_at(_address(context), context, dict(os.environ))


def connect_to(named: str) -> DockerClient:
    """Return a client of the engine at an address, `tcp://10.0.0.2:2376`, or of a Docker context.

    To an address the certificates of DOCKER_CERT_PATH are shown, as to DOCKER_HOST. Raises
    EngineError as `connect` does.
    """
    if "://" in named:
        return _client_at(named, None, os.environ | {"DOCKER_HOST": named})
    context = ContextAPI.get_context(named)
    if context is None:
        raise EngineError(f"there is no Docker context {named!r}; `docker context ls` lists them")
    return _client_at(_address_of(context), context, dict(os.environ))


def _client_at(address: str, context: Context | None, environment: dict[str, str]) -> DockerClient:
    if address.startswith(BY_SSH) and shutil.which("ssh") is None:
        raise EngineError(f"the engine at {address} is reached by ssh: install openssh-client")
    # This machine's ssh, as Docker's own client has it, goes by all that it is told in its files.
    how: dict[str, Any] = {"timeout": TIMEOUT_S, "use_ssh_client": True}
    try:
        # Each way of naming an engine has certificates of its own, and both count.
        client = (
            EngineClient.from_env(environment=environment, **how)
            if context is None
            else EngineClient(base_url=address, tls=context.TLSConfig or False, **how)
        )
        version = client.version()
    except DockerException as error:
        raise EngineError(_why_none_answers(address, context, error)) from error
    api = tuple(int(part) for part in version["ApiVersion"].split("."))
    if api < OLDEST_API:
        raise EngineError(
            f"the engine at {address} has API {version['ApiVersion']} ({version['Version']}); "
            f"this needs API {'.'.join(map(str, OLDEST_API))} (Docker 19.03) or newer: upgrade it"
        )
    return client


def _why_none_answers(address: str, context: Context | None, error: DockerException) -> str:
    if address.startswith(BY_SSH):
        return (
            f"no container engine answers at {address} ({error}); see that `ssh {address} "
            "docker version` answers and asks for nothing: the host's key must be known here, and "
            "a key of this machine be let in there"
        )
    distrust = _distrust(error)
    if distrust is None:
        return (
            f"no container engine answers at {address} ({error}); start Docker, or set "
            "DOCKER_HOST, or as root on Debian or Ubuntu run `make engine`"
        )
    where = (
        "with DOCKER_TLS_VERIFY=1 the folder DOCKER_CERT_PATH"
        if context is None
        else f"the Docker context {context.name} (`docker context update`)"
    )
    return (
        f"the engine at {address} and this client do not trust each other ({distrust}): {where} "
        "must have the ca.pem of the authority that signed the engine's certificate, and the "
        "cert.pem and key.pem of a client that the engine accepts"
    )


def _distrust(error: BaseException | None) -> str | None:
    """Return what is wrong with certificates in the causes of an error; None: nothing is."""
    while error is not None:
        if isinstance(error, TLSParameterError) or ASKED_WITHOUT_TLS in str(error):
            return "this client shows no certificate"
        if isinstance(error, SSLError):
            return str(error)
        error = error.__cause__ or error.__context__
    return None
