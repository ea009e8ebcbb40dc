"""Limits and counters of a replica on a kernel with cgroup v2, beside what that kernel says."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench import containers
from loadtests.bench.clocks import LARGEST_S, compared
from loadtests.bench.containers import Names
from loadtests.bench.granted import Limits, of_engine, refuse_other_limits
from loadtests.bench.live import LiveLoad
from loadtests.bench.needs import Needs
from loadtests.bench.sampler import Sample, Sampler
from loadtests.errors import HostError
from loadtests.question import Setting
from loadtests.units import MIB
from tests.cgroup_v2.inside import ANSWER_S, GUEST, SHELL, running, said_by
from tests.cgroup_v2.virtual_engine import CLOCK_AHEAD_S
from tests.running import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.virtual]

GIVEN = Setting(0.5, 200)
ASKED = Limits.asked(GIVEN, None)
FILE_MIB = 60
IDLE = "busybox sleep 6000"
BUSY = "while :; do :; done"


@pytest.fixture
def replica(client: DockerClient, busybox: str) -> Iterator[Callable[[str], Container]]:
    """Return a function that starts a replica of 0.5 CPU and 200 MiB, which does as it is told."""
    made = []

    def start(doing: str) -> Container:
        containers.ensure_network(client)
        names, needs = (
            Names(secrets.token_hex(8), secrets.token_hex(32)),
            Needs(command=(*SHELL, doing)),
        )
        made.append(containers.create_replica(client, names, 1, GIVEN, busybox, 1024, needs=needs))
        made[-1].start()
        made[-1].reload()
        return made[-1]

    yield start
    containers.remove(made)


def kernel(container: Container, name: str) -> str:
    """Return what the guest's kernel holds a container to."""
    return said_by(container, "cat", f"/sys/fs/cgroup/{name}")


def watched(client: DockerClient, container: Container, until: Callable[[Sample], Any]) -> Sample:
    """Return the first sample of a container that is as it is waited for."""
    sampler = Sampler(client, {"aguanta.test": secrets.token_hex(4)}, lambda _name: None)
    sampler.watch(container, "replica")
    try:
        return wait_for(
            "docker stats", lambda: next(filter(until, sampler.samples), None), ANSWER_S
        )
    finally:
        container.kill()
        sampler.close()


def test_limits_as_asked_are_those_of_the_kernel(client, replica):
    container = replica(IDLE)
    refuse_other_limits(client, container, ASKED)
    assert of_engine(container) == ASKED
    assert kernel(container, "cpu.max") == "50000 100000"
    assert kernel(container, "memory.max") == str(200 * MIB)
    assert kernel(container, "memory.swap.max") == "0", "swap apart, where version 1 has both"


def test_a_limit_that_is_changed_live_reaches_the_kernel_and_is_read_back(client, replica):
    container = replica(IDLE)
    sampler = Sampler(client, {"aguanta.test": "none"}, lambda _name: None)
    LiveLoad([container], container, sampler).limit_cpus(0.25)
    sampler.close()
    assert kernel(container, "cpu.max") == "25000 100000"
    container.reload()
    with pytest.raises(HostError, match=r"CPU 0.5 cores asked, 0.25 cores granted"):
        refuse_other_limits(client, container, ASKED)


def test_a_replica_that_wants_more_than_its_quota_is_seen_to_be_throttled(client, replica):
    sample = watched(client, replica(BUSY), lambda sample: sample.throttled_periods)
    assert sample.periods >= sample.throttled_periods > 0
    assert sample.throttled_s > 0
    assert sample.memory_limit_mib == 200
    counted = (sample.connections, sample.voluntary_switches, sample.involuntary_switches)
    assert counted == (None, None, None), "of this machine's kernel, which has no such container"


def test_memory_is_without_the_page_cache_that_can_be_dropped(client, replica):
    """Here it is `inactive_file`, and the usage of the group has it all."""
    container = replica(f"busybox dd if=/dev/zero of=/file bs=1M count={FILE_MIB}; {IDLE}")
    full = FILE_MIB * MIB
    wait_for("the file", lambda: int(kernel(container, "memory.current")) > full, ANSWER_S)
    sample = watched(client, container, lambda _sample: True)
    assert 0 < sample.memory_mib < FILE_MIB / 2


def test_a_container_sees_the_cpu_of_its_own_machine(client, busybox):
    """By when it booted; so what the load generator tells of is the engine's machine."""

    def booted(stat: str) -> int:
        return int(dict(line.split(" ", 1) for line in stat.splitlines())["btime"])

    with running(client, busybox, [*SHELL, IDLE]) as container:
        inside = booted(said_by(container, "cat", "/proc/stat"))
    with running(client, busybox, [*SHELL, IDLE], **GUEST) as guest:
        there = booted(said_by(guest, "cat", "/proc/1/root/proc/stat"))
    here = booted(Path("/proc/stat").read_text())
    assert abs(inside - there) <= 1, "it is reckoned anew each time"
    assert inside > here + 60


def test_a_clock_that_is_ahead_is_known_and_one_that_is_wrong_is_refused(client, busybox):
    offset = compared(client)
    assert offset.seconds == pytest.approx(CLOCK_AHEAD_S, abs=5 + offset.within_s)
    with running(client, busybox, [*SHELL, IDLE], **GUEST) as guest:
        now_s = int(said_by(guest, "date", "+%s"))
        said_by(guest, "date", "-s", f"@{now_s + 10 * int(LARGEST_S)}")
        try:
            with pytest.raises(HostError, match=r"clock of the engine's machine is 6\d\d s ahead"):
                compared(client)
        finally:
            said_by(
                guest, "date", "-s", f"@{int(said_by(guest, 'date', '+%s')) - 10 * int(LARGEST_S)}"
            )
