"""The Swarm that replicas are a service of: its nodes, their engines, and what they must have.

Docker schedules, spreads and connects. Here it is only asked which nodes there are, and each node's
own engine for what it alone knows: statistics, kills for memory, exit codes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker import DockerClient
from docker.errors import APIError, ImageNotFound

from loadtests.bench.engine import connect_to, is_local
from loadtests.bench.host import describe_host, is_this_machine
from loadtests.errors import EngineError, HostError, ImageError, QuestionError
from loadtests.question import EndpointMode
from loadtests.record import HostReport

Say = Callable[[str], None]

READY = "ready"
ACTIVE = "active"
# Of memory: kernels of one kind of machine keep more or less of it for themselves.
ALIKE = 0.1


@dataclass(frozen=True)
class Node:
    """A node on which replicas may run, and its engine."""

    name: str
    id: str
    engine: str  # how it is reached; "" is the engine that trials are asked of
    client: DockerClient
    host: HostReport
    is_here: bool  # the machine of the load generator


@dataclass(frozen=True)
class Swarm:
    """The nodes of a Swarm whose engines can be asked; no replica is put on another."""

    client: DockerClient  # of a manager; the load generator is its container
    mode: EndpointMode
    nodes: tuple[Node, ...]
    avoided: tuple[str, ...] = ()  # ids of the others

    @classmethod
    def of(
        cls, client: DockerClient, mode: EndpointMode, engines: Mapping[str, str], say: Say
    ) -> "Swarm":
        """Look at the Swarm of an engine; `engines` are those of other nodes, by their names.

        Raises EngineError where it is no manager of one, or a node that is named cannot take
        replicas; QuestionError for a node that there is not; HostError for machines unlike.
        """
        told = _manager(client)
        there = {_name(node): node for node in told}
        unknown = [name for name in engines if name not in there]
        if unknown:
            raise QuestionError(
                f"nodes has {unknown[0]!r}; the Swarm has {', '.join(sorted(there))}"
            )
        own = client.info()["Swarm"]["NodeID"]
        nodes, avoided = [], []
        for name, node in sorted(there.items()):
            state = _why_not(node)
            if name in engines and state:
                raise EngineError(
                    f"the node {name} is {state}, so no replica would run on it: see to it "
                    "(`docker node ls`), or leave it out of NODES"
                )
            if not state and node["ID"] == own:
                nodes.append(Node(name, own, "", client, describe_host(client), True))
            elif not state and name in engines:
                nodes.append(_node(name, node["ID"], engines[name], client))
            else:
                avoided.append(node["ID"])
                if not state:
                    say(
                        f"No replica runs on {name}: its engine is not named in NODES, and without "
                        "it kills for memory and CPU use would not be seen"
                    )
        if not nodes:
            raise EngineError("no node of the Swarm can take replicas: name their engines in NODES")
        _require_alike(describe_host(client), nodes)
        return cls(client, mode, tuple(nodes), tuple(avoided))

    @property
    def others(self) -> tuple[Node, ...]:
        """The nodes that another engine than the trials' is asked of."""
        return tuple(node for node in self.nodes if node.engine)

    @property
    def machines(self) -> int:
        """How many machines replicas are spread over; nodes of one machine count once."""
        here = any(node.is_here for node in self.nodes)
        return sum(not node.is_here for node in self.nodes) + here

    @property
    def constraints(self) -> list[str]:
        """What keeps replicas off the nodes that cannot be asked, as a Swarm takes it."""
        return [f"node.id!={node}" for node in self.avoided]

    @property
    def kind(self) -> str:
        """What the nodes are, for the keys of trials."""
        hosts = sorted((n.host.cpus, n.host.cpu_model, n.host.memory_mib) for n in self.nodes)
        return f"{hosts}"

    def node(self, node_id: str) -> Node:
        """Return the node of an id; raises EngineError for one that joined meanwhile."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise EngineError(
            f"a replica was put on the node {node_id}, which joined the Swarm since this run "
            "began: repeat the same run, and name its engine in NODES"
        )

    def engine(self, name: str) -> DockerClient:
        """Return the client of a node's engine, which is the manager's but for the others."""
        return next((node.client for node in self.others if node.name == name), self.client)

    def missing(self) -> list[str]:
        """Ask the Swarm which of the nodes it does not hear of any more."""
        ready = {node.id for node in self.client.nodes.list() if _state(node.attrs) == READY}
        return [node.name for node in self.nodes if node.id not in ready]

    def give_image(self, image_id: str, say: Say, to: Collection[str] | None = None) -> None:
        """Copy an image to the nodes that do not have it; raises ImageError where one refuses it.

        To all of them, or to those that are named. So no registry is needed, and all nodes run the
        very same.
        """
        image = self.client.images.get(image_id)
        for node in self.others:
            if (to is not None and node.name not in to) or _has(node.client, image_id):
                continue
            say(f"Copying {(image.tags or [image_id])[0]} to {node.name}")
            try:
                chunks: Any = image.save(named=bool(image.tags))  # sent on as they come
                node.client.images.load(chunks)
            except APIError as error:
                raise ImageError(
                    f"{node.name} does not take the image ({error.explanation or error}); pull it "
                    "there, or load it (`docker save | docker load`)"
                ) from error
            if not _has(node.client, image_id):
                raise ImageError(
                    f"{node.name} has the image under another id than {image_id[:19]}, as engines "
                    "do whose stores differ (`docker info`, Storage Driver): give all the same"
                )


def _manager(client: DockerClient) -> list[dict[str, Any]]:
    if not client.info()["Swarm"].get("ControlAvailable"):
        raise EngineError(
            "the engine is no manager of a Swarm: make it one (`docker swarm init`), name one by "
            "DOCKER_HOST or a context, or measure on one engine (ORCHESTRATOR=engine)"
        )
    nodes: list[dict[str, Any]] = [node.attrs for node in client.nodes.list()]
    names = [node["Description"]["Hostname"] for node in nodes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EngineError(f"the Swarm has two nodes called {twice[0]}; give each a name of its own")
    return nodes


def _name(node: Mapping[str, Any]) -> str:
    return str(node["Description"]["Hostname"])


def _state(node: Mapping[str, Any]) -> str:
    return str(node["Status"]["State"])


def _why_not(node: Mapping[str, Any]) -> str:
    """Return why a node takes no replicas, "" where it does."""
    if _state(node) != READY:
        return _state(node)
    availability = str(node["Spec"]["Availability"])
    return "" if availability == ACTIVE else f"on {availability}"


def _node(name: str, node_id: str, engine: str, manager: DockerClient) -> Node:
    client = connect_to(engine)
    info = client.info()
    if info["Swarm"].get("NodeID") != node_id:
        raise EngineError(
            f"the engine at {engine} is {info['Name']}, and not the node {name}; name the right "
            "one in NODES"
        )
    here = is_local(manager) and is_local(client) and is_this_machine(info)
    return Node(name, node_id, engine, client, describe_host(client), here)


def _require_alike(host: HostReport, nodes: Sequence[Node]) -> None:
    """Refuse machines on which one setting would be several."""
    for node in nodes:
        memory = abs(node.host.memory_mib - host.memory_mib) > ALIKE * host.memory_mib
        if node.host.cpus != host.cpus or memory:
            raise HostError(
                f"{node.name} has {_size(node.host)}, and {host.name}, which the load comes from, "
                f"{_size(host)}; a setting means the same only on machines alike: leave it out of "
                "NODES"
            )


def _size(host: HostReport) -> str:
    return f"{host.cpus} CPUs and {host.memory_mib:,} MiB"


def _has(client: DockerClient, image_id: str) -> bool:
    try:
        client.images.get(image_id)
    except ImageNotFound:
        return False
    return True
