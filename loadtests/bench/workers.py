"""One of several workers that send a load: started where it runs, and what it left there."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench import containers
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.generator import PRINTED_BYTES, Line, parsed
from loadtests.bench.sampler import GENERATOR, Sampler
from loadtests.bench.start import start
from loadtests.bench.trial_nodes import TrialNodes

NODE_LOST = "its node went away"


@dataclass(frozen=True)
class Left:
    """What a worker left, and how it was lost: "" where it was not."""

    lost: str
    lines: Sequence[Line] = ()
    journal: bytes = b""  # as many of its requests as it could write
    names_grouped: bool = False  # whether it called many of them alike
    printed: bytes = b""


@dataclass(frozen=True)
class Worker:
    """A worker's container, by the engine that it is one of."""

    container: Container
    node: str = ""  # of a Swarm; "" where all of the load comes from one engine
    nodes: TrialNodes | None = None  # all of them

    @property
    def name(self) -> str:
        """The name of its container."""
        return str(self.container.name)

    def start(self, sampler: Sampler) -> None:
        """Start it and have it watched; raises what `start` does, EngineError without its node."""
        if self.nodes is None:
            start(self.container)
            self.container.reload()
            sampler.watch(self.container, GENERATOR)
            return
        with self.nodes.asking(self.node):
            start(self.container)
            self.container.reload()
        self.nodes.watch(self.container, self.node, GENERATOR)

    def left(self, lost: str) -> Left:
        """Return what it left; `lost` is what its master saw of its end."""
        if self.nodes is None:
            return self._fetched(lost)
        if self.node not in self.nodes.lost:
            try:
                return self._fetched(lost)
            except ENGINE_LOST:
                self.nodes.lose(self.node)
        return Left(NODE_LOST)

    def _fetched(self, lost: str) -> Left:
        files = self._files()
        return Left(
            lost and self._end(lost),
            self._lines(),
            files.get("requests.csv", b""),
            _names_grouped(files.get("report.json", b"{}")),
            self._printed(),
        )

    def _end(self, lost: str) -> str:
        """Say how it was lost: by its end, if it ended, else as its master saw it."""
        self.container.reload()
        state = self.container.attrs["State"]
        if state["Running"]:
            return lost
        out_of_memory = ", out of memory" if state.get("OOMKilled") else ""
        return f"its container ended with exit code {state['ExitCode']}{out_of_memory}"

    def _lines(self) -> list[Line]:
        said = self.container.logs(stdout=True, stderr=False).decode(errors="replace")
        return [line for text in said.splitlines() if (line := parsed(text)) is not None]

    def _files(self) -> dict[str, bytes]:
        with contextlib.suppress(APIError):  # it had not begun
            return containers.results_of(self.container)
        return {}

    def _printed(self) -> bytes:
        said = self.container.logs(stdout=False, stderr=True)[-PRINTED_BYTES:]
        return f"{self.name} printed:\n".encode() + said if said else b""


def _names_grouped(report: bytes) -> bool:
    with contextlib.suppress(ValueError):  # it was killed as it wrote
        return bool(json.loads(report).get("names_grouped"))
    return False
