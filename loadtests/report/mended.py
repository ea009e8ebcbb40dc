"""The wrong words about services that were mended, in the order in which the page tells of them."""

from collections.abc import Sequence

# By the name under which tests log them. Verdicts first, then records that answered another
# question, then the world around a trial.
MENDED = (
    "voided trials in a pool",
    "three looks",
    "users who do not send",
    "less than one cycle",
    "generator stopped",
    "exceptions in the script",
    "host out of memory",
    "killed, and nobody told",
    "grown long before its kill",
    "few failures of few requests",
    "slow start",
    "limits of our own",
    "slow requests from before",
    "users stuck from before",
    "hidden in the total",
    "one user first",
    "what sleeps",
    "cut off by the end",
    "one contradictory trial",
    "backlog of a staircase",
    "killed before it began",
    "containers without samples",
    "broken watcher",
    "image built on ours",
    "invalid trials",
    "generator and host",
    "changed while it ran",
    "record of another script",
    "last line and exit code",
    "processes of another machine",
    "what a script prints",
    "removal refused",
    "two stores, one path",
    "wheels",
    "certificates of a context",
    "p95 above 10 s",
    "torn trial folder",
    "tokens in queries",
    "interrupt in the background",
)


def place(name: str) -> int:
    """Return where on the page a case of this name stands; one that is not listed comes last."""
    return MENDED.index(name) if name in MENDED else len(MENDED)


def not_shown(names: Sequence[str]) -> list[str]:
    """Return what was mended and is not among these names, so that no gap stays unseen."""
    return [name for name in MENDED if name not in names]
