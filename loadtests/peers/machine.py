"""The machine that a comparison is measured on."""

import platform

import psutil
from docker import DockerClient

from loadtests.bench.host import cpu_model, describe_host
from loadtests.peers.measurement import Machine
from loadtests.units import MIB


def machine(client: DockerClient | None = None) -> Machine:
    """Describe this machine, with the engine where containers take part."""
    return Machine(
        cpus=psutil.cpu_count() or 1,
        cpu_model=cpu_model(),
        memory_mib=psutil.virtual_memory().total // MIB,
        kernel=platform.release(),
        engine="" if client is None else describe_host(client).engine_version,
        python=platform.python_version(),
    )
