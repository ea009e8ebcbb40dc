"""The machine the engine runs on: what it has, and how busy and robbed its CPUs are."""

import functools
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from docker import DockerClient

from loadtests.bench.engine import is_local
from loadtests.record import HostReport

MIB = 1024 * 1024
NOT_REPORTED = "not reported"
PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")


@functools.cache
def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return NOT_REPORTED
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, NOT_REPORTED)


def describe_host(client: DockerClient) -> HostReport:
    """Return what the engine says of its machine."""
    info: dict[str, Any] = client.info()
    return HostReport(
        name=str(info["Name"]),
        cpus=int(info["NCPU"]),
        cpu_model=_cpu_model() if is_local(client) and _is_this_machine(info) else NOT_REPORTED,
        memory_mib=int(info["MemTotal"]) // MIB,
        kernel=str(info["KernelVersion"]),
        cgroup_version=str(info.get("CgroupVersion", "1")),
        engine_version=str(info["ServerVersion"]),
        storage_driver=str(info["Driver"]),
    )


def _is_this_machine(info: Mapping[str, Any]) -> bool:
    """Say whether an engine's machine has this one's kernel and memory."""
    same_memory = math.isclose(info["MemTotal"], psutil.virtual_memory().total, rel_tol=0.01)
    return bool(info["KernelVersion"] == os.uname().release and same_memory)


@dataclass(frozen=True)
class CpuTimes:
    """The first line of /proc/stat, in ticks over all CPUs (man 5 proc_stat)."""

    total: int
    idle: int
    steal: int

    @classmethod
    def read(cls, path: Path = Path("/proc/stat")) -> "CpuTimes | None":
        """Read it now; None where there is no such file."""
        try:
            fields = [int(f) for f in path.read_text().splitlines()[0].split()[1:9]]
        except OSError:
            return None
        _user, _nice, _system, idle, iowait, _irq, _softirq, steal = fields
        return cls(total=sum(fields), idle=idle + iowait, steal=steal)

    def since(self, before: "CpuTimes") -> dict[str, float]:
        """Return the shares of all CPU time that were busy and stolen since `before`."""
        total = self.total - before.total
        steal = self.steal - before.steal
        busy = total - (self.idle - before.idle) - steal
        return {"busy_ratio": busy / max(1, total), "steal_ratio": steal / max(1, total)}


def runs_here(container_id: str, pid: int) -> bool:
    """Say whether a running container's process is one of this machine's.

    A local socket may lead to an engine elsewhere (forwarded, mounted, in a virtual machine), where
    the same number is another process. The container's id in the process's cgroup tells.
    """
    return _cgroups(container_id, pid) is not None


def oom_kills(container_id: str, pid: int) -> int | None:
    """Count the out-of-memory kills in a running container's cgroup; None: not reported.

    The engine's own flag misses a killed child, and a cgroup goes with its last process.
    """
    for line in _cgroups(container_id, pid) or ():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            file = CGROUPS / path.lstrip("/") / "memory.events"
        elif "memory" in controllers.split(","):
            file = CGROUPS / "memory" / path.lstrip("/") / "memory.oom_control"
        else:
            continue
        count = _counter(file, "oom_kill")
        if count is not None:
            return count
    return None


def _cgroups(container_id: str, pid: int) -> list[str] | None:
    """Return the lines of a process's cgroup file, None unless they are the container's."""
    try:
        text = (PROC / str(pid) / "cgroup").read_text()
    except OSError:
        return None
    return text.splitlines() if container_id in text else None


def _counter(file: Path, name: str) -> int | None:
    try:
        fields = dict(line.split() for line in file.read_text().splitlines())
    except (OSError, ValueError):
        return None
    return int(fields[name]) if name in fields else None
