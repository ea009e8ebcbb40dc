"""Whole CPUs for replicas that run without a CPU quota.

A quota is a share of each period of 100 ms, and a replica that has used its share stands still
until the next. Kept to whole CPUs instead it has as many cores at any moment, and no period.
A quota that lets saved time be used later (cpu.max.burst; kernel, scheduler/sched-bwc) would be
nearer to the setting, but the engine's API has no field for it (moby, issue 44204), and the
kernel's file can be written on the engine's own machine only.
"""

import math
from typing import Any

from docker import DockerClient

from loadtests.errors import EngineError
from loadtests.question import Setting


def whole_cpus(setting: Setting, host_cpus: int) -> tuple[str, ...]:
    """Return the CPUs that each replica is kept to, as the engine writes them: "1", "2,3".

    As many as its cores, rounded up, from the host's last CPU down: the first often serves
    interrupts too. Where the host has too few, replicas share. With the load generator they share
    in any case, since that is kept to no CPU, as in every other trial.
    """
    each = math.ceil(setting.cpus)
    turns = [host_cpus - 1 - turn % host_cpus for turn in range(each * setting.replicas)]
    return tuple(
        ",".join(str(cpu) for cpu in sorted(turns[at : at + each]))
        for at in range(0, len(turns), each)
    )


def require_cpusets(client: DockerClient) -> None:
    """Raise EngineError where the engine keeps no container to CPUs, or grants no quota anyway.

    It says so in `docker info`; asked all the same, it would create the container without.
    """
    told: dict[str, Any] = client.info()
    needed = {"CPUSet": "CPUs of a container's own", "CpuCfsQuota": "CPU quotas"}
    for name, what in needed.items():
        if not told.get(name):
            raise EngineError(f"the engine grants no {what} ({name} of `docker info`)")
