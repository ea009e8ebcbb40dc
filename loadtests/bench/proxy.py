"""The proxy in front of the replicas, where balancing asks for one: started, watched, reported.

It is fresh in every trial and goes with it, has no CPU limit, and is no part of the setting.
Whatever befalls it is its own: no word of it is said of the service.
"""

import contextlib
import io
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from docker import DockerClient
from docker.errors import APIError, DockerException
from docker.models.containers import Container
from docker.types import LogConfig, Ulimit

from loadtests.bench import haproxy
from loadtests.bench.base_image import Bootstrap, ensure_base_image
from loadtests.bench.companion import Companion
from loadtests.bench.containers import LOG_BOUND, Names, create
from loadtests.bench.engine import ENGINE_LOST, PROJECT_LABEL
from loadtests.bench.sampler import Sampler
from loadtests.bench.start import start
from loadtests.errors import EngineError, ImageError, ProxyError
from loadtests.question import Balancing, Target
from loadtests.record import ProxiedReplica, ProxyReport

Say = Callable[[str], None]
Found = TypeVar("Found")

NAME = "HAProxy"
ROLE = "proxy"  # in the table of docker stats
PART = "proxy"  # of its container's name
IMAGE = Bootstrap(
    "haproxy:2.6-bookworm",
    "aguanta-haproxy:2.6-bookworm",
    "haproxy",
    changes=(f"LABEL {PROJECT_LABEL}=image", "USER haproxy"),
)
_CONFIG_FOLDER, _CONFIG_NAME = "/tmp", "aguanta-haproxy.cfg"  # noqa: S108  (inside the container)
# Bash speaks TCP by itself, so that the image needs no other program for it.
_ASK = "exec 3<>/dev/tcp/127.0.0.1/{port} && echo 'show info;show stat' >&3 && cat <&3"


@dataclass(frozen=True)
class Proxy:
    """What is in front of the replicas in every trial of a run."""

    balancing: Balancing
    image_id: str

    @classmethod
    def of(cls, client: DockerClient, balancing: Balancing, say: Say) -> "Proxy | None":
        """Find, pull or make the image of the proxy that is asked for; None: none is.

        Raises ImageError where it cannot be had.
        """
        if not balancing.is_proxied:
            return None
        try:
            name = ensure_base_image(client, say, IMAGE)
        except ImageError as error:
            raise ImageError(
                f"{error}; without a proxy replicas are found by their name (BALANCING=dns)"
            ) from error
        return cls(balancing, str(client.images.get(name).id))

    def start(
        self,
        client: DockerClient,
        names: Names,
        target: Target,
        replicas: Sequence[tuple[Container, str]],
        load: haproxy.Load,
        sampler: Sampler,
        created: list[Container],
    ) -> "RunningProxy":
        """Start it in front of replicas that are ready, given with their addresses.

        Its container is appended to `created` at once. Raises ProxyError where it cannot be
        started.
        """
        text = haproxy.configuration(self.balancing, target, [a for _, a in replicas], load)
        try:
            container = create(
                client,
                image=self.image_id,
                name=names.container(PART),
                labels=names.labels,
                aliases=[names.alias],
                entrypoint=["haproxy"],
                command=["-db", "-f", f"{_CONFIG_FOLDER}/{_CONFIG_NAME}"],
                cap_drop=["ALL"],
                # Every connection to a replica comes from its one address; users ask on any port.
                sysctls={
                    "net.ipv4.ip_local_port_range": "1024 65535",
                    "net.ipv4.ip_unprivileged_port_start": "0",
                },
                log_config=LogConfig(type=LogConfig.types.JSON, config=LOG_BOUND),
                ulimits=[Ulimit(name="nofile", soft=load.descriptors, hard=load.descriptors)],
            )
            created.append(container)
            container.put_archive(_CONFIG_FOLDER, _archive(_CONFIG_NAME, text))
            start(container)
        except EngineError as error:
            raise ProxyError(
                _not_the_service(f"the proxy could not be started: {error}")
            ) from error
        container.reload()
        sampler.watch(container, ROLE)
        return RunningProxy(self, container, tuple(str(c.name) for c, _ in replicas), target.port)


@dataclass(frozen=True)
class RunningProxy:
    """The proxy of a trial that is under way."""

    kind: Proxy
    container: Container
    replicas: tuple[str, ...]  # names of their containers, in the order of its servers
    port: int  # of the service

    @property
    def _process(self) -> Companion:
        return Companion("the proxy", self.container)

    def failed(self, message: str) -> ProxyError:
        """Return the error that says what it did not do, and how it ended if it did."""
        process = self._process
        said = process.words if process.is_running else process.end
        return ProxyError(_not_the_service(f"{message} ({said})" if said else message))

    def refuse_dead(self) -> None:
        """Raise ProxyError where it has ended: what failed then is its doing."""
        if not self._process.is_running:
            raise ProxyError(_not_the_service(self._process.end))

    def report(self, sampler: Sampler) -> ProxyReport:
        """Say what became of it and what it counted, before it is removed."""
        process, name = self._process, str(self.container.name)
        samples = [sample for sample in sampler.samples if sample.container == name]
        counted = self._counters() if process.is_running else None
        report = ProxyReport(
            name=NAME,
            container=name,
            image_digest=self.kind.image_id,
            memory_peak_mib=round(max(s.memory_mib for s in samples), 1) if samples else None,
            cpu_s=samples[-1].cpu_s if samples else None,
            end="" if process.is_running else process.end,
        )
        return report if counted is None else _with_counters(report, counted, self.replicas)

    def _counters(self) -> haproxy.Counters | None:
        ask = _ASK.format(port=haproxy.Ports.beside(self.port).counters)
        with contextlib.suppress(APIError, DockerException, ValueError, *ENGINE_LOST):
            said: bytes = self.container.exec_run(["bash", "-c", ask]).output  # type: ignore[assignment]  # no stream
            return haproxy.read_counters(said.decode(errors="replace"))
        return None


def _with_counters(
    report: ProxyReport, counted: haproxy.Counters, replicas: Sequence[str]
) -> ProxyReport:
    of = {haproxy.server_name(number): name for number, name in enumerate(replicas, 1)}
    told = asdict(report) | asdict(counted)
    servers = told.pop("servers")
    told["replicas"] = tuple(
        ProxiedReplica(replica=of[each.pop("name")], **each) for each in servers
    )
    return ProxyReport(**told)


def _not_the_service(message: str) -> str:
    return (
        f"{message}. The proxy is no part of the service, of which nothing is concluded: repeat "
        "the same run, or do without it (BALANCING=dns)"
    )


def _archive(name: str, text: str) -> bytes:
    content, packed = text.encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        file = tarfile.TarInfo(name)
        file.size, file.mode = len(content), 0o644
        tar.addfile(file, io.BytesIO(content))
    return packed.getvalue()
