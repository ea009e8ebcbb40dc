"""Watch a trial: one docker stats stream a container, and the engine's events."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd
from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.cgroup import OomCounts
from loadtests.bench.engine import ENGINE_LOST, is_local
from loadtests.bench.kernel_counts import KernelCounter, KernelCounts
from loadtests.bench.wire import hang_up
from loadtests.units import MIB

JOIN_LIMIT_S = 5.0
REPLICA, GENERATOR = "replica", "generator"


@dataclass(frozen=True)
class Sample:
    """One second of one container, as docker stats sees it; None is "not reported"."""

    wall_s: float
    container: str
    role: str
    cpu_cores: float
    memory_mib: float
    memory_limit_mib: float
    cpu_s: float
    periods: int | None
    throttled_periods: int | None
    throttled_s: float | None
    received_bytes: int | None = None  # by its network interfaces since its start
    sent_bytes: int | None = None
    connections: int | None = None  # the last three of replicas only, see `kernel_counts`
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None


@dataclass(frozen=True)
class EngineEvent:
    """Something the engine told about one of the trial's containers."""

    wall_s: float
    container: str
    action: str


def parse_sample(name: str, role: str, raw: dict[str, Any]) -> Sample | None:
    """Read one message of the stats stream; None for one that carries no measurement.

    CPU is the difference to the message before, as `docker stats` has it; memory is usage less
    the page cache that can be dropped (cgroup v1 and v2 name it differently).
    """
    memory, cpu, before = raw["memory_stats"], raw["cpu_stats"], raw["precpu_stats"]
    if "usage" not in memory or "system_cpu_usage" not in before:
        return None
    total_ns = cpu["cpu_usage"]["total_usage"]
    system_ns = cpu["system_cpu_usage"] - before["system_cpu_usage"]
    used_ns = total_ns - before["cpu_usage"]["total_usage"]
    cores = cpu.get("online_cpus") or len(cpu["cpu_usage"].get("percpu_usage") or [1])
    details = memory.get("stats", {})
    droppable = details.get("total_inactive_file", details.get("inactive_file", 0))
    throttling = cpu.get("throttling_data") or {}
    reported = bool(throttling.get("periods"))
    networks = raw.get("networks")
    return Sample(
        wall_s=datetime.fromisoformat(raw["read"]).timestamp(),
        container=name,
        role=role,
        cpu_cores=used_ns / system_ns * cores if system_ns > 0 else 0.0,
        memory_mib=(memory["usage"] - droppable) / MIB,
        memory_limit_mib=memory["limit"] / MIB,
        cpu_s=total_ns / 1e9,
        periods=throttling["periods"] if reported else None,
        throttled_periods=throttling["throttled_periods"] if reported else None,
        throttled_s=throttling["throttled_time"] / 1e9 if reported else None,
        received_bytes=_bytes(networks, "rx_bytes"),
        sent_bytes=_bytes(networks, "tx_bytes"),
    )


def _bytes(networks: dict[str, dict[str, int]] | None, name: str) -> int | None:
    """Return what all interfaces counted together; None where the engine tells of none."""
    return sum(each[name] for each in networks.values()) if networks else None


def ooms_at_limit(raw: dict[str, Any]) -> int:
    """Return how often a container of cgroup v2 met its own memory limit, as docker stats tells.

    With v2 `failcnt` is `oom` of memory.events (moby, daemon/stats_unix.go); with v1 it counts what
    dropping page cache mended as well. Zero says nothing: a kill is later than the last message.
    """
    memory = raw["memory_stats"]
    details = memory.get("stats", {})
    v2 = "inactive_file" in details and "total_inactive_file" not in details
    return int(memory.get("failcnt", 0)) if v2 else 0


class Sampler:
    """Threads that watch until the containers are gone."""

    def __init__(
        self, client: DockerClient, labels: Mapping[str, str], on_death: Callable[[str], None]
    ) -> None:
        """Begin with the events of this trial's containers.

        The trial's containers are those that have all the labels. on_death is called, in a thread
        of this class, with the name of a container that ended.
        """
        self._on_death = on_death
        self._client, self._local = client, is_local(client)
        self.samples: list[Sample] = []
        self.events: list[EngineEvent] = []
        self.oom_counts: dict[str, OomCounts] = {}  # the kernel's last word, by container
        self.ooms_at_limit: dict[str, int] = {}  # that of docker stats
        self.broken_by: str | None = None  # the fault that ended one of the threads
        self.engine_left = False  # it ended the stream of events, which it does at its own end
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        wanted = [f"{name}={value}" for name, value in labels.items()]
        self._stream = client.events(decode=True, filters={"label": wanted, "type": "container"})
        self.spawn(self._watch_events, self._stream)

    def spawn(self, target: Callable[..., None], *args: Any) -> None:
        """Run something until the trial is over; a fault that ends it is kept in mind."""
        thread = threading.Thread(target=self._kept_in_mind, args=(target, *args), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _kept_in_mind(self, target: Callable[..., None], *args: Any) -> None:
        """Run what a thread is for, and note the fault that ends it: nobody else would."""
        try:
            target(*args)
        except Exception as fault:  # whatever it is, the watching has broken off
            self.broken_by = f"{type(fault).__name__}: {fault}"

    def watch(self, container: Container, role: str, ahead_s: float = 0.0) -> None:
        """Sample one running container once a second until it ends.

        The kernel is asked too where it is this machine's. `ahead_s` is what the clock of the
        container's machine is ahead of that which the load is told by.
        """
        pid = int(container.attrs["State"]["Pid"])
        here = self._local and cgroup.runs_here(str(container.id), pid)
        counted = here and role == REPLICA
        counter = KernelCounter.of(str(container.id), pid) if counted else None
        self.spawn(self._watch_stats, container, role, counter, ahead_s)
        if not here:
            return
        file = cgroup.oom_file(str(container.id), pid)
        if file is not None and file.name == cgroup.V2_FILE:
            self.spawn(
                cgroup.follow, file, partial(self.oom_counts.__setitem__, str(container.name))
            )

    def _watch_stats(
        self, container: Container, role: str, counter: KernelCounter | None, ahead_s: float
    ) -> None:
        name = str(container.name)
        # It may be removed, or the engine go away, while it is being watched.
        with contextlib.suppress(APIError, *ENGINE_LOST):
            stream: Iterator[dict[str, Any]] = container.stats(stream=True, decode=True)  # type: ignore[assignment]  # decoded, not text
            for raw in stream:
                self.ooms_at_limit[name] = max(self.ooms_at_limit.get(name, 0), ooms_at_limit(raw))
                sample = parse_sample(name, role, raw)
                if sample is not None:
                    counts = KernelCounts() if counter is None else counter.read()
                    at_s = sample.wall_s - ahead_s
                    self.samples.append(replace(sample, wall_s=at_s, **asdict(counts)))

    def _watch_events(self, stream: Iterator[dict[str, Any]]) -> None:
        with contextlib.suppress(*ENGINE_LOST):
            for raw in stream:
                self.note_event(raw)
        self.engine_left = not self._stop.is_set()

    def note_event(self, raw: dict[str, Any], ahead_s: float = 0.0) -> None:
        """Keep an event that an engine tells, and act where a container ended.

        `ahead_s` as of `watch`.
        """
        action, actor = str(raw.get("Action", "")), raw.get("Actor", {}).get("Attributes", {})
        if not action.startswith("exec_"):
            name = str(actor.get("name", ""))
            self.events.append(EngineEvent(raw["timeNano"] / 1e9 - ahead_s, name, action))
            if action == "die":
                self._on_death(name)

    def close(self) -> None:
        """Stop watching; call it once the containers are removed."""
        self._stop.set()
        with contextlib.suppress(OSError):  # the engine has closed it already
            hang_up(self._client, self._stream)
        until = time.monotonic() + JOIN_LIMIT_S  # an engine that is cut off says nothing
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def stats_table(self, began_wall_s: float) -> pd.DataFrame:
        """Return docker_stats.csv: one row a second and container."""
        table = pd.DataFrame([asdict(sample) for sample in self.samples], columns=_COLUMNS)
        table.insert(0, "time_s", (table.pop("wall_s") - began_wall_s).round(3))
        return table.round(4).sort_values(["time_s", "container"])


_COLUMNS = list(Sample.__dataclass_fields__)
