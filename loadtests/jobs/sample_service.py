"""This project's own service on a bench of its own, for jobs that study the measuring itself."""

from collections.abc import Callable

from docker import DockerClient

from loadtests.bench.host import describe_host
from loadtests.bench.images import API, ensure_image, generator_image, resolve_image
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.question import Question, Target
from loadtests.studies.parameters import Parameters


def sample_bench(
    client: DockerClient,
    store: Store,
    question: Question,
    say: Callable[[str], None],
    stops_early: bool = True,
) -> Bench:
    """Return a bench on which the service is asked by this project's own script."""
    return Bench(
        client=client,
        store=store,
        host=describe_host(client),
        question=question,
        target=Target(ensure_image(client, API, say)),
        image_id=resolve_image(client, API.name),
        generator=generator_image(client, say),
        script=Parameters().script,
        stops_early=stops_early,
    )
