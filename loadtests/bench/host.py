"""The machine the engine runs on, and what it has."""

import functools
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from docker import DockerClient

from loadtests.bench.engine import is_local
from loadtests.record import HostReport
from loadtests.units import MIB

NOT_REPORTED = "not reported"


@functools.cache
def cpu_model() -> str:
    """Return the name of this machine's CPU, as its kernel has it."""
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
        cpu_model=cpu_model() if is_local(client) and is_this_machine(info) else NOT_REPORTED,
        memory_mib=int(info["MemTotal"]) // MIB,
        kernel=str(info["KernelVersion"]),
        cgroup_version=str(info.get("CgroupVersion", "1")),
        engine_version=str(info["ServerVersion"]),
        storage_driver=str(info["Driver"]),
    )


def is_this_machine(info: Mapping[str, Any]) -> bool:
    """Say whether an engine's machine has this one's kernel and memory."""
    same_memory = math.isclose(info["MemTotal"], psutil.virtual_memory().total, rel_tol=0.01)
    return bool(info["KernelVersion"] == os.uname().release and same_memory)
