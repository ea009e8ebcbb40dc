"""Faults that are put in on purpose, and what must be as it was before, whatever they do."""

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from docker import DockerClient

from loadtests import record
from loadtests.bench.containers import Names
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.question import SLO, Question, Workload
from tests.analysis.records import evidence
from tests.integration.benches import containers_of

# Finished before the fault comes; what stands in it matters to nobody.
EARLIER = evidence(key="0123456789abcdef" * 4).trial
EARLIER_FILES = {record.REQUESTS_CSV: b"start_s\n1.0\n", record.GENERATOR_LOG: b"done\n"}
BUSY_LOOP = "import os, sys; os.nice(int(sys.argv[1]))\nwhile True: pass"


def asking(bench: Bench, slo: SLO | None = None, **workload: Any) -> Bench:
    """Return the bench with some seconds of a few hundred users, and half a second to answer in.

    Nothing is stopped early: a fault is to meet a trial that is under way.
    """
    wanted = {"users": 200, "spawn_rate": 100.0, "think_time_s": (0.5, 1.5), "steady_s": 8.0}
    question = Question(Workload(**{**wanted, **workload}), slo or SLO())
    return replace(bench, question=question, stops_early=False)


def once(phase: str, action: Callable[[], object]) -> Callable[[dict[str, Any]], None]:
    """Return a listener to ticks that acts at the first one of a phase."""
    waiting = [action]

    def on_tick(line: dict[str, Any]) -> None:
        if line["phase"] == phase and waiting:
            waiting.pop()()

    return on_tick


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def nothing_else_changes(client: DockerClient, store: Store, image: str) -> Iterator[None]:
    """Check that a fault takes nothing with it and leaves nothing behind.

    A trial finished earlier is as it was, a container of another run still runs, and none of this
    store's containers is left.
    """
    with store.writing():
        earlier = store.write(EARLIER, EARLIER_FILES)
    before = contents(earlier)
    names = Names(secrets.token_hex(8), secrets.token_hex(32))
    sleep = ["python3", "-c", "import time; time.sleep(3600)"]
    neighbour = client.containers.create(
        image, entrypoint=sleep, command=[], name=names.container("api-1"), labels=names.labels
    )
    try:
        neighbour.start()
        yield
        assert contents(earlier) == before
        assert containers_of(client, store) == []
        neighbour.reload()
        assert neighbour.status == "running"
    finally:
        neighbour.remove(force=True)


@contextmanager
def busy_processes(count: int, niceness: int) -> Iterator[None]:
    """Let processes use all the CPU they can get, until the end of the block.

    Each in a session of its own: the kernel shares CPU out among sessions first (autogroup).
    """
    command = [sys.executable, "-c", BUSY_LOOP, str(niceness)]
    started = [subprocess.Popen(command, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()
