"""The load generator's image with the packages that a users' script asks for beside it."""

import hashlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from docker import DockerClient
from docker.errors import BuildError, ImageNotFound
from docker.models.images import Image
from packaging.utils import canonicalize_name

from loadtests.bench.engine import PROJECT_LABEL
from loadtests.bench.images import CONTENT_LABEL, GENERATOR, GeneratorImage
from loadtests.bench.script_requirements import read_requirements
from loadtests.bench.users_script import REQUIREMENTS, UsersScript
from loadtests.bench.wheels import download, machine_of
from loadtests.errors import ImageError

Say = Callable[[str], None]
LOCK = GENERATOR.context / GENERATOR.locks[0]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
_MISSING = re.compile(r"No matching distribution found for (.+)")
_CONFLICT = "ResolutionImpossible"

_DOCKERFILE = """
FROM {base} AS packages
USER root
COPY wheels /tmp/wheels
COPY {requirements} constraints.txt /tmp/
RUN python3 -m venv /tmp/pip \\
 && /tmp/pip/bin/pip --python /opt/venv/bin/python3 install --no-cache-dir --no-index \\
      --find-links /tmp/wheels -c /tmp/constraints.txt -r /tmp/{requirements}
FROM {base}
COPY --from=packages /opt/venv /opt/venv
"""


def with_packages(
    client: DockerClient, generator: GeneratorImage, script: UsersScript, say: Say
) -> GeneratorImage:
    """Return the generator with a script's packages, built where it is not there yet.

    What the generator has already stays as it is: with another Locust, it would be another load
    generator. Raises QuestionError for a line that names no package, ImageError where one cannot
    be had.
    """
    pinned = {
        str(canonicalize_name(name)): str(version)
        for name, version in _PINNED.findall(LOCK.read_text())
    }
    asked = read_requirements(REQUIREMENTS, script.requirements, pinned)
    for other in asked.others:
        say(f"{REQUIREMENTS} asks for {other}; that stays, as it would be another load generator")
    if not asked.wanted:
        return generator
    text = "".join(f"{requirement}\n" for requirement in asked.wanted)
    content = hashlib.sha256(f"{generator.content}\n{text}".encode()).hexdigest()
    name = f"{GENERATOR.name.partition(':')[0]}:script-{content[:12]}"
    try:
        image = client.images.get(name)
    except ImageNotFound:
        names = ", ".join(map(str, asked.wanted))
        say(f"Adding to the load generator what {REQUIREMENTS} asks for: {names}")
        constraints = "".join(f"{package}=={version}\n" for package, version in pinned.items())
        image = _build(client, generator, name, content, text, constraints)
    return GeneratorImage(str(image.id), content)


def _build(
    client: DockerClient,
    generator: GeneratorImage,
    name: str,
    content: str,
    text: str,
    constraints: str,
) -> Image:
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        (context / REQUIREMENTS).write_text(text)
        (context / "constraints.txt").write_text(constraints)
        (context / "Dockerfile").write_text(
            _DOCKERFILE.format(base=generator.id, requirements=REQUIREMENTS)
        )
        machine = machine_of(str(client.version()["Arch"]))
        limits = ("-c", str(context / "constraints.txt"))
        try:
            download(machine, context / "wheels", *limits, "-r", str(context / REQUIREMENTS))
        except ImageError as error:
            raise ImageError(_why_not(str(error))) from error
        try:
            image, _ = client.images.build(
                path=folder,
                tag=name,
                labels={PROJECT_LABEL: "image", CONTENT_LABEL: content},
                rm=True,
                forcerm=True,
            )
        except BuildError as error:
            raise ImageError(
                f"the packages of {REQUIREMENTS} could not be installed: {error}"
            ) from error
    return image


def _why_not(pip_said: str) -> str:
    """Return in a sentence why packages cannot be had, where pip's words are known."""
    if missing := _MISSING.search(pip_said):
        return (
            f"{REQUIREMENTS} asks for {missing[1]}, which pip of this machine finds nowhere as a "
            "wheel for Python 3.11 on Linux; check its name and version, or put its modules beside "
            "the script"
        )
    if _CONFLICT in pip_said:
        return (
            f"the packages of {REQUIREMENTS} cannot be had together, and beside those that the "
            "load generator has (loadtests/requirements.lock); ask for other versions, or leave "
            f"them to pip\n{pip_said}"
        )
    return pip_said
