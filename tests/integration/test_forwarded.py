"""A local socket that leads to an engine elsewhere: nothing is taken from this machine's /proc.

The engine is a real one, started here, with process numbers of its own, as behind a forwarded
socket. Locust's own web page is the service, since one image is enough for this.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker import DockerClient
from docker.models.containers import Container

from loadtests.analysis.evidence import Evidence
from loadtests.bench import cgroup
from loadtests.bench.engine import is_local
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from tests.evidence_log import log_case
from tests.integration.benches import bench_at, ignore
from tests.integration.second_engine import SecondEngine, can_be_had, serving

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not can_be_had(), reason="a second engine needs root and dockerd"),
]

SLEEP = ["python3", "-c", "import time; time.sleep(3600)"]
WEB_PAGE = {"port": 8089, "health_path": "/"}
NUMBERS = 300  # more than an engine uses up to start a container


@pytest.fixture(scope="module")
def engine(client, generator_image, tmp_path_factory) -> Iterator[SecondEngine]:
    """An engine that is not this machine's, with the generator's image."""
    folder = tmp_path_factory.mktemp("engine")
    with serving(folder, client, generator_image, own_pids=True) as engine:
        yield engine


@pytest.fixture
def forwarded(engine) -> Iterator[DockerClient]:
    """Its client, by a socket that is this machine's."""
    with engine.client() as client:
        yield client


@pytest.fixture
def numbers_taken(engine) -> Iterator[None]:
    """Let the engine's next processes have numbers that tasks of this machine have too.

    Threads are numbered as processes are, and /proc has them.
    """
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, daemon=True) for _ in range(NUMBERS)]
    for thread in threads:
        thread.start()
    first = min(thread.native_id for thread in threads)
    try:
        last = f"echo {first - 1} > /proc/sys/kernel/ns_last_pid"
        assert engine.run(["sh", "-c", last], os.environ).returncode == 0
        yield
    finally:
        done.set()


@contextmanager
def sleeping(client: DockerClient, image: str) -> Iterator[tuple[Container, int]]:
    """Yield a running container and its process's number, as its engine has it."""
    container = client.containers.create(image, entrypoint=SLEEP, command=[])
    try:
        container.start()
        container.reload()
        yield container, int(container.attrs["State"]["Pid"])
    finally:
        container.remove(force=True)


def test_a_container_of_this_machines_engine_runs_here(client, generator_image):
    with sleeping(client, generator_image) as (container, pid):
        assert is_local(client)
        assert cgroup.runs_here(container.id, pid)
        assert cgroup.oom_counts(container.id, pid).kills == 0


def test_a_container_behind_a_forwarded_socket_does_not_though_its_number_is_here(
    forwarded, numbers_taken, generator_image
):
    with sleeping(forwarded, generator_image) as (container, pid):
        assert is_local(forwarded), "by its address it could"
        assert (cgroup.PROC / str(pid) / "cgroup").read_text(), "somebody else's"
        assert not cgroup.runs_here(container.id, pid)
        assert cgroup.oom_counts(container.id, pid) is None


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_cpu_of_the_containers_machine_is_recorded_wherever_they_run(
    client, forwarded, generator_image, tmp_path, where
):
    """The load generator sees it; what this machine's kernel knows of containers stays out."""
    engine = client if where == "here" else forwarded
    with bench_at(engine, tmp_path, generator_image, image=generator_image, **WEB_PAGE) as bench:
        evidence = Evidence.read(run_trial(bench, Setting(1, 300), 0, ignore))
    stats = evidence.docker_stats
    counted = bool(stats.loc[stats["role"] == "replica", "connections"].notna().any())
    right = len(evidence.host) > 0 and counted is (where == "here")
    said = (
        f"CPU of the containers' machine {'' if len(evidence.host) else 'not '}recorded; "
        f"connections {'counted' if counted else 'not reported'}"
    )
    log_case("fault", "forwarded socket", f"containers run {where}", said, right)
    assert right, said
    assert stats["cpu_cores"].notna().all(), "the engine tells of its containers"
