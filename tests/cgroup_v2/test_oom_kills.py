"""What is told of containers that run out of memory on a kernel with cgroup v2."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench import cgroup
from loadtests.bench.containers import NETWORK, ensure_network
from loadtests.bench.engine import is_local
from loadtests.bench.host import NOT_REPORTED, describe_host
from loadtests.bench.replica_report import report_replica
from loadtests.bench.sampler import Sampler
from loadtests.bench.start import start
from loadtests.bench.trial import run_trial
from loadtests.errors import KilledAtStartError, NotReadyError
from loadtests.question import Setting
from tests.integration.benches import containers_of, ignore
from tests.running import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.virtual]

LABELS = {"aguanta.test": "oom"}
STARTS_S = 900.0  # close to the limit a start is a matter of chance
ANSWER_S = 400.0
# More than the limit, in one piece and all of it used, once told to.
WAIT = "until [ -e /tmp/go ]; do sleep 1; done"
TAKE = "python3 -c 'x = bytearray(400 << 20)'"
# The module as it is, run beside the kernel it reads.
FOLLOW = """
import sys
file = oom_file(sys.argv[1], int(sys.argv[2]))
print("following", flush=True)
follow(file, lambda counts: print(counts, flush=True))
"""


@contextmanager
def created(
    client: DockerClient, image: str, command: list[str], **more: object
) -> Iterator[Container]:
    """Yield a container that is not started yet; it is removed afterwards."""
    ensure_network(client)
    container = client.containers.create(
        image, entrypoint=command, labels=LABELS, network=NETWORK, **more
    )
    try:
        yield container
    finally:
        container.remove(force=True)


@contextmanager
def running(
    client: DockerClient, image: str, command: list[str], **more: object
) -> Iterator[Container]:
    """Yield a container that was started."""
    with created(client, image, command, **more) as container:
        container.start()
        container.reload()
        yield container


def limited(mib: int) -> dict[str, object]:
    """Return a memory limit, as a replica has it."""
    return {"mem_limit": f"{mib}m", "memswap_limit": f"{mib}m"}


def test_the_engine_is_another_machines_and_nothing_is_taken_from_this_ones_proc(client, images):
    host = describe_host(client)
    assert (host.cgroup_version, host.cpu_model) == ("2", NOT_REPORTED)
    assert not is_local(client)
    with running(client, images["api"], ["sleep", "600"]) as container:
        pid = container.attrs["State"]["Pid"]
        assert pid > 0
        assert not cgroup.runs_here(container.id, pid)
        assert cgroup.oom_counts(container.id, pid) is None


def test_a_limit_with_no_room_to_start_in_is_told_as_a_kill_for_memory(client, busybox):
    """Nothing else could be: neither does the engine say so, nor does its flag."""
    image = busybox("starts", "exit 0")

    def killed() -> str | None:
        with created(client, image, ["/bin/busybox", "true"], **limited(6)) as container:
            try:
                start(container)
            except KilledAtStartError as error:
                return str(error)
        return None

    said = wait_for("a start that is killed", killed, STARTS_S)
    assert "OOM-killed before it began, at its limit of 6 MiB" in said


def test_an_image_that_ends_at_once_with_room_to_spare_is_told_with_its_last_words(bench, busybox):
    here = bench(busybox("ends", "echo no database configured; exit 3"))
    with pytest.raises(NotReadyError, match=r"exit code 3:\nno database configured") as told:
        run_trial(here, Setting(1, 200), 0, ignore)
    assert not isinstance(told.value, KilledAtStartError)
    assert containers_of(here.client, here.store) == []


def test_a_child_killed_by_the_limit_is_counted_as_that_by_docker_stats(client, images):
    """The service goes on without it, as with a server of several workers."""
    sampler = Sampler(client, LABELS, lambda _name: None)
    command = ["sh", "-c", f"{WAIT}; {TAKE}; sleep 600"]
    with running(client, images["api"], command, **limited(100)) as container:
        sampler.watch(container, "replica")
        container.exec_run("touch /tmp/go")
        wait_for("docker stats", lambda: sampler.ooms_at_limit.get(container.name), ANSWER_S)
        wait_for("the event", lambda: "oom" in {e.action for e in sampler.events}, ANSWER_S)
        report = report_replica(client, container, "", sampler)
    sampler.close()
    assert report.running_at_end
    assert report.oom_kills >= 1
    assert report.ooms_at_limit == report.oom_kills


def by_own_limit(client: DockerClient, victim: Container, image: str) -> None:
    """Let a container take more than its limit."""
    victim.exec_run("touch /tmp/go")


def by_the_host(client: DockerClient, victim: Container, image: str) -> None:
    """Let the kernel free memory for the whole machine, as it does when that has run out."""
    victim.exec_run("touch /tmp/go")
    wait_for("the memory to be taken", lambda: b"full" in victim.logs(), ANSWER_S)
    with running(
        client, image, ["sh", "-c", "echo f > /proc/sysrq-trigger"], privileged=True, user="root"
    ) as killer:
        killer.wait()


@pytest.mark.parametrize(
    ("limit_mib", "kill", "says"),
    [
        (100, by_own_limit, "at_limit=1"),
        (1000, by_the_host, "OomCounts(kills=1, at_limit=0)"),
    ],
)
def test_whose_limit_killed_the_last_process_is_read_before_its_cgroup_is_gone(
    client, images, limit_mib, kill: Callable[..., None], says
):
    """An engine may tell of neither: its own reader comes when the counts are gone."""
    program = "x = bytearray(400 << 20); print('full', flush=True); import time; time.sleep(600)"
    command = ["sh", "-c", f'{WAIT}; exec python3 -c "{program}"']
    source = inspect.getsource(cgroup) + FOLLOW
    beside = {
        "privileged": True, "user": "root", "pid_mode": "host", "cgroupns": "host",
    }  # fmt: skip
    with running(client, images["api"], command, **limited(limit_mib)) as victim:
        asked = ["python3", "-c", source, victim.id, str(victim.attrs["State"]["Pid"])]
        with running(client, images["api"], asked, **beside) as reader:
            wait_for("the reader", lambda: b"OomCounts(" in reader.logs(), ANSWER_S)
            kill(client, victim, images["api"])
            assert victim.wait()["StatusCode"] == 137
            reader.wait()
            assert says in reader.logs().decode().splitlines()[-1]
