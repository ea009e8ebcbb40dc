"""Small trials: a bench with a store of its own, and what is left of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench.containers import STORE_LABEL, remove_leftovers
from loadtests.bench.host import describe_host
from loadtests.bench.images import GeneratorImage, resolve_image
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.users_script import UsersScript
from loadtests.question import SLO, Question, Target, Workload
from loadtests.studies.parameters import ROOT

# Some seconds of a few users; the SLO is one that any machine meets.
QUICK: dict[str, Any] = {
    "users": 60,
    "spawn_rate": 60.0,
    "think_time_s": (0.5, 1.5),
    "steady_s": 3.0,
}
PATIENT = SLO(latency_ms=5000.0, error_rate=0.05)
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"


@contextmanager
def bench_at(
    client: DockerClient,
    folder: Path,
    generator_image: str,
    *,
    image: str,
    port: int = 8000,
    health_path: str = "/health",
    locustfile: Path = LOCUSTFILE,
    **workload: Any,
) -> Iterator[Bench]:
    """Yield a bench; at the end none of its containers may be left."""
    bench = Bench(
        client=client,
        store=Store(folder),
        host=describe_host(client),
        question=Question(Workload(**{**QUICK, **workload}), PATIENT),
        target=Target(image, port, health_path),
        image_id=resolve_image(client, image),
        generator=GeneratorImage(str(client.images.get(generator_image).id), "content"),
        script=UsersScript.alone(locustfile),
    )
    try:
        yield bench
    finally:
        left = remove_leftovers(client, bench.store.identity)
    assert left == []


def containers_of(client: DockerClient, store: Store) -> list[Container]:
    """Return every container of a store, running or not."""
    label = f"{STORE_LABEL}={store.identity}"
    found: list[Container] = client.containers.list(all=True, filters={"label": label})
    return found


def part_of(bench: Bench, part: str) -> Container:
    """Return a running trial's container by the end of its name, as api-1 or locust."""
    (found,) = (
        c for c in containers_of(bench.client, bench.store) if str(c.name).endswith(f"-{part}")
    )
    return found


def ignore(_line: object) -> None:
    """Take no notice of a tick."""
