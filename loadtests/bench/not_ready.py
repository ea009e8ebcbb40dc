"""Why replicas did not answer: how they ended, or where they listen instead."""

import json
from collections.abc import Sequence

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.containers import Names, create_listening_check, remove
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.replica_report import last_words
from loadtests.question import Target

LIMIT_S = 20
LOOPBACK = ("127.", "::1")
Socket = tuple[str, int]  # address and port


def why_not_ready(
    client: DockerClient,
    names: Names,
    generator_image: str,
    target: Target,
    message: str,
    replicas: Sequence[Container],
) -> str:
    """Return a message with what is known of replicas that are not removed yet.

    Those that ended tell their last words; of one that runs, it is told where it listens.
    """
    ended = [words for replica in replicas if (words := last_words(replica))]
    running = [replica for replica in replicas if replica.status == "running"]
    if not running:
        return "\n".join([message, *ended])
    sockets = _listening(client, names, generator_image, running[0])
    heard = [] if sockets is None else [where_it_listens(sockets, target)]
    return "\n".join([message, *heard, *ended])


def _listening(
    client: DockerClient, names: Names, image: str, replica: Container
) -> list[Socket] | None:
    """Return where a container listens, as seen from within its network; None: not known."""
    try:
        check = create_listening_check(client, names, image, replica)
    except APIError:  # it ended just now
        return None
    try:
        check.start()
        check.wait(timeout=LIMIT_S)
        return [(address, port) for address, port in json.loads(check.logs(stderr=False))]
    except (APIError, ValueError, *ENGINE_LOST):
        return None
    finally:
        remove([check])


def where_it_listens(sockets: Sequence[Socket], target: Target) -> str:
    """Say where a container listens beside what is asked, and what to change."""
    there = [address for address, port in sockets if port == target.port]
    if not sockets:
        return (
            "Nothing listens in the container: it is still starting, or waits for something it "
            "needs; see its log"
        )
    if any(not address.startswith(LOOPBACK) for address in there):
        return (
            f"It listens on port {target.port}, so its service is there and gives no answer to "
            f"GET {target.health_path} below 500: give the path that does (HEALTH_PATH)"
        )
    if there:
        return (
            f"It listens on port {target.port}, but on {there[0]} alone, which nobody outside of "
            "the container reaches: let the service listen on 0.0.0.0"
        )
    reachable = [port for address, port in sockets if not address.startswith(LOOPBACK)]
    others = ", ".join(f"{address} port {port}" for address, port in sockets)
    fix = f": ask with PORT={reachable[0]}" if len(set(reachable)) == 1 else ""
    return f"Nothing listens on port {target.port} in the container; it listens on {others}{fix}"
