"""Limits that were asked for, beside those that engine and kernel say there are."""

from types import SimpleNamespace

import psutil
import pytest

from loadtests.bench.granted import Limits, of_kernel, refuse_other_limits
from loadtests.errors import HostError
from loadtests.question import Setting
from loadtests.units import MIB

ID = "c0ffee"
ASKED = Limits.asked(Setting(0.25, 200), None)
TAKEN_ON = {
    "CpuQuota": 25_000,
    "CpuPeriod": 100_000,
    "Memory": 200 * MIB,
    "MemorySwap": 200 * MIB,
    "CpusetCpus": "",
}
V1 = f"4:cpu,cpuacct:/docker/{ID}\n9:memory:/docker/{ID}\n"
V2 = f"0::/system.slice/docker-{ID}.scope\n"
CPU, MEMORY, SCOPE = "cpu/docker/c0ffee", "memory/docker/c0ffee", "system.slice/docker-c0ffee.scope"
V1_CPU = {f"{CPU}/cpu.cfs_quota_us": "25000", f"{CPU}/cpu.cfs_period_us": "100000"}
V1_MEMORY = {
    f"{MEMORY}/memory.limit_in_bytes": f"{200 * MIB}\n",
    f"{MEMORY}/memory.memsw.limit_in_bytes": f"{300 * MIB}\n",
}
V1_NONE = {
    f"{CPU}/cpu.cfs_quota_us": "-1",
    f"{MEMORY}/memory.limit_in_bytes": "9223372036854771712",
    f"{MEMORY}/memory.memsw.limit_in_bytes": "9223372036854771712",
}
V2_FILES = {
    f"{SCOPE}/cpu.max": "25000 100000\n",
    f"{SCOPE}/memory.max": f"{200 * MIB}\n",
    f"{SCOPE}/memory.swap.max": "0\n",
}
V2_NONE = {
    f"{SCOPE}/cpu.max": "max 100000\n",
    f"{SCOPE}/memory.max": "max\n",
    f"{SCOPE}/memory.swap.max": "max\n",
}
KERNELS = [
    (V1, V1_CPU | V1_MEMORY, Limits(0.25, 200, 300), "v1"),
    (V1, V1_NONE, Limits(None, None, None), "v1 without limits"),
    (V2, V2_FILES, Limits(0.25, 200, 200), "v2 limits swap apart"),
    (V2, V2_NONE, Limits(None, None, None), "v2 without limits"),
    (V2, {f"{SCOPE}/memory.max": f"{200 * MIB}"}, Limits(9, 200, 9), "what has no file is asked"),
    (V2 + V1, V1_CPU | V1_MEMORY, Limits(0.25, 200, 300), "both, and v1 has the controllers"),
    (V1, {}, Limits(9, 9, 9), "the group is gone"),
]


def engine(*, local=True, **more):
    """Return a client of an engine at a local socket, or elsewhere."""
    url = "http+docker://localhost" if local else "https://engine.example:2376"
    told = {"Warnings": ["WARNING: No swap limit support"], "CgroupDriver": "cgroupfs"} | more
    return SimpleNamespace(api=SimpleNamespace(base_url=url), info=lambda: told)


def container(**told):
    """Return a running container with what the engine took on, and what is told otherwise."""
    attrs = {"State": {"Pid": 7}, "HostConfig": TAKEN_ON | told}
    return SimpleNamespace(id=ID, name="aguanta-api-1", attrs=attrs)


@pytest.mark.parametrize(("groups", "files", "limits", "what"), KERNELS)
def test_the_kernels_files_say_what_a_container_is_held_to(machine, groups, files, limits, what):
    machine(groups, files)
    assert of_kernel(ID, 7, Limits(9, 9, 9)) == limits, what


def test_limits_as_asked_are_let_through(machine):
    refuse_other_limits(engine(local=False), container(), ASKED)
    machine(V2, V2_FILES)
    refuse_other_limits(engine(), container(), ASKED)


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ({"CpuQuota": 0}, "CPU 0.25 cores asked, no limit granted"),
        ({"CpuQuota": 50_000}, "CPU 0.25 cores asked, 0.5 cores granted"),
        ({"Memory": 0}, "memory 200 MiB asked, no limit granted"),
        ({"MemorySwap": -1}, "memory and swap together 200 MiB asked, no limit granted"),
        ({"CpusetCpus": "1"}, "the CPUs it is kept to any asked, 1 granted"),
    ],
)
def test_a_limit_that_the_engine_dropped_is_named_with_what_to_do(dropped, said):
    with pytest.raises(HostError, match="did not get the limits of its setting") as refused:
        refuse_other_limits(engine(local=False), container(**dropped), ASKED)
    assert f"{said} (" in str(refused.value)
    assert "The engine says: WARNING: No swap limit support" in str(refused.value)


def test_a_replica_on_cpus_of_its_own_is_to_have_no_quota():
    on_its_own = Limits.asked(Setting(1, 200), "1")
    refuse_other_limits(engine(local=False), container(CpuQuota=0, CpusetCpus="1"), on_its_own)
    with pytest.raises(HostError, match=r"CPU no limit asked, 0.25 cores granted"):
        refuse_other_limits(engine(local=False), container(CpusetCpus="1"), on_its_own)


def test_the_kernels_word_goes_before_the_engines(machine):
    machine(V2, V2_FILES | {f"{SCOPE}/cpu.max": "max 100000"})
    with pytest.raises(HostError, match=r"CPU 0.25 cores asked, no limit granted"):
        refuse_other_limits(engine(), container(), ASKED)


@pytest.mark.parametrize("local", [True, False])
def test_an_engine_without_cgroups_grants_nothing_whatever_it_names(machine, local):
    """Its containers are in the group of whoever started it, and it goes on naming what was asked.

    As a Docker without root does where cgroups are of version 1.
    """
    machine("4:cpu,cpuacct:/\n9:memory:/\n", {})
    with pytest.raises(HostError) as refused:
        refuse_other_limits(engine(local=local, CgroupDriver="none"), container(), ASKED)
    for what in ("CPU 0.25 cores", "memory 200 MiB", "memory and swap together 200 MiB"):
        assert f"{what} asked, no limit granted (" in str(refused.value)
    assert "the CPUs it is kept to" not in str(refused.value)


@pytest.mark.parametrize("swap_bytes", [0, MIB])
def test_swap_without_a_limit_matters_where_there_is_swap(machine, monkeypatch, swap_bytes):
    monkeypatch.setattr(psutil, "swap_memory", lambda: SimpleNamespace(total=swap_bytes))
    machine(V2, V2_FILES | {f"{SCOPE}/memory.swap.max": "max"})
    if not swap_bytes:
        refuse_other_limits(engine(), container(), ASKED)
        return
    with pytest.raises(HostError, match="swap together 200 MiB asked, no limit granted"):
        refuse_other_limits(engine(), container(), ASKED)


def test_what_a_swarm_grants_is_read_in_its_own_unit():
    """It limits by billionths of a core, and leaves the quota at 0."""
    refuse_other_limits(engine(local=False), container(CpuQuota=0, NanoCpus=250_000_000), ASKED)
    with pytest.raises(HostError, match=r"CPU 0.25 cores asked, 0.5 cores granted"):
        refuse_other_limits(engine(local=False), container(CpuQuota=0, NanoCpus=500_000_000), ASKED)
