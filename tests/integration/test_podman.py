"""podman's socket in place of Docker's: what of this project works with it, and what does not.

The service is Locust's own web page, since one image is enough for this.
"""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from docker import DockerClient
from docker.errors import DockerException

from loadtests.analysis.evidence import Evidence
from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.debian import install, is_debian_root
from loadtests.bench.engine import EngineClient
from loadtests.bench.granted import Limits, refuse_other_limits
from loadtests.bench.live import limit_cpus
from loadtests.bench.trial import run_trial
from loadtests.errors import EngineError, HostError
from loadtests.question import Setting
from tests.integration.benches import bench_at, containers_of, ignore
from tests.running import process, wait_for

WEB_PAGE = {"port": 8089, "health_path": "/"}
GIVEN = Setting(0.5, 300)
# As `make engine` does with Docker: some seconds.
PACKAGES = ("podman", "netavark", "aardvark-dns", "runc")
# podman asks for a million processes for each container, which a root may have been denied.
RUNTIME = """#!/usr/bin/env python3
import json, os, resource, sys
from pathlib import Path

if "--bundle" in sys.argv:
    file = Path(sys.argv[sys.argv.index("--bundle") + 1]) / "config.json"
    config = json.loads(file.read_text())
    for limit in config["process"].get("rlimits", []):
        most = resource.getrlimit(getattr(resource, limit["type"]))[1]
        limit["hard"], limit["soft"] = min(limit["hard"], most), min(limit["soft"], most)
    file.write_text(json.dumps(config))
os.execvp("runc", ["runc", *sys.argv[1:]])
"""
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(
        shutil.which("podman") is None and not is_debian_root(), reason="needs podman, as root"
    ),
]


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    """A folder for what podman keeps while it runs, whose path may have 50 letters at most."""
    with TemporaryDirectory(prefix="podman-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def podman(
    client: DockerClient, generator_image: str, tmp_path_factory, short_folder
) -> Iterator[DockerClient]:
    """podman behind a socket of this test's own, with the generator's image."""
    if shutil.which("podman") is None:
        install(*PACKAGES)
    folder: Path = tmp_path_factory.mktemp("podman")
    socket, runtime = f"unix://{folder}/podman.sock", folder / "runc-with-what-there-is"
    runtime.write_text(RUNTIME)
    runtime.chmod(0o755)
    command = [
        *("podman", "--root", str(folder / "root"), "--runroot", str(short_folder)),
        *("--network-config-dir", str(folder / "networks"), "--network-backend", "netavark"),
        *("--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", str(runtime)),
        *("system", "service", "--time", "0", socket),
    ]
    with process(command, folder / "podman.log") as service:

        def answer() -> DockerClient | None:
            assert service.poll() is None, (folder / "podman.log").read_text()
            try:
                return EngineClient(base_url=socket)
            except DockerException:
                return None

        here = wait_for("podman", answer)
        here.images.load(client.images.get(generator_image).save(named=True))
        yield here
        here.close()
    # podman binds its layers to their own place, and leaves that when it ends.
    subprocess.run(["umount", str(folder / "root" / "overlay")], check=False)


def test_a_trial_runs_and_leaves_nothing(podman, generator_image, tmp_path):
    """Load, limits, memory, what the host does and when: as with Docker."""
    with bench_at(podman, tmp_path, generator_image, image=generator_image, **WEB_PAGE) as bench:
        evidence = Evidence.read(run_trial(bench, GIVEN, 0, ignore))
        assert containers_of(podman, bench.store) == []
    trial = evidence.trial
    (replica,) = trial.replicas
    assert trial.generator.users_reached == 60
    assert len(evidence.requests) > 60
    assert (replica.running_at_end, replica.memory_peak_mib > 0) == (True, True)
    assert set(evidence.docker_stats["memory_limit_mib"].dropna()) >= {float(GIVEN.memory_mib)}
    assert (evidence.host["busy_ratio"] > 0).any()
    assert trial.clock_offset_s == pytest.approx(0, abs=1)
    assert {"create", "start"} <= {event.action for event in trial.events}
    assert replica.periods is None, "podman does not report throttling: none is made up"


def test_limits_are_read_back(podman, generator_image):
    names = Names(secrets.token_hex(8), secrets.token_hex(32))
    containers.ensure_network(podman)
    container = containers.create_replica(podman, names, 1, GIVEN, generator_image, 1024)
    try:
        container.start()
        container.reload()
        refuse_other_limits(podman, container, Limits.asked(GIVEN, None))
        with pytest.raises(HostError, match=r"CPU 0.25 cores asked, 0.5 cores granted"):
            refuse_other_limits(podman, container, Limits.asked(Setting(0.25, 300), None))
        if podman.version()["Version"].startswith("4."):
            with pytest.raises(EngineError, match=r"no CPU limit of a running .* SETTINGS='\[\["):
                limit_cpus(container, 0.25)
    finally:
        container.remove(force=True)
