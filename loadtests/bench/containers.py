"""The containers of a trial: replicas under their limits, the generator, and their removal."""

import contextlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import EndpointConfig, LogConfig, Ulimit

from loadtests.bench.engine import ENGINE_LOST, PROJECT_LABEL
from loadtests.bench.needs import NOTHING, Needs
from loadtests.bench.users_script import UsersScript
from loadtests.errors import EngineError
from loadtests.question import Setting

NETWORK = "my_network"
STORE_LABEL = "aguanta.store"
TRIAL_LABEL = "aguanta.trial"
# Names the image that needs neither a writable file system nor a capability. Images built on top
# of it inherit the label but not the name, and may need both.
READ_ONLY_LABEL = "aguanta.read_only"

# Descriptors a process needs beside one a user: libraries, logs, the engine's own.
SPARE_DESCRIPTORS = 200
PROCESS_LIMIT = 512  # of the generator, which starts no process
CPU_PERIOD_US = 100_000  # the kernel's default (sched-bwc), and what `--cpus` takes
# Two files, since a reader who follows loses what is cut from a single one. A script may print
# more than any disk holds; the generator's own lines of an hour are 1 MB.
LOG_BOUND = {"max-size": "16m", "max-file": "2"}
GENERATOR_USER = 10001  # as in Dockerfile.locust
GENERATOR_HOME = "/tmp/aguanta"  # noqa: S108  (inside the container)


@dataclass(frozen=True)
class Names:
    """How a trial's containers are named and labelled."""

    store_id: str
    trial_key: str

    @property
    def labels(self) -> dict[str, str]:
        """Labels by which leftovers are found."""
        return {
            PROJECT_LABEL: "trial",
            STORE_LABEL: self.store_id,
            TRIAL_LABEL: self.trial_key,
        }

    @property
    def alias(self) -> str:
        """The name that users ask; the trial's own, so that no other `api` is asked.

        All replicas answer to it, or the proxy in front of them.
        """
        return f"api-{self._own}"

    @property
    def behind(self) -> str:
        """The name that all replicas answer to where a proxy is in front of them."""
        return f"behind-{self._own}"

    @property
    def master(self) -> str:
        """The name at which the load's workers find their master, where there are several."""
        return f"master-{self._own}"

    def container(self, part: str) -> str:
        """Name one container."""
        return f"aguanta-{self._own}-{part}"

    @property
    def service(self) -> str:
        """What the names of all replicas begin with, and the whole name of a Swarm's service."""
        return self.container("api")

    @property
    def project(self) -> str:
        """The name under which Compose starts companions; no container above has such a one."""
        return f"{self.container('beside')}"

    @property
    def _own(self) -> str:
        # Another run may be at the same trial, or have left it behind when it was killed.
        return f"{self.store_id[:6]}-{self.trial_key[:12]}"


def ensure_network(client: DockerClient, name: str = NETWORK, *, overlay: bool = False) -> None:
    """Create the network all parts share, unless it is there.

    An overlay network spans the nodes of a Swarm, and containers that are no service of it may join
    it. Raises EngineError where one of that name does not.
    """
    try:
        there = client.networks.get(name)
    except NotFound:
        kind = {"driver": "overlay", "attachable": True} if overlay else {"driver": "bridge"}
        client.networks.create(name, labels={PROJECT_LABEL: "network"}, **kind)
        return
    if overlay and not (there.attrs["Driver"] == "overlay" and there.attrs["Attachable"]):
        raise EngineError(
            f"{name} is a network of one engine ({there.attrs['Driver']}), which replicas on other "
            f"nodes would not be on: `docker network rm {name}`, then repeat; it is made anew as "
            "an attachable overlay"
        )


def descriptors(users: int) -> int:
    """Open files one process needs for that many connections."""
    return users + SPARE_DESCRIPTORS


def cpu_quota_us(cpus: float) -> int:
    """Return how long a replica may run in each CPU_PERIOD_US to use so many cores."""
    return round(cpus * CPU_PERIOD_US)


def nano_cpus(cpus: float) -> int:
    """Return a CPU limit in billionths of a core, as a Swarm takes it."""
    return round(cpus * 1e9)


def create_replica(
    client: DockerClient,
    names: Names,
    number: int,
    setting: Setting,
    image_id: str,
    nofile: int,
    cpuset: str | None = None,
    needs: Needs = NOTHING,
    volumes: Sequence[str] = (),
    alias: str = "",
) -> Container:
    """Create (not start) one replica with its limits; swap is off, restarts are off.

    It answers to the alias, to the name that users ask where none is given. With a cpuset ("1",
    "2,3") it is kept to those CPUs and has no CPU quota. It may open `nofile` files, and start as
    many processes as the engine lets any container: what is measured is the setting, not a limit of
    this project. Raises EngineError when the engine refuses, QuestionError where the image has no
    place for a file that it is given.
    """
    frugal = is_frugal(client, image_id)
    # The engine copies nothing into a file system that is read-only.
    read_only = frugal and not needs.files.given
    container = create(
        client,
        image=image_id,
        name=names.container(f"api-{number}"),
        labels=names.labels,
        aliases=[alias or names.alias],
        **_cpus(setting, cpuset),
        mem_limit=f"{setting.memory_mib}m",
        memswap_limit=f"{setting.memory_mib}m",
        **{"read_only": read_only, "cap_drop": ["ALL"] if frugal else [], **needs.options},
        volumes=[*volumes],
        ulimits=[Ulimit(name="nofile", soft=nofile, hard=nofile)],
        environment=dict(needs.environment),
        **({"command": [*needs.command]} if needs.command else {}),
        **({"user": needs.user} if needs.user else {}),
    )
    needs.files.give(container)
    return container


def is_frugal(client: DockerClient, image_id: str) -> bool:
    """Say whether an image needs neither a writable file system nor a capability."""
    image = client.images.get(image_id)
    return image.labels.get(READ_ONLY_LABEL) in image.tags


def _cpus(setting: Setting, cpuset: str | None) -> dict[str, Any]:
    if cpuset is not None:
        return {"cpuset_cpus": cpuset}
    # Not nano_cpus, which the kernel gets as this too, but which cannot be updated live.
    return {"cpu_period": CPU_PERIOD_US, "cpu_quota": cpu_quota_us(setting.cpus)}


def limit_cpus(replica: Container, cpus: float) -> None:
    """Give a running replica another CPU limit (cores).

    Raises EngineError where the engine changes none while a container runs.
    """
    try:
        _update_cpus(replica, cpus)
    except NotFound as error:
        replica.reload()  # raises NotFound where it is the container that is not there any more
        raise EngineError(
            "this engine changes no CPU limit of a running container, as podman 4 does not, and a "
            "search begins with a live staircase, which lowers one; name the settings to measure "
            "instead, as SETTINGS='[[0.5, 300], [0.25, 200]]'"
        ) from error


def _update_cpus(replica: Container, cpus: float) -> None:
    if not replica.attrs["HostConfig"]["NanoCpus"]:
        replica.update(cpu_period=CPU_PERIOD_US, cpu_quota=cpu_quota_us(cpus))
        return
    # As a Swarm limits them; the engine takes no quota then, and the SDK has no name for this.
    api: Any = replica.client.api  # type: ignore[union-attr]  # it came from one
    url = f"{api.base_url}/v{api.api_version}/containers/{replica.id}/update"
    answer = api.post(url, json={"NanoCpus": nano_cpus(cpus)}, timeout=api.timeout)
    api._raise_for_status(answer)


def create_generator(
    client: DockerClient,
    names: Names,
    image: str,
    job: dict[str, object],
    users: int,
    script: UsersScript,
    *,
    part: str = "locust",
    program: str = "loadtests.generator",
    aliases: Sequence[str] = (),
) -> Container:
    """Create (not start) a program of the generator with its job, its most users, their script.

    Others on the network find it by its aliases.
    """
    nofile = descriptors(users)
    paths = {"locustfile": _path_of(script), "results": f"{GENERATOR_HOME}/out"}
    container = create(
        client,
        image=image,
        name=names.container(part),
        labels=names.labels,
        aliases=[*aliases],
        entrypoint=["python3", "-m", program],
        environment={"AGUANTA_JOB": json.dumps(job | paths)},
        cap_drop=["ALL"],
        # Every user is a connection from this one address: use all ports there are.
        sysctls={"net.ipv4.ip_local_port_range": "1024 65535"},
        pids_limit=PROCESS_LIMIT,
        log_config=LogConfig(type=LogConfig.types.JSON, config=LOG_BOUND),
        ulimits=[Ulimit(name="nofile", soft=nofile, hard=nofile)],
    )
    _put(container, script)
    return container


def create_script_check(
    client: DockerClient, names: Names, image: str, script: UsersScript
) -> Container:
    """Create (not start) a generator that loads the users' script and only says what it holds."""
    container = create(
        client,
        image=image,
        name=names.container("locust"),
        labels=names.labels,
        aliases=[],
        entrypoint=["python3", "-m", "loadtests.generator.describe"],
        command=[_path_of(script), *script.options],
        cap_drop=["ALL"],
        pids_limit=PROCESS_LIMIT,
    )
    _put(container, script)
    return container


def create_listening_check(
    client: DockerClient, names: Names, image: str, replica: Container, port: int
) -> Container:
    """Create (not start) a container in a replica's network that tells where it listens.

    Of the port that is asked it tells more, see `loadtests/generator/listening.py`.
    """
    return client.containers.create(
        image,
        name=names.container("listening"),
        labels=names.labels,
        network_mode=f"container:{replica.id}",
        entrypoint=["python3", "-m", "loadtests.generator.listening", str(port)],
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
    )


def _path_of(script: UsersScript) -> str:
    return f"{GENERATOR_HOME}/{script.name}"


def _put(container: Container, script: UsersScript) -> None:
    """Put the script and what lies beside it into the generator's home, which it may write to."""
    home = Path(GENERATOR_HOME)
    container.put_archive(str(home.parent), script.tar(home.name, GENERATOR_USER))


def create(
    client: DockerClient, *, image: str, name: str, aliases: list[str], **options: Any
) -> Container:
    """Create (not start) a container on the network that all parts share.

    Raises EngineError when the engine refuses.
    """
    try:
        return client.containers.create(
            image,
            name=name,
            network=NETWORK,
            networking_config={NETWORK: EndpointConfig(client.api.api_version, aliases=aliases)},
            security_opt=["no-new-privileges"],
            **options,
        )
    except APIError as error:
        raise EngineError(
            f"the engine refused to create {name} from {image}: {error.explanation or error}"
        ) from error


def results_of(generator: Container) -> dict[str, bytes]:
    """Return the files the generator left, by name, through the engine's archive call."""
    stream, _ = generator.get_archive(f"{GENERATOR_HOME}/out")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        files = [member for member in tar.getmembers() if member.isfile()]
        return {Path(member.name).name: tar.extractfile(member).read() for member in files}  # type: ignore[union-attr]


def remove(containers: list[Container]) -> list[str]:
    """Kill and remove containers, each by itself; return the names of those that are gone.

    One that the engine does not let go of now, or not before it goes away itself, is removed as a
    leftover at the next start.
    """
    gone = []
    for container in containers:
        with contextlib.suppress(APIError, *ENGINE_LOST):
            with contextlib.suppress(NotFound):
                container.remove(force=True, v=True)
            gone.append(str(container.name))
    return gone


def remove_leftovers(client: DockerClient, store_id: str) -> list[str]:
    """Remove what a killed run of this store left behind; return the names."""
    labels = [f"{PROJECT_LABEL}=trial", f"{STORE_LABEL}={store_id}"]
    with contextlib.suppress(APIError, *ENGINE_LOST):
        gone = remove(
            client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
        )
        # Those of companions: Compose is not asked, since a killed run has left it no file.
        for kind in (client.networks, client.volumes):
            for made in kind.list(filters={"label": labels}):
                with contextlib.suppress(APIError):  # a container that is on its way out has it
                    made.remove()
        return gone
    return []
