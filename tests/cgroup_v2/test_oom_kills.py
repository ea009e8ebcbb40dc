"""What is told of containers that run out of memory on a kernel with cgroup v2."""

import inspect
from collections.abc import Callable

import pytest
from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.engine import is_local
from loadtests.bench.host import NOT_REPORTED, describe_host
from loadtests.bench.replica_report import exit_code_of, last_words_of, report_replica
from loadtests.bench.sampler import Sampler
from loadtests.bench.start import start
from loadtests.errors import KilledAtStartError, QuestionError
from loadtests.units import MIB
from tests.cgroup_v2.inside import (
    ANSWER_S,
    GUEST,
    LABELS,
    ON_GUEST,
    SHELL,
    created,
    limited,
    running,
)
from tests.running import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.virtual]

STARTS_S = 900.0  # close to the limit a start is a matter of chance
# One piece of memory, all of it used and used again, once it is told to.
TAKE = "until [ -e /go ]; do busybox sleep 1; done; {} busybox dd if=/dev/zero of=/dev/null bs=400M"
GO = "/bin/busybox touch /go"
# The module as it is, run beside the kernel that it reads.
FOLLOW = """
import sys
file = oom_file(sys.argv[1], int(sys.argv[2]))
follow(file, lambda counts: print(counts, flush=True))
"""


def test_the_engine_is_another_machines_and_nothing_is_taken_from_this_ones_proc(client, busybox):
    host = describe_host(client)
    assert (host.cgroup_version, host.cpu_model) == ("2", NOT_REPORTED)
    assert not is_local(client)
    with running(client, busybox, [*SHELL, "busybox sleep 600"]) as container:
        pid = container.attrs["State"]["Pid"]
        assert pid > 0
        assert not cgroup.runs_here(container.id, pid)
        assert cgroup.oom_counts(container.id, pid) is None


def test_a_limit_with_no_room_to_start_in_is_told_as_a_kill_for_memory(client, busybox):
    """Nothing else could be: neither does the engine say so, nor does its flag."""

    def killed() -> str | None:
        with created(client, busybox, ["/bin/busybox", "true"], **limited(6)) as container:
            try:
                start(container)
            except KilledAtStartError as error:
                return str(error)
        return None

    said = wait_for("a start that is killed", killed, STARTS_S)
    assert "OOM-killed before it began, at its limit of 6 MiB" in said


def test_a_wrong_command_is_told_as_that_whatever_the_room(client, busybox):
    with (
        created(client, busybox, ["oom-killer"], **limited(200)) as container,
        pytest.raises(QuestionError, match='"oom-killer": executable file not found'),
    ):
        start(container)


def test_an_image_that_ends_at_once_with_room_to_spare_is_told_with_its_last_words(client, busybox):
    sampler = Sampler(client, LABELS, lambda _name: None)
    command = [*SHELL, "echo no database configured; exit 3"]
    with created(client, busybox, command, **limited(200)) as container:
        start(container)
        container.wait()
        said = exit_code_of(container), last_words_of(container)
        report = report_replica(client, container, "", sampler)
    sampler.close()
    assert said == (3, "no database configured")
    assert (report.exit_code, report.oom_kills, report.ooms_at_limit) == (3, 0, None)


def test_a_child_killed_by_the_limit_is_counted_as_that_by_docker_stats(client, busybox):
    """The service goes on without it, as with a server of several workers."""
    sampler = Sampler(client, LABELS, lambda _name: None)
    command = [*SHELL, f"{TAKE.format('')}; busybox sleep 6000"]
    with running(client, busybox, command, **limited(100)) as container:
        sampler.watch(container, "replica")
        container.exec_run(GO)
        wait_for("docker stats", lambda: sampler.ooms_at_limit.get(container.name), ANSWER_S)
        wait_for("the event", lambda: "oom" in {e.action for e in sampler.events}, ANSWER_S)
        report = report_replica(client, container, "", sampler)
    sampler.close()
    assert report.running_at_end
    assert (report.oom_kills, report.ooms_at_limit) == (1, 1)


def by_its_limit(_client: DockerClient, victim: Container, _image: str) -> None:
    """Wait for the kernel to find that a container takes more than it may."""


def by_the_host(client: DockerClient, victim: Container, image: str) -> None:
    """Have the kernel free memory for the whole machine, as it does when that has run out."""
    full = 400 * MIB
    wait_for(
        "the memory to be taken",
        lambda: client.api.stats(victim.id, stream=False)["memory_stats"]["usage"] > full,
        ANSWER_S,
    )
    with running(client, image, [*SHELL, "echo f > /proc/sysrq-trigger"], **GUEST) as killer:
        killer.wait()


@pytest.mark.parametrize(
    ("limit_mib", "kill", "at_limit"), [(100, by_its_limit, 1), (1000, by_the_host, 0)]
)
def test_whose_limit_killed_the_last_process_is_read_before_its_cgroup_is_gone(
    client, busybox, limit_mib, kill: Callable[..., None], at_limit
):
    """The engine's events, where there are any, say the same of both."""
    command = [*SHELL, TAKE.format("exec")]
    with running(client, busybox, command, **limited(limit_mib)) as victim:
        asked = [victim.id, str(victim.attrs["State"]["Pid"])]
        read = [*ON_GUEST, "python3", "-c", inspect.getsource(cgroup) + FOLLOW, *asked]
        with running(client, busybox, read, **GUEST) as reader:
            wait_for("the reader", lambda: b"kills=0, at_limit=0" in reader.logs(), ANSWER_S)
            victim.exec_run(GO)
            kill(client, victim, busybox)
            assert victim.wait()["StatusCode"] == 137
            reader.wait()
            assert f"at_limit={at_limit})" in reader.logs().decode().splitlines()[-1]
            assert at_limit or b"kills=1" in reader.logs()
