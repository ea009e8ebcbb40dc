"""Watch the nodes of a Swarm during a trial: what their engines tell, and which of them go away.

A node is lost when its engine ends its stream of events, or when the Swarm misses it. What becomes
of its replicas then is the machine's doing, or the network's, and no word about the service.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docker.errors import APIError

from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.sampler import Sampler
from loadtests.bench.swarm import Node, Swarm
from loadtests.bench.wire import hang_up

POLL_S = 1.0


class NodeWatch:
    """The nodes that went away since this began."""

    def __init__(
        self,
        swarm: Swarm,
        labels: Mapping[str, str],
        sampler: Sampler,
        on_loss: Callable[[], None],
    ) -> None:
        """Watch nothing yet; the trial's containers are those that have all the labels.

        on_loss is called, in a thread of the sampler's, for each node that is lost.
        """
        self.lost: dict[str, float] = {}  # by name of the node, Unix time
        self._sampler, self._on_loss = sampler, on_loss
        self._swarm, self._over = swarm, False
        self._labels = [f"{name}={value}" for name, value in labels.items()]
        self._streams: list[tuple[Node, Any]] = []

    def begin(self, ahead_s: Mapping[str, float]) -> None:
        """Follow the engines of the nodes, and ask their Swarm.

        By node, what its clock is ahead of that which the load is told by.
        """
        wanted = {"label": self._labels, "type": "container"}
        for node in self._swarm.others:
            try:
                stream: Any = node.client.events(decode=True, filters=wanted)
            except ENGINE_LOST:
                self.lose(node.name)
            else:
                self._streams.append((node, stream))
                self._sampler.spawn(self._follow, node.name, stream, ahead_s.get(node.name, 0.0))
        self.ask()
        self._sampler.spawn(self._ask_on)

    def _follow(self, node: str, stream: Iterator[dict[str, Any]], ahead_s: float) -> None:
        with contextlib.suppress(*ENGINE_LOST):
            for raw in stream:
                self._sampler.note_event(raw, ahead_s)
        self.lose(node)

    def ask(self) -> None:
        """Ask the Swarm which nodes it misses."""
        for node in self._swarm.missing():
            self.lose(node)

    def _ask_on(self) -> None:
        """Ask again and again; where the Swarm cannot say, its own engine is what is lost."""
        with contextlib.suppress(APIError, *ENGINE_LOST):
            while not self._over:
                self.ask()
                time.sleep(POLL_S)

    def lose(self, node: str) -> None:
        """Note that a node does not answer any more."""
        if not self._over and node not in self.lost:
            self.lost[node] = time.time()
            self._on_loss()

    def close(self) -> None:
        """Stop watching; call it before the sampler is closed."""
        self._over = True
        for node, stream in self._streams:
            with contextlib.suppress(OSError):  # the engine has closed it already
                hang_up(node.client, stream)
