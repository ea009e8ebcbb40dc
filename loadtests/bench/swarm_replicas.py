"""A trial's replicas as a service of a Swarm, each told of by the engine of its own node.

A node that goes away is the machine's doing, or the network's: the load ends early, what its
replicas did until then is kept, and no word about the service follows from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.clocks import compare, compared
from loadtests.bench.containers import Names
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.granted import Limits, refuse_other_limits
from loadtests.bench.node_watch import NodeWatch
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.replica_report import report_replica, seen_of
from loadtests.bench.replicas import Asked
from loadtests.bench.sampler import REPLICA, Sampler
from loadtests.bench.start import why_not_started
from loadtests.bench.swarm import Node, Swarm
from loadtests.bench.swarm_service import (
    NOT_STARTED,
    Task,
    await_tasks,
    create_service,
    remove_from,
    remove_services,
)
from loadtests.errors import EngineError, HostError
from loadtests.record import NodeReport, ReplicaReport
from loadtests.units import MIB

NEVER = "0001-01-01"  # when a container was started that was not


class SwarmReplicas:
    """The service of one trial, on the nodes that the Swarm chose."""

    def __init__(
        self,
        bench: Bench,
        swarm: Swarm,
        plan: LoadPlan,
        names: Names,
        sampler: Sampler,
        on_loss: Callable[[], None],
    ) -> None:
        """Nothing is made yet; on_loss is called for each node that goes away."""
        self._bench, self._swarm, self._plan, self._names = bench, swarm, plan, names
        self._sampler = sampler
        self._watch = NodeWatch(swarm, names.labels, sampler, on_loss)
        self._node_of: dict[str, Node] = {}  # by name of the container
        self._elsewhere: set[str] = set()  # nodes whose replicas are no process of this machine
        self._ahead_s: dict[str, float] = {}  # nodes' clocks, of the load generator's
        self._load_ahead_s = 0.0  # that one, of this machine's

    def create(self, volumes: Sequence[str], created: list[Container]) -> None:
        """Make nothing: a Swarm makes containers where it starts them."""

    def start(self) -> list[Asked]:
        """Have the Swarm start them, and ask each node's engine for those that run there."""
        self._lay_clocks()
        self._watch.begin(self._ahead_s)
        self.refuse_lost()
        bench, setting = self._bench, self._plan.setting
        service = create_service(
            self._swarm,
            self._names,
            setting,
            bench.image_id,
            bench.replica_descriptors(self._plan.users),
            bench.needs,
            bench.replica_alias(self._names),
        )
        return [self._watched(task) for task in await_tasks(service, setting.replicas)]

    def _lay_clocks(self) -> None:
        """Lay the clocks of all nodes beside the load generator's; refuse one that is wrong."""
        self._load_ahead_s = compare(self._swarm.client).seconds
        for node in self._swarm.others:
            try:
                self._ahead_s[node.name] = compared(node.client).seconds - self._load_ahead_s
            except HostError as error:
                raise HostError(f"{node.name}: {error}") from error
            except ENGINE_LOST:
                self._watch.lose(node.name)

    def _watched(self, task: Task) -> Asked:
        node = self._swarm.node(task.node_id)
        try:
            container = node.client.containers.get(task.container_id)
        except ENGINE_LOST:
            self._watch.lose(node.name)
            self.refuse_lost()
            raise
        if task.said and str(container.attrs["State"]["StartedAt"]).startswith(NEVER):
            hidden = self._bench.needs.hidden
            said = hidden(task.said.removeprefix(NOT_STARTED))
            raise why_not_started(container, said, hidden)
        self._without_swap(container)
        self._sampler.watch(container, REPLICA, self._ahead_s.get(node.name, 0.0))
        if container.attrs["State"]["Running"]:
            refuse_other_limits(node.client, container, Limits.asked(self._plan.setting, None))
        self._node_of[str(container.name)] = node
        pid = int(container.attrs["State"]["Pid"])  # 0 once it has ended
        if pid and not cgroup.runs_here(str(container.id), pid):
            self._elsewhere.add(node.name)
        return container, task.address

    def _without_swap(self, container: Container) -> None:
        """Let a replica have no swap, as in every trial.

        Engines before API 1.52 have no word for that in a service, and grant as much swap as memory
        (moby, pull request 51114).
        """
        if not container.attrs["State"]["Running"]:
            return
        memory = self._plan.setting.memory_mib * MIB
        try:
            container.update(mem_limit=memory, memswap_limit=memory)
        except APIError:
            container.reload()
            if container.attrs["State"]["Running"]:  # it has not just ended
                raise
        container.reload()

    @property
    def lost(self) -> frozenset[str]:
        """Names of the replicas whose node went away."""
        gone = {*self._watch.lost}
        return frozenset(name for name, node in self._node_of.items() if node.name in gone)

    def refuse_lost(self) -> None:
        """Raise EngineError where a node went away before there was a load."""
        for name in [*self._watch.lost]:
            raise EngineError(
                f"the node {name} of the Swarm went away as {self._plan.setting.label} was "
                "started; see to it (`docker node ls`), or leave it out of NODES, then repeat the "
                "same run: finished trials are kept"
            )

    def reports(self, asked: Sequence[Asked]) -> tuple[ReplicaReport, ...]:
        """Ask the engine of each replica's node; of a lost node's, tell what was seen."""
        # Asked first of all, so that what its engine no longer tells is not waited for twice.
        for name in self._swarm.missing():
            self._watch.lose(name)
        return tuple(self._report(container, address) for container, address in asked)

    def _report(self, container: Container, address: str) -> ReplicaReport:
        name = str(container.name)
        node = self._node_of[name]
        report = None
        if node.name not in self._watch.lost:
            try:
                report = report_replica(node.client, container, address, self._sampler)
            except ENGINE_LOST:
                self._watch.lose(node.name)
        return replace(report or seen_of(name, address, self._sampler), node=node.name)

    def nodes(self, began_wall_s: float) -> tuple[NodeReport, ...]:
        """Say what each node is, and when it went away if it did."""
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
            for node in self._swarm.nodes
        )

    def _since(self, lost_s: float | None, began_wall_s: float) -> float | None:
        """Return when a node went away; when the load began is told by another clock."""
        return None if lost_s is None else round(lost_s + self._load_ahead_s - began_wall_s, 3)

    def remove(self) -> None:
        """Remove the service, and wait until its containers are gone from the nodes there are.

        A node that went away removes its own when it comes back.
        """
        self._watch.close()
        remove_services(self._swarm.client, self._names.labels)
        left = [node for node in self._swarm.nodes if node.name not in self._watch.lost]
        remove_from(left, self._names.store_id)
