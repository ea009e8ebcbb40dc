"""One trial's replicas as a service of a Swarm: made, awaited task by task, and removed."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.types import (
    ContainerSpec,
    EndpointSpec,
    Healthcheck,
    NetworkAttachmentConfig,
    Placement,
    Resources,
    RestartPolicy,
    ServiceMode,
    TaskTemplate,
)

from loadtests.bench.containers import (
    NETWORK,
    STORE_LABEL,
    Names,
    is_frugal,
    nano_cpus,
    remove_leftovers,
)
from loadtests.bench.engine import ENGINE_LOST, PROJECT_LABEL
from loadtests.bench.needs import Needs
from loadtests.bench.swarm import Node, Swarm
from loadtests.errors import EngineError
from loadtests.question import EndpointMode, Setting
from loadtests.units import MIB

Service = Any  # that of docker.models.services, which has no types
POLL_S = 0.1
START_LIMIT_S = 120.0
REMOVE_LIMIT_S = 30.0
# Of a task (docker docs, "Swarm task states"): those it does not come out of without ending.
RUNNING = "running"
ENDED = ("complete", "shutdown", "failed", "rejected", "orphaned", "remove")
# How a node says that a container was made and would not start, in the words of its engine.
NOT_STARTED = "starting container failed: "
IPVS = "/proc/net/ip_vs"  # there once the kernel has the module


@dataclass(frozen=True)
class Task:
    """One replica as the Swarm tells of it."""

    node_id: str
    state: str
    said: str  # why it is not running
    container_id: str  # "" before there is one
    address: str  # on the network that all parts share; "" before it has one

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Task":
        """Read what the API says of a task."""
        status = told["Status"]
        return cls(
            str(told.get("NodeID", "")),
            str(status["State"]),
            str(status.get("Err", "")),
            str(status.get("ContainerStatus", {}).get("ContainerID", "")),
            _address(told.get("NetworksAttachments") or ()),
        )

    @property
    def was_started(self) -> bool:
        """Whether its container ran, or was to run."""
        return bool(self.container_id) and self.state in (RUNNING, "complete", "failed")


def _address(attachments: Sequence[Mapping[str, Any]]) -> str:
    for attached in attachments:
        if attached["Network"]["Spec"]["Name"] == NETWORK:
            return str(attached["Addresses"][0]).partition("/")[0]
    return ""


def create_service(
    swarm: Swarm,
    names: Names,
    setting: Setting,
    image_id: str,
    nofile: int,
    needs: Needs,
    alias: str,
) -> Service:
    """Have a Swarm run replicas with their limits, none of which is started again or replaced.

    They are not ended by their image's health check either: what a trial waits for is an answer.
    Raises EngineError when the Swarm refuses.
    """
    client: Any = swarm.client
    frugal = is_frugal(client, image_id)
    container = ContainerSpec(
        image_id,
        args=[*needs.command] or None,
        env=dict(needs.environment),
        user=needs.user or None,
        labels=names.labels,
        read_only=frugal,
        cap_drop=["ALL"] if frugal else None,
        healthcheck=Healthcheck(test=["NONE"]),
        stop_grace_period=0,
    )
    # The SDK has no names for these; an engine before API 1.44 knows only the first.
    container["Ulimits"] = [{"Name": "nofile", "Soft": nofile, "Hard": nofile}]
    container["Privileges"] = {"NoNewPrivileges": True}
    template = TaskTemplate(
        container,
        resources=Resources(cpu_limit=nano_cpus(setting.cpus), mem_limit=setting.memory_mib * MIB),
        restart_policy=RestartPolicy(condition="none"),
        placement=Placement(constraints=swarm.constraints),
        networks=[NetworkAttachmentConfig(NETWORK, aliases=[alias])],
    )
    try:
        made = client.api.create_service(
            template,
            name=names.service,
            labels=names.labels,
            mode=ServiceMode("replicated", replicas=setting.replicas),
            endpoint_spec=EndpointSpec(mode=swarm.mode.value),
        )
        return client.services.get(made["ID"])
    except APIError as error:
        raise EngineError(
            f"the Swarm refused the service {names.service}: {error.explanation or error}"
        ) from error


def require_endpoint_mode(swarm: Swarm, image_id: str, nodes: Sequence[str] = ()) -> None:
    """Raise EngineError for a virtual address where the load comes from a kernel without IPVS.

    It is the kernel of whoever connects that spreads the connections: that of the nodes the load
    comes from, the manager's where none are named. `image_id` is of an image with a shell's tools.
    """
    if swarm.mode is not EndpointMode.VIP:
        return
    for client in {swarm.engine(node) for node in nodes} or {swarm.client}:
        look = client.containers.create(
            image_id, entrypoint=["test", "-e", IPVS], labels={PROJECT_LABEL: "look"}
        )
        try:
            look.start()
            missing = look.wait()["StatusCode"] != 0
        finally:
            look.remove(force=True)
        if missing:
            raise EngineError(
                f"the kernel that the load comes from has no IPVS ({IPVS}), by which a Swarm "
                "spreads connections to a virtual address: load it (`modprobe ip_vs`), or have "
                "users find replicas by their name (ENDPOINT_MODE=dnsrr)"
            )


def await_tasks(service: Service, replicas: int) -> list[Task]:
    """Return the tasks of a service, in the order of its replicas, once all were started.

    Raises EngineError where one was not, or not soon enough.
    """
    until = time.monotonic() + START_LIMIT_S
    while True:
        told = sorted(service.tasks(), key=lambda task: int(task.get("Slot", 0)))
        tasks = [Task.of(task) for task in told]
        if len(tasks) == replicas and all(task.was_started for task in tasks):
            return tasks
        refused = next((t for t in tasks if t.state in ENDED and not t.was_started), None)
        if refused is not None:
            raise EngineError(f"the Swarm started no replica: {refused.said or refused.state}")
        if time.monotonic() > until:
            states = sorted({f"{task.state} {task.said}".strip() for task in tasks})
            raise EngineError(
                f"the Swarm had not started {replicas} replicas within {START_LIMIT_S:g} s: "
                f"{'; '.join(states) or 'it made no task'}; see `docker service ps {service.name}`"
            )
        time.sleep(POLL_S)


def remove_services(client: DockerClient, labels: Mapping[str, str]) -> list[str]:
    """Remove the services that have all the labels; return their names."""
    gone = []
    wanted = [f"{name}={value}" for name, value in labels.items()]
    with contextlib.suppress(APIError, *ENGINE_LOST):
        services: list[Service] = client.services.list(filters={"label": wanted})
        for service in services:
            with contextlib.suppress(NotFound):
                service.remove()
            gone.append(str(service.name))
    return gone


def remove_from(nodes: Sequence[Node], store_id: str) -> list[str]:
    """Remove what a store's services left on nodes; return the names of containers removed.

    A Swarm removes the containers of a service in its own time, and this waits until it has.
    """
    gone: list[str] = []
    until = time.monotonic() + REMOVE_LIMIT_S
    wanted = [f"{name}={value}" for name, value in labels_of(store_id).items()]
    for node in nodes:
        with contextlib.suppress(APIError, *ENGINE_LOST):
            while time.monotonic() < until and node.client.containers.list(
                all=True, filters={"label": wanted}, ignore_removed=True
            ):
                gone += remove_leftovers(node.client, store_id)
                time.sleep(POLL_S)
    return gone


def labels_of(store_id: str) -> dict[str, str]:
    """Return the labels of everything that a store's trials made."""
    return {PROJECT_LABEL: "trial", STORE_LABEL: store_id}
