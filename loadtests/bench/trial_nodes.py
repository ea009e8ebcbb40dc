"""The nodes of a Swarm in one trial: their clocks, what runs on them, and which went away."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.clocks import compare, compared
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.node_watch import NodeWatch
from loadtests.bench.sampler import Sampler
from loadtests.bench.swarm import Node, Swarm
from loadtests.errors import EngineError, HostError
from loadtests.record import NodeReport

# A node beats every 5 s unless its Swarm is told otherwise, and is missed after three beats.
MISSED_S = 20.0
POLL_S = 0.1


class TrialNodes:
    """The nodes, whoever has something on them: replicas, or the load."""

    def __init__(
        self,
        swarm: Swarm,
        labels: Mapping[str, str],
        sampler: Sampler,
        on_loss: Callable[[], None],
        what: str,
    ) -> None:
        """Ask nothing yet; on_loss is called for each node that goes away, `what` is measured."""
        self.swarm = swarm
        self._sampler, self._what = sampler, what
        self._watch = NodeWatch(swarm, labels, sampler, on_loss)
        self._node_of: dict[str, str] = {}  # by name of the container
        self._elsewhere: set[str] = set()  # nodes whose containers are no process of this machine
        self._ahead_s: dict[str, float] = {}  # nodes' clocks, of the trial's engine's
        self._load_ahead_s = 0.0  # that one, of this machine's

    def begin(self) -> None:
        """Lay the clocks of all nodes beside the trial's engine's, and watch them from now on.

        Raises HostError for a clock that is wrong, EngineError for a node that is away.
        """
        self._watch.ask()  # at once, as an engine that has no power is waited for
        self.refuse_lost()
        self._load_ahead_s = compare(self.swarm.client).seconds
        for node in self.swarm.others:
            try:
                self._ahead_s[node.name] = compared(node.client).seconds - self._load_ahead_s
            except HostError as error:
                raise HostError(f"{node.name}: {error}") from error
            except ENGINE_LOST:
                self._watch.lose(node.name)
        self._watch.begin(self._ahead_s)
        self.refuse_lost()

    @contextlib.contextmanager
    def asking(self, node: str) -> Iterator[None]:
        """Ask a node's engine something; raises EngineError where it has gone away."""
        try:
            yield
        except ENGINE_LOST:
            if node in self._others:
                self._watch.lose(node)
                self.refuse_lost()
            raise

    def place(self, container: Container, node: str) -> None:
        """Note on which node a container was made."""
        self._node_of[str(container.name)] = node

    def watch(self, container: Container, node: str, role: str) -> None:
        """Have a container that was started on a node sampled, by the clock of the load."""
        self.place(container, node)
        self._sampler.watch(container, role, self._ahead_s.get(node, 0.0))
        pid = int(container.attrs["State"]["Pid"])  # 0 once it has ended
        if pid and not cgroup.runs_here(str(container.id), pid):
            self._elsewhere.add(node)

    @property
    def lost(self) -> frozenset[str]:
        """Names of the nodes that went away."""
        return frozenset([*self._watch.lost])

    @property
    def lost_containers(self) -> frozenset[str]:
        """Names of what ran on them."""
        lost = self.lost
        return frozenset(name for name, node in self._node_of.items() if node in lost)

    @property
    def left(self) -> Sequence[Node]:
        """The nodes that did not."""
        return [node for node in self.swarm.nodes if node.name not in self.lost]

    def look(self, suspects: Collection[str] = ()) -> None:
        """Ask the Swarm which nodes are away, and wait a little for its word on those suspected.

        The engine of a node that lost its power takes half a minute not to answer.
        """
        self._watch.ask()
        until_s = time.monotonic() + MISSED_S
        while not self.lost >= self._others & {*suspects} and time.monotonic() < until_s:
            time.sleep(POLL_S)

    def lose(self, node: str) -> None:
        """Note that a node does not answer any more."""
        self._watch.lose(node)

    def refuse_lost(self) -> None:
        """Raise EngineError where a node went away before there was a load."""
        for name in self.lost:
            raise EngineError(
                f"the node {name} of the Swarm went away as {self._what} was started; see to it "
                "(`docker node ls`), or leave it out of NODES, then repeat the same run: finished "
                "trials are kept"
            )

    def reports(self, began_wall_s: float) -> tuple[NodeReport, ...]:
        """Say what each node is, and when it went away if it did; the load began at a Unix time."""
        lost = self._watch.lost
        return tuple(
            NodeReport(
                name=node.name,
                engine=node.engine,
                host=node.host,
                is_here=not node.engine or (node.is_here and node.name not in self._elsewhere),
                lost_s=self._since(lost.get(node.name), began_wall_s),
                clock_ahead_s=round(self._ahead_s.get(node.name, 0.0), 4),
            )
            for node in self.swarm.nodes
        )

    def _since(self, lost_s: float | None, began_wall_s: float) -> float | None:
        """Return when a node went away; when the load began is told by another clock."""
        return None if lost_s is None else round(lost_s + self._load_ahead_s - began_wall_s, 3)

    @property
    def _others(self) -> frozenset[str]:
        return frozenset(node.name for node in self.swarm.others)

    def close(self) -> None:
        """Stop watching; call it before the sampler is closed."""
        self._watch.close()
