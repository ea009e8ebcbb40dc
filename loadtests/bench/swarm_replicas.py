"""A trial's replicas as a service of a Swarm, each told of by the engine of its own node.

A node that goes away is the machine's doing, or the network's: the load ends early, what its
replicas did until then is kept, and no word about the service follows from it.
"""

from collections.abc import Sequence
from dataclasses import replace

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.containers import Names
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.granted import Limits, refuse_other_limits
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.replica_report import report_replica, seen_of
from loadtests.bench.replicas import Asked
from loadtests.bench.sampler import REPLICA, Sampler
from loadtests.bench.start import why_not_started
from loadtests.bench.swarm import Node
from loadtests.bench.swarm_service import (
    NOT_STARTED,
    Task,
    await_tasks,
    create_service,
    remove_from,
    remove_services,
)
from loadtests.bench.trial_nodes import TrialNodes
from loadtests.record import NodeReport, ReplicaReport
from loadtests.units import MIB

NEVER = "0001-01-01"  # when a container was started that was not


class SwarmReplicas:
    """The service of one trial, on the nodes that the Swarm chose."""

    def __init__(
        self,
        bench: Bench,
        nodes: TrialNodes,
        plan: LoadPlan,
        names: Names,
        sampler: Sampler,
    ) -> None:
        """Nothing is made yet."""
        self._bench, self._plan, self._names = bench, plan, names
        self._nodes, self._swarm, self._sampler = nodes, nodes.swarm, sampler
        self._node_of: dict[str, Node] = {}  # by name of the container

    def create(self, volumes: Sequence[str], created: list[Container]) -> None:  # noqa: ARG002  (a protocol's)
        """Watch the nodes from now on; a Swarm makes containers where it starts them."""
        self._nodes.begin()

    def start(self) -> list[Asked]:
        """Have the Swarm start them, and ask each node's engine for those that run there."""
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

    def _watched(self, task: Task) -> Asked:
        node = self._swarm.node(task.node_id)
        with self._nodes.asking(node.name):
            container = node.client.containers.get(task.container_id)
        if task.said and str(container.attrs["State"]["StartedAt"]).startswith(NEVER):
            hidden = self._bench.needs.hidden
            said = hidden(task.said.removeprefix(NOT_STARTED))
            raise why_not_started(container, said, hidden)
        self._without_swap(container)
        self._nodes.watch(container, node.name, REPLICA)
        self._node_of[str(container.name)] = node
        if container.attrs["State"]["Running"]:
            refuse_other_limits(node.client, container, Limits.asked(self._plan.setting, None))
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
        """Names of what ran on nodes that went away."""
        return self._nodes.lost_containers

    def refuse_lost(self) -> None:
        """Raise EngineError where a node went away before there was a load."""
        self._nodes.refuse_lost()

    def reports(self, asked: Sequence[Asked]) -> tuple[ReplicaReport, ...]:
        """Ask the engine of each replica's node; of a lost node's, tell what was seen."""
        self._nodes.look()
        return tuple(self._report(container, address) for container, address in asked)

    def _report(self, container: Container, address: str) -> ReplicaReport:
        name = str(container.name)
        node = self._node_of[name]
        report = None
        if node.name not in self._nodes.lost:
            try:
                report = report_replica(node.client, container, address, self._sampler)
            except ENGINE_LOST:
                self._nodes.lose(node.name)
        return replace(report or seen_of(name, address, self._sampler), node=node.name)

    def nodes(self, began_wall_s: float) -> tuple[NodeReport, ...]:
        """Say what each node is, and when it went away if it did."""
        return self._nodes.reports(began_wall_s)

    def remove(self) -> None:
        """Remove the service, and wait until its containers are gone from the nodes there are.

        With them goes what else the trial has on nodes. One that went away removes its replicas
        when it comes back; a worker of the load that it had is a leftover, as of a killed run.
        """
        self._nodes.close()
        remove_services(self._swarm.client, self._names.labels)
        remove_from(self._nodes.left, self._names.store_id)
