"""Start a service on a core of its own, ask it, fill it, crowd it, and take it away again."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container
from docker.types import Ulimit

from loadtests.bench import containers
from loadtests.bench.cpusets import require_cpusets
from loadtests.bench.engine import is_local
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.images import CONTENT_LABEL, ensure_image, generator_image
from loadtests.bench.replicas import address_of
from loadtests.bench.start import start
from loadtests.bench.store import Store
from loadtests.errors import HostError, ImageError, TrialError
from loadtests.peers.asking import check_answers, first_right_answer_s
from loadtests.peers.contenders import BENTOML, CONTENDERS, LITSERVE, MLFLOW, Contender
from loadtests.peers.crowd import Crowd
from loadtests.peers.half import Ready
from loadtests.peers.machine import machine
from loadtests.peers.models import place_onnx, place_registered
from loadtests.peers.rounds import Figures, Say
from loadtests.peers.saturation import CONNECTIONS, ensure_wrk, saturate
from loadtests.units import MIB

SERVICE_CPU, SENDER_CPU = 0, 1
MEMORY = "4g"  # ample: what is compared is how much each takes
READY_S = 60.0
SETTLE_S = 1.0  # before memory at rest is read
WARM_UP_S, SATURATED_S = 3, 8


@dataclass(frozen=True)
class Lengths:
    """How long a service is filled, in whole seconds."""

    warm_up_s: int = WARM_UP_S
    saturated_s: int = SATURATED_S


@dataclass(frozen=True)
class ServiceBench:
    """What services are measured on."""

    client: DockerClient
    store: Store
    images: Mapping[str, str]  # ids, by contender
    crowd: Crowd
    lengths: Lengths = Lengths()

    def measure(self, contender: Contender, number: int) -> Figures:
        """Measure one contender in a round.

        Raises TrialError where it does not answer rightly, before or after, and what starting a
        container or a trial raises.
        """
        image_id = self.images[contender.name]
        filled = self._filled(contender, image_id)
        values = filled.values | {"image_mib": self.client.images.get(image_id).attrs["Size"] / MIB}
        if values["rps"] < self.crowd.rps:
            note = f"does not carry {self.crowd.rps:,.0f} requests/s on a core"
            return Figures(values, (*filled.notes, note))
        try:
            crowded = self.crowd.measure(contender, image_id, number)
        except TrialError as error:
            crowded = Figures({}, (f"no trial with 10,000 connections: {error}",))
        return Figures(values | crowded.values, (*filled.notes, *crowded.notes))

    def _filled(self, contender: Contender, image_id: str) -> Figures:
        """Return the figures of a fresh container: its start, at rest, and filled."""
        names = containers.Names(self.store.identity, image_id.removeprefix("sha256:"))
        container = self._create(contender, image_id, names)
        try:
            began_s = time.monotonic()
            start(container)
            return self._figures(contender, container, began_s)
        except TrialError as error:
            raise TrialError(f"{error}{_last_words(container)}") from error
        finally:
            containers.remove([container])

    def _figures(self, contender: Contender, container: Container, began_s: float) -> Figures:
        """Return the figures of a container that was started at a moment, once it is filled."""
        container.reload()
        address = address_of(container)
        start_s = first_right_answer_s(contender, address, began_s, READY_S)
        check_answers(contender, address)
        time.sleep(SETTLE_S)
        _, at_rest_mib = _counted(container)
        saturate(contender, address, SENDER_CPU, self.lengths.warm_up_s)
        before_s, _ = _counted(container)
        seen = saturate(contender, address, SENDER_CPU, self.lengths.saturated_s)
        after_s, _ = _counted(container)
        check_answers(contender, address)
        if seen.requests == 0 or seen.refused:
            raise TrialError(
                f"with {CONNECTIONS} connections {seen.refused} of {seen.requests} answers were "
                "errors"
            )
        values = {
            "rps": seen.rps,
            "cpu_ms": 1000 * (after_s - before_s) / seen.requests,
            "p50_ms": seen.p50_ms,
            "p99_ms": seen.p99_ms,
            "sender_cores": seen.sender_cores,
            "at_rest_mib": at_rest_mib,
            "start_s": start_s,
        }
        return Figures(values, seen.notes)

    def _create(self, contender: Contender, image_id: str, names: containers.Names) -> Container:
        files = containers.descriptors(10 * CONNECTIONS)
        return containers.create(
            self.client,
            image=image_id,
            name=names.service,
            labels=names.labels,
            aliases=[names.alias],
            cpuset_cpus=str(SERVICE_CPU),
            mem_limit=MEMORY,
            memswap_limit=MEMORY,
            ulimits=[Ulimit(name="nofile", soft=files, hard=files)],
            **({"command": [*contender.command]} if contender.command else {}),
        )


def _counted(container: Container) -> tuple[float, float]:
    """Return the CPU seconds since a container's start, and its own memory now in MiB.

    Raises TrialError where it has ended.
    """
    raw: Any = container.stats(stream=False, one_shot=True)
    if "usage" not in raw["memory_stats"]:
        raise TrialError("it ended")
    return raw["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, own_memory_mib(raw["memory_stats"])


def own_memory_mib(memory: Mapping[str, Any]) -> float:
    """Return what a container uses less the pages of files, from the engine's `memory_stats`.

    Those of a library are charged to whichever container read it first, so of two that share an
    image the later one would seem to be smaller. cgroup v1 and v2 name them differently.
    """
    details = memory["stats"]
    total = "total_" if "total_inactive_file" in details else ""
    files = details[f"{total}inactive_file"] + details[f"{total}active_file"]
    return float(memory["usage"] - files) / MIB


def _last_words(container: Container) -> str:
    said = container.logs(tail=3).decode(errors="replace").strip()
    return f"; it printed last: {said[-300:]}" if said else ""


@contextmanager
def prepared(names: Sequence[str], run: Path, say: Say) -> Iterator[Ready]:
    """Build every contender's image, and have what measures them.

    Raises HostError where this machine cannot: its engine must be local, with two CPUs or more.
    """
    client = ensure_engine(say)
    here = machine(client)
    if not is_local(client) or here.cpus <= max(SERVICE_CPU, SENDER_CPU):
        raise HostError("services are compared on an engine of this machine with 2 CPUs or more")
    require_cpusets(client)
    ensure_wrk(say)
    containers.ensure_network(client)
    images, absent = _built(client, [one for one in CONTENDERS if one.name in names], say)
    store = Store(run)
    with store.writing():
        containers.remove_leftovers(client, store.identity)
        crowd = Crowd(client, store, generator_image(client, say))
        bench = ServiceBench(client, store, images, crowd)
        by_name = {one.name: one for one in CONTENDERS}
        yield Ready(
            here,
            tuple(images),
            lambda name, number: bench.measure(by_name[name], number),
            {name: by_name[name].version for name in names},
            {name: _content(client, image_id) for name, image_id in images.items()},
            absent,
        )


def _built(
    client: DockerClient, contenders: Sequence[Contender], say: Say
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of the images that can be had, by contender, and why others cannot."""
    images, absent = {}, {}
    for one in contenders:
        try:
            if one is MLFLOW:
                place_registered()
            elif one in (BENTOML, LITSERVE):
                place_onnx()
            images[one.name] = str(client.images.get(ensure_image(client, one.recipe, say)).id)
        except ImageError as error:
            absent[one.name] = str(error)
    return images, absent


def _content(client: DockerClient, image_id: str) -> str:
    return str(client.images.get(image_id).labels[CONTENT_LABEL])
