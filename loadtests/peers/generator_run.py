"""Run one load generator against the fixed server, a core each, and see what both leave."""

import hashlib
import io
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container
from docker.types import Ulimit

from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.replicas import address_of
from loadtests.bench.start import start
from loadtests.bench.store import Store
from loadtests.bench.users_script import UsersScript
from loadtests.errors import TrialError
from loadtests.peers import generator_target
from loadtests.peers.generator_contenders import HOME, SCRIPTS, Contender, Load
from loadtests.peers.generator_figures import Use, figures
from loadtests.peers.generator_seen import Seen
from loadtests.peers.rounds import Figures
from loadtests.peers.service_bench import own_memory_mib

TARGET_CPU, GENERATOR_CPU = 0, 1
TARGET, GENERATOR = "target", "generator"  # ends of their containers' names
PORT = 8000
SERVICE_MS = 5.0  # that the server takes for each answer
SAMPLE_S = 1.0
GRACE_S = 120.0  # beyond its load: to make ready 10,000 users, and for what cannot keep up
STOP_S = 10
LAST_LINES = 5
_TARGET = Path(generator_target.__file__)


@dataclass(frozen=True)
class GeneratorBench:
    """What load generators are measured on."""

    client: DockerClient
    store: Store
    load: Load
    target_image: str  # any with Python
    images: Mapping[str, str]  # ids, by contender
    descriptor_limit: int | None  # open files the engine grants a process; None: unknown

    def measure(self, contender: Contender) -> Figures:
        """Measure one contender.

        Raises TrialError where it broke off or left nothing, and what starting a container raises.
        """
        names = Names(self.store.identity, hashlib.sha256(contender.name.encode()).hexdigest())
        created: list[Container] = []
        try:
            target = self._start_target(names, created)
            generator = self._start_generator(contender, names, address_of(target), created)
            used = follow(generator, self.load.total_s + self.load.think_time_s[1] + GRACE_S)
            said = contender.read(_files(generator))
            target.stop(timeout=STOP_S)
            values = figures(self.load, Seen.read(_files(target)), used, said)
        finally:
            containers.remove(created)
        return Figures(values, (contender.note,) if contender.note else ())

    def _start_target(self, names: Names, created: list[Container]) -> Container:
        """Return the fixed server once it listens."""
        target = self._create(
            names,
            TARGET,
            self.target_image,
            UsersScript(_TARGET.name, {_TARGET.name: _TARGET.read_bytes()}),
            created,
            cpuset_cpus=str(TARGET_CPU),
            entrypoint=["python3", f"{HOME}/{_TARGET.name}"],
            command=[str(PORT), str(SERVICE_MS), HOME],
            sysctls={"net.core.somaxconn": str(generator_target.BACKLOG)},
        )
        start(target)
        if not next(iter(target.logs(stream=True, follow=True, stderr=False)), b""):
            raise TrialError(f"the fixed server did not start: {_last_words(target)}")
        target.reload()
        return target

    def _start_generator(
        self, contender: Contender, names: Names, address: str, created: list[Container]
    ) -> Container:
        """Return it once it has begun; it asks an address, as names would measure the resolver."""
        asked = f"{address}:{PORT}"
        generator = self._create(
            names,
            GENERATOR,
            self.images[contender.name],
            UsersScript.read(SCRIPTS / "fast.py"),
            created,
            cpuset_cpus=str(GENERATOR_CPU),
            entrypoint=[*contender.command(self.load, asked)],
            environment=contender.environment(self.load, asked),
            # Every user is a connection from this one address: use all ports there are.
            sysctls={"net.ipv4.ip_local_port_range": "1024 65535"},
        )
        start(generator)
        return generator

    def _create(
        self,
        names: Names,
        part: str,
        image: str,
        script: UsersScript,
        created: list[Container],
        **options: Any,
    ) -> Container:
        """Create (not start) one of the two, with a script in its home, which it may write to."""
        wanted = containers.descriptors(2 * self.load.users)  # who connects anew may have two
        files = min(wanted, self.descriptor_limit or wanted)
        container = containers.create(
            self.client,
            image=image,
            name=names.container(part),
            labels=names.labels,
            aliases=[],
            cap_drop=["ALL"],
            ulimits=[Ulimit(name="nofile", soft=files, hard=files)],
            **options,
        )
        created.append(container)
        home = Path(HOME)
        container.put_archive(str(home.parent), script.tar(home.name, containers.GENERATOR_USER))
        return container


def follow(generator: Container, limit_s: float) -> list[Use]:
    """Return what a started generator uses until it ends, looked at once a second.

    Raises TrialError where it goes on for longer than the limit, or ends with an error.
    """
    used, deadline_s = [], time.monotonic() + limit_s
    while (raw := _stats(generator))["memory_stats"].get("usage"):
        if time.monotonic() > deadline_s:
            raise TrialError(f"it was still at work after {limit_s:g} s: {_last_words(generator)}")
        used.append(
            Use(
                datetime.fromisoformat(raw["read"]).timestamp(),
                raw["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
                own_memory_mib(raw["memory_stats"]),
            )
        )
        time.sleep(SAMPLE_S)
    code = generator.wait()["StatusCode"]
    if code:
        raise TrialError(f"it ended with exit code {code}: {_last_words(generator)}")
    return used


def _stats(container: Container) -> Any:
    """Return what the engine tells of a container now; without memory in use once it has ended."""
    return container.stats(stream=False, one_shot=True)


def _files(container: Container) -> dict[str, bytes]:
    """Return what is in a container's home, by name."""
    stream, _ = container.get_archive(HOME)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        files = [member for member in tar.getmembers() if member.isfile()]
        return {Path(member.name).name: tar.extractfile(member).read() for member in files}  # type: ignore[union-attr]  # it is a file


def _last_words(container: Container) -> str:
    said = container.logs(tail=LAST_LINES).decode(errors="replace")
    return " / ".join(line.strip() for line in said.splitlines() if line.strip())[-500:]
