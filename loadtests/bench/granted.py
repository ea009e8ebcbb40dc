"""The limits that a container was really given, read back from engine and kernel before the load.

An engine that cannot apply a limit (a rootless one without delegation, a kernel without accounting
of swap) warns, drops it and starts the container all the same; one that has no cgroups at all does
not even warn, and goes on naming the limits. What is then measured is not the setting.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.containers import CPU_PERIOD_US, cpu_quota_us
from loadtests.bench.engine import is_local
from loadtests.errors import HostError
from loadtests.question import Setting
from loadtests.units import MIB

NO_CGROUPS = "none"  # the cgroup driver of an engine without root where cgroups are of version 1
UNLIMITED = ("max", "-1", "0")  # of cgroup v2, of version 1, of the engine
# Version 1 writes no limit of memory as the largest signed number, in whole pages.
UNLIMITED_BYTES = 2**62
_DELEGATE = "an engine without root needs it delegated (systemd: Delegate=yes)"
FIXES = {
    "CPU": f"the engine's kernel needs CFS bandwidth control, and {_DELEGATE}",
    "memory": f"the engine's kernel needs the memory controller, and {_DELEGATE}",
    "memory and swap together": "the engine's kernel needs the accounting of swap (swapaccount=1 "
    "on its command line); on this machine no swap at all will do (swapoff -a)",
    "the CPUs it is kept to": f"the engine's kernel needs the cpuset controller, and {_DELEGATE}",
}


@dataclass(frozen=True)
class Limits:
    """Limits of one container, in cores and MiB; None: there is no such limit."""

    cpus: float | None
    memory_mib: float | None
    with_swap_mib: float | None  # memory and swap together
    cpuset: str = ""  # the CPUs that it is kept to; "" is any

    @classmethod
    def asked(cls, setting: Setting, cpuset: str | None) -> "Limits":
        """Return what a replica is to have: kept to CPUs of its own, it has no quota."""
        quota = None if cpuset is not None else cpu_quota_us(setting.cpus) / CPU_PERIOD_US
        return cls(quota, setting.memory_mib, setting.memory_mib, cpuset or "")

    @property
    def named(self) -> dict[str, str]:
        """Each by its name, with its unit."""
        return {
            "CPU": "no limit" if self.cpus is None else f"{self.cpus:g} cores",
            "memory": _size(self.memory_mib),
            "memory and swap together": _size(self.with_swap_mib),
            "the CPUs it is kept to": self.cpuset or "any",
        }


def refuse_other_limits(client: DockerClient, container: Container, asked: Limits) -> None:
    """Raise HostError where a running container has other limits than asked, naming them.

    The engine says what it has not dropped, the kernel what there is, where it is this machine's.
    """
    pid, found = int(container.attrs["State"]["Pid"]), of_engine(container)
    if is_local(client) and cgroup.runs_here(str(container.id), pid):
        found = of_kernel(str(container.id), pid, found)
        if psutil.swap_memory().total == 0:
            asked = replace(asked, with_swap_mib=found.with_swap_mib)
    elif client.info().get("CgroupDriver") == NO_CGROUPS:
        found = Limits(None, None, None)
    granted = found.named
    wrong = [
        f"{name} {wanted} asked, {granted[name]} granted ({FIXES[name]})"
        for name, wanted in asked.named.items()
        if wanted != granted[name]
    ]
    if wrong:
        warnings = [each.rstrip(".") for each in client.info().get("Warnings") or ()]
        said = f" The engine says: {'; '.join(warnings)}." if warnings else ""
        raise HostError(
            f"{container.name} did not get the limits of its setting: {'; '.join(wrong)}.{said} "
            "Nothing was measured, since it would have been another setting"
        )


def of_engine(container: Container) -> Limits:
    """Return the limits that the engine took on for a container."""
    told = container.attrs["HostConfig"]
    quota = _cores(str(told["CpuQuota"] or 0), str(told["CpuPeriod"] or CPU_PERIOD_US))
    return Limits(
        cpus=told["NanoCpus"] / 1e9 if told.get("NanoCpus") else quota,  # a Swarm's way to say it
        memory_mib=_mib(str(told["Memory"] or 0)),
        with_swap_mib=_mib(str(told["MemorySwap"] or 0)),
        cpuset=str(told["CpusetCpus"] or ""),
    )


def of_kernel(container_id: str, pid: int, by_engine: Limits) -> Limits:
    """Return the limits that this kernel holds a container to.

    The engine's word where there is no file (kernel, admin-guide/cgroup-v2; of version 1 sched-bwc
    and memory).
    """
    found = by_engine
    for folder, unified in cgroup.folders(container_id, pid, "cpu"):
        v1 = _text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")
        quota, period = _text(folder / "cpu.max").partition(" ")[::2] if unified else v1
        if quota:
            found = replace(found, cpus=_cores(quota, period))
    for folder, unified in cgroup.folders(container_id, pid, "memory"):
        names = ("max", "swap.max") if unified else ("limit_in_bytes", "memsw.limit_in_bytes")
        memory, swap = (_text(folder / f"memory.{name}") for name in names)
        if memory:
            found = replace(found, memory_mib=_mib(memory))
        if memory and swap:
            found = replace(found, with_swap_mib=_both(memory, swap) if unified else _mib(swap))
    return found


def _both(memory: str, swap: str) -> float | None:
    """Return memory and swap together, in MiB, which version 2 limits apart."""
    if memory == "max" or swap == "max":
        return None
    return (int(memory) + int(swap)) / MIB


def _cores(quota_us: str, period_us: str) -> float | None:
    return None if quota_us in UNLIMITED else int(quota_us) / int(period_us)


def _mib(size: str) -> float | None:
    limited = size not in UNLIMITED and int(size) < UNLIMITED_BYTES
    return int(size) / MIB if limited else None


def _size(mib: float | None) -> str:
    return "no limit" if mib is None else f"{mib:,.0f} MiB"


def _text(file: Path) -> str:
    """Return what a file says; "" where there is none."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""
