"""Builds the image of one truth: a thin layer on the null service, told by ENV."""

import hashlib
from pathlib import Path

from docker import DockerClient

from loadtests.bench.engine import PROJECT_LABEL
from loadtests.bench.images import API_NULL, CONTENT_LABEL, ensure_image, resolve_image

CONTEXT = Path(__file__).parent / "service"


def ensure_truth(client: DockerClient, name: str, told: str) -> str:
    """Build aguanta-truth:<name> unless the engine has it from the same content."""
    ensure_image(client, API_NULL, print)
    digest = hashlib.sha256(f"{resolve_image(client, API_NULL.name)}\n{told}\n".encode())
    for path in (CONTEXT / "Dockerfile", CONTEXT / "truth.py"):
        digest.update(path.read_bytes())
    tag, content = f"aguanta-truth:{name}", digest.hexdigest()
    if not client.images.list(tag, filters={"label": f"{CONTENT_LABEL}={content}"}):
        client.images.build(
            path=str(CONTEXT),
            tag=tag,
            buildargs={"NULL": API_NULL.name, "TRUTH": told},
            labels={PROJECT_LABEL: "image", CONTENT_LABEL: content},
            rm=True,
            forcerm=True,
        )
    return tag
