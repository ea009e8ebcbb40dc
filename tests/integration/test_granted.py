"""Limits that a replica was really given, read back from a real engine and its kernel."""

import secrets
from collections.abc import Iterator

import pytest
from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench import cgroup, containers, replicas
from loadtests.bench.containers import Names
from loadtests.bench.granted import Limits, of_engine, refuse_other_limits
from loadtests.bench.trial import run_trial
from loadtests.errors import HostError
from loadtests.question import Setting
from tests.integration import second_engine
from tests.integration.benches import bench_at, containers_of, ignore

pytestmark = pytest.mark.docker

GIVEN = Setting(0.5, 200)
ASKED = Limits.asked(GIVEN, None)
QUOTA_FILES = {"cpu.max": "max 100000", "cpu.cfs_quota_us": "-1"}  # of cgroup v2, of version 1


def create(client: DockerClient, image: str, **how: str) -> Container:
    """Create a replica of 0.5 CPU and 200 MiB."""
    names = Names(secrets.token_hex(8), secrets.token_hex(32))
    return containers.create_replica(client, names, 1, GIVEN, image, 1024, **how)


@pytest.fixture
def replica(client: DockerClient, generator_image: str) -> Iterator[Container]:
    """It runs, and does nothing: Locust's own web page."""
    containers.ensure_network(client)
    container = create(client, generator_image)
    try:
        container.start()
        container.reload()
        yield container
    finally:
        container.remove(force=True)


def refused(client: DockerClient, container: Container, asked: Limits) -> str:
    """Return what is said of limits that were not given."""
    container.reload()
    with pytest.raises(HostError, match="did not get the limits of its setting") as told:
        refuse_other_limits(client, container, asked)
    return str(told.value)


def test_limits_as_asked_are_those_of_the_kernel(client, replica):
    assert cgroup.runs_here(replica.id, replica.attrs["State"]["Pid"])
    refuse_other_limits(client, replica, ASKED)


def test_a_replica_kept_to_a_cpu_has_no_quota(client, generator_image):
    container = create(client, generator_image, cpuset="0")
    try:
        container.start()
        container.reload()
        refuse_other_limits(client, container, Limits.asked(GIVEN, "0"))
        said = refused(client, container, ASKED)
    finally:
        container.remove(force=True)
    assert "CPU 0.5 cores asked, no limit granted" in said
    assert "the CPUs it is kept to any asked, 0 granted" in said


def test_each_limit_that_is_another_is_named(client, replica):
    said = refused(client, replica, Limits.asked(Setting(0.25, 100), None))
    assert "CPU 0.25 cores asked, 0.5 cores granted" in said
    assert "memory 100 MiB asked, 200 MiB granted" in said


def test_what_somebody_changed_with_docker_update_is_seen(client, replica):
    replica.update(cpu_quota=25_000, mem_limit="100m", memswap_limit="100m")
    said = refused(client, replica, ASKED)
    assert "CPU 0.5 cores asked, 0.25 cores granted" in said
    assert "memory 200 MiB asked, 100 MiB granted" in said


def test_a_limit_that_the_kernel_does_not_hold_is_seen_though_the_engine_believes_in_it(
    client, replica
):
    pid = replica.attrs["State"]["Pid"]
    (file,) = (
        folder / name
        for folder, _ in cgroup.folders(replica.id, pid, "cpu")
        for name in QUOTA_FILES
        if (folder / name).exists()
    )
    file.write_text(QUOTA_FILES[file.name])
    said = refused(client, replica, ASKED)
    assert of_engine(replica).cpus == 0.5
    assert "CPU 0.5 cores asked, no limit granted" in said


@pytest.mark.skipif(not second_engine.can_be_had(), reason="needs root, and dockerd")
def test_an_engine_without_root_that_limits_nothing_is_refused(client, generator_image, tmp_path):
    """It names the limits as if it had taken them on, and its kernel knows of none.

    On a machine with cgroup v1, where such an engine has no cgroups at all.
    """
    engine = second_engine.SecondEngine(tmp_path, "--rootless", in_memory=True)
    try:
        engine.start()
        second_engine.load_image(engine, client, generator_image)
        with (
            engine.client() as rootless,
            bench_at(
                rootless,
                tmp_path,
                generator_image,
                image=generator_image,
                port=8089,
                health_path="/",
            ) as here,
        ):
            if rootless.info()["CgroupDriver"] != "none":
                pytest.skip("cgroups are of version 2 here")
            with pytest.raises(HostError, match="did not get the limits") as told:
                run_trial(here, GIVEN, 0, ignore)
            assert here.store.keys() == []
            assert containers_of(rootless, here.store) == []
    finally:
        engine.remove()
    said = str(told.value)
    assert "CPU 0.5 cores asked, no limit granted" in said
    assert "memory 200 MiB asked, no limit granted" in said
    assert "Running in rootless-mode without cgroups" in said


def test_a_trial_is_refused_before_its_load_and_leaves_nothing(
    client, generator_image, bench, monkeypatch
):
    """Somebody runs `docker update` after the replica was created."""

    def created(*given):
        container = create_replica(*given)
        container.update(cpu_quota=100_000)
        return container

    create_replica = containers.create_replica
    monkeypatch.setattr(replicas, "create_replica", created)
    here, ticks = bench(image=generator_image, port=8089, health_path="/"), []
    with pytest.raises(HostError, match=r"CPU 0.5 cores asked, 1 cores granted"):
        run_trial(here, GIVEN, 0, ticks.append)
    assert ticks == []
    assert here.store.keys() == []
    assert containers_of(client, here.store) == []
    monkeypatch.undo()
    assert run_trial(here, GIVEN, 0, ignore).is_dir()
