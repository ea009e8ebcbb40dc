"""The replicas of a trial, whoever runs them: made, started, told of, removed."""

from collections.abc import Sequence
from typing import Protocol

from docker.models.containers import Container

from loadtests.bench.containers import NETWORK, Names, create_replica
from loadtests.bench.granted import Limits, refuse_other_limits
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.replica_report import report_replica
from loadtests.bench.sampler import REPLICA, Sampler
from loadtests.bench.start import start
from loadtests.record import NodeReport, ReplicaReport

# A replica's container, and its address while it runs: the engine forgets it when it ends.
Asked = tuple[Container, str]


class Replicas(Protocol):
    """What a trial needs of whoever runs its replicas."""

    def create(self, volumes: Sequence[str], created: list[Container]) -> None:
        """Make what can be made before anything starts; each container is appended at once."""

    def start(self) -> list[Asked]:
        """Start all replicas, have them watched, and return them in their order."""

    @property
    def lost(self) -> frozenset[str]:
        """Names of those whose machine went away."""

    def refuse_lost(self) -> None:
        """Raise EngineError where a machine of theirs has gone away: what failed is its doing."""

    def reports(self, asked: Sequence[Asked]) -> tuple[ReplicaReport, ...]:
        """Say what became of each, before they are removed."""

    def nodes(self, began_wall_s: float) -> tuple[NodeReport, ...]:
        """Say on which nodes they ran, where there are nodes; times are since that Unix time."""

    def remove(self) -> None:
        """Remove what is not among the containers made, and end the watching of it."""


class EngineReplicas:
    """Containers of one engine, which fails the whole trial when it goes away."""

    def __init__(self, bench: Bench, plan: LoadPlan, names: Names, sampler: Sampler) -> None:
        """Nothing is made yet."""
        self._bench, self._plan, self._names, self._sampler = bench, plan, names, sampler
        self._made: list[Container] = []
        self._limits: list[Limits] = []

    def create(self, volumes: Sequence[str], created: list[Container]) -> None:
        """Make the containers, each with its limits."""
        bench, setting = self._bench, self._plan.setting
        cpusets: Sequence[str | None] = bench.cpusets(setting) or [None] * setting.replicas
        self._limits = [Limits.asked(setting, cpuset) for cpuset in cpusets]
        for number, cpuset in enumerate(cpusets, 1):
            created.append(
                create_replica(
                    bench.client,
                    self._names,
                    number,
                    setting,
                    bench.image_id,
                    bench.replica_descriptors(self._plan.users),
                    cpuset,
                    bench.needs,
                    volumes,
                    bench.replica_alias(self._names),
                )
            )
            self._made.append(created[-1])

    def start(self) -> list[Asked]:
        """Start one after the other."""
        asked = []
        for container, limits in zip(self._made, self._limits, strict=True):
            start(container, self._bench.needs.hidden)
            container.reload()
            self._sampler.watch(container, REPLICA)
            refuse_other_limits(self._bench.client, container, limits)
            asked.append((container, address_of(container)))
        return asked

    @property
    def lost(self) -> frozenset[str]:
        """None: without its engine there is no trial."""
        return frozenset()

    def refuse_lost(self) -> None:
        """Do nothing, for the same reason."""

    def reports(self, asked: Sequence[Asked]) -> tuple[ReplicaReport, ...]:
        """Ask the engine and the kernel."""
        return tuple(
            report_replica(self._bench.client, container, address, self._sampler)
            for container, address in asked
        )

    def nodes(self, began_wall_s: float) -> tuple[NodeReport, ...]:  # noqa: ARG002  (a protocol's)
        """Return none: the trial's host is the only machine."""
        return ()

    def remove(self) -> None:
        """Do nothing: all there is are the containers made."""


def address_of(container: Container) -> str:
    """Return a running container's address on the network that all parts share."""
    return str(container.attrs["NetworkSettings"]["Networks"][NETWORK]["IPAddress"])
