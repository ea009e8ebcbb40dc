"""The image all others start from: pulled where a registry answers, else made from Debian."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import APIError, ImageNotFound

from loadtests.bench.debian import install, is_debian_root
from loadtests.errors import EngineError, ImageError

Say = Callable[[str], None]

PULLED = "python:3.11-slim-bookworm"
# Debian 12 with its own Python 3.11: the same minor version, so the same wheels.
BOOTSTRAPPED = "aguanta-base:bookworm"
PACKAGES = "python3-minimal,python3-venv,ca-certificates"
# As in the slim images of a registry: nobody reads them in a container.
_UNREAD = ("doc", "info", "locale", "man")
SLIM = tuple(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _UNREAD)
LAST_LINES = 5  # of what mmdebstrap complains of


@dataclass(frozen=True)
class Bootstrap:
    """An image that a registry has, and how it is made from Debian where none answers."""

    pulled: str
    name: str  # of the one that is made
    packages: str
    options: tuple[str, ...] = ()  # of mmdebstrap, besides
    changes: tuple[str, ...] = ()  # to the image, as lines of a Dockerfile


BASE = Bootstrap(PULLED, BOOTSTRAPPED, PACKAGES, SLIM)


def ensure_base_image(client: DockerClient, say: Say, what: Bootstrap = BASE) -> str:
    """Return the name of a base image the engine has, pulling or making it where it has none.

    Raises ImageError when neither is possible.
    """
    for name in (what.pulled, what.name):
        try:
            client.images.get(name)
        except ImageNotFound:
            continue
        return name
    say(f"Pulling the image {what.pulled}")
    try:
        repository, tag = what.pulled.split(":")
        client.images.pull(repository, tag=tag)
    except APIError as error:
        say(f"No registry answers ({_short(error)}); making {what.name} from Debian (about 40 s)")
        _bootstrap(client, what, error)
        return what.name
    return what.pulled


def _short(error: APIError) -> str:
    return str(error.explanation or error).strip().splitlines()[0][:100]


def _bootstrap(client: DockerClient, what: Bootstrap, why: APIError) -> None:
    if shutil.which("mmdebstrap") is None:
        if not is_debian_root():
            raise ImageError(
                f"{what.pulled} could not be pulled ({_short(why)}) and making it needs "
                "mmdebstrap; run as root on Debian or Ubuntu, or load that image into the engine "
                "by hand"
            ) from why
        try:
            install("mmdebstrap", "debian-archive-keyring")
        except EngineError as error:
            raise ImageError(str(error)) from error
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={what.packages}"]
    command += [*what.options, "bookworm"]
    with subprocess.Popen(
        [*command, "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        assert process.stderr is not None  # noqa: S101
        repository, tag = what.name.split(":")
        client.api.import_image(
            process.stdout,
            repository=repository,
            tag=tag,
            stream_src=True,
            changes=[*what.changes] or None,
        )
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode != 0:
        client.images.remove(what.name, force=True)
        tail = "\n".join(complaint.strip().splitlines()[-LAST_LINES:])
        raise ImageError(f"mmdebstrap could not make {what.name}:\n{tail}") from why
