"""Build the service's and the generator's images, and publish one; what is built stays built."""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound
from docker.models.images import Image
from docker.utils.build import exclude_paths

from loadtests.bench.base_image import ensure_base_image
from loadtests.bench.engine import PROJECT_LABEL
from loadtests.bench.wheels import ensure_wheels
from loadtests.errors import ImageError

Say = Callable[[str], None]

# Identity of an image by what it was made from: the same content built twice has two ids.
CONTENT_LABEL = "aguanta.content"


@dataclass(frozen=True)
class Recipe:
    """One image: its name, its build context, and the locks its packages come from."""

    name: str
    context: Path
    locks: tuple[str, ...]
    dockerfile: str = "Dockerfile"
    target: str | None = None


ROOT = Path(__file__).resolve().parents[2]
_SERVICE_LOCKS = ("requirements.lock", "requirements-sklearn.lock")
API = Recipe("aguanta-api:latest", ROOT / "service", _SERVICE_LOCKS, target="onnx")
API_SKLEARN = Recipe("aguanta-api:sklearn", ROOT / "service", _SERVICE_LOCKS, target="sklearn")
API_NULL = Recipe("aguanta-api:null", ROOT / "service", _SERVICE_LOCKS, target="null")
GENERATOR = Recipe(
    "aguanta-locust:latest", ROOT / "loadtests", ("requirements.lock",), "Dockerfile.locust"
)


RECIPES = {recipe.name: recipe for recipe in (API, API_SKLEARN, API_NULL, GENERATOR)}


def ensure_image(client: DockerClient, recipe: Recipe, say: Say) -> str:
    """Build the recipe's image unless the engine has it from the same content; return its name.

    Raises ImageError with the build's last lines.
    """
    base = ensure_base_image(client, say)
    if ensure_wheels(recipe.context / "wheels", *(recipe.context / lock for lock in recipe.locks)):
        say(f"Fetched the packages of {recipe.name}")
    content = content_hash(recipe, str(client.images.get(base).id))
    old = _image(client, recipe.name)
    if old is not None and old.labels.get(CONTENT_LABEL) == content:
        return recipe.name
    say(f"Building {recipe.name}")
    try:
        new, _log = client.images.build(
            path=str(recipe.context),
            dockerfile=recipe.dockerfile,
            target=recipe.target,
            tag=recipe.name,
            buildargs={"BASE": base},
            labels={PROJECT_LABEL: "image", CONTENT_LABEL: content},
            rm=True,
            forcerm=True,
        )
    except (BuildError, APIError) as error:
        log = getattr(error, "build_log", ())
        lines = [str(chunk["stream"]).strip() for chunk in log if chunk.get("stream")]
        tail = "\n".join([*(line for line in lines if line)][-8:])
        raise ImageError(f"{recipe.name} could not be built: {error}\n{tail}") from error
    if old is not None and old.id != new.id:
        # The name has moved on; a container that still runs the old image keeps it.
        with contextlib.suppress(APIError):
            client.images.remove(str(old.id))
    return recipe.name


def content_hash(recipe: Recipe, base_id: str) -> str:
    """Return the SHA-256 of all an image is made from: context, target and base image."""
    ignore = (recipe.context / ".dockerignore").read_text().split()
    digest = hashlib.sha256(f"{base_id}\n{recipe.target}\n".encode())
    paths = {*exclude_paths(str(recipe.context), ignore), recipe.dockerfile}
    for name in sorted(paths):
        path = recipe.context / name
        if path.is_file():
            digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _image(client: DockerClient, name: str) -> Image | None:
    try:
        return client.images.get(name)
    except ImageNotFound:
        return None


def image_digest(client: DockerClient, name: str) -> str:
    """Return what an image is, for a trial's key: its content label, else its id.

    Pulls the image when the engine does not have it; raises ImageError when it cannot be had.
    """
    try:
        image = client.images.get(name)
    except ImageNotFound:
        try:
            image = client.images.pull(
                name, tag=None if ":" in name.rsplit("/", maxsplit=1)[-1] else "latest"
            )
        except APIError as error:
            raise ImageError(
                f"the image {name} is neither in the engine nor can it be pulled: "
                f"{error.explanation or error}; build it or check its name"
            ) from error
    return str(image.labels.get(CONTENT_LABEL) or image.id)


def publish(client: DockerClient, source: str, destination: str) -> str:
    """Tag `source` as `destination` (registry/name:tag), push it, and return its digest.

    Raises ImageError with the registry's answer.
    """
    repository, _, tag = destination.rpartition(":")
    if not repository or "/" in tag:
        repository, tag = destination, "latest"
    try:
        client.images.get(source).tag(repository, tag)
        lines = client.images.push(repository, tag=tag, stream=True, decode=True)
        digest = ""
        for line in lines:
            if "error" in line:
                raise ImageError(f"{destination} could not be pushed: {line['error']}")
            digest = line.get("aux", {}).get("Digest", digest)
    except (APIError, ImageNotFound) as error:
        raise ImageError(
            f"{destination} could not be pushed: {error.explanation or error}; log in with "
            "`docker login` and check the name"
        ) from error
    return digest
