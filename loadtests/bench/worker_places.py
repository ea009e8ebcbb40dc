"""On which node of a Swarm each worker of a load runs."""

from collections.abc import Sequence


def spread(workers: int, others: Sequence[str], own: str) -> tuple[str, ...]:
    """Return the node of each worker: by turns the others, and then our own; () without others.

    Our own comes last, as it has Locust's master, a proxy where there is one, and who watches. Each
    shares its CPUs with the replicas there, as a load does that comes from one engine.
    """
    if not others:
        return ()
    turns = [*others, own]
    return tuple(turns[worker % len(turns)] for worker in range(workers))
