"""An engine that is reached by ssh: a real ssh server with keys of its own, on loopback."""

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.bench.debian import install, is_debian_root
from loadtests.bench.engine import connect, is_local
from loadtests.bench.trial import run_trial
from loadtests.errors import EngineError
from loadtests.question import Setting
from tests.integration.benches import bench_at, containers_of, ignore
from tests.running import free_ports, process, wait_for

SYSTEMD = Path("/run/systemd/system")  # it would start a server for everybody
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(
        shutil.which("sshd") is None and (not is_debian_root() or SYSTEMD.is_dir()),
        reason="needs sshd (openssh-server), and ssh",
    ),
]

SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/let_in
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""
# Of the client, whose home is somebody's own.
CLIENT = """
IdentityFile {folder}/mine
IdentitiesOnly yes
UserKnownHostsFile {folder}/known
BatchMode yes
"""


@dataclass(frozen=True)
class Server:
    """A server of ssh, and what this machine knows of it."""

    folder: Path
    address: str

    def let_in(self, key: str) -> None:
        """Let in whoever has that key."""
        shutil.copy(self.folder / f"{key}.pub", self.folder / "let_in")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """It runs, and knows one key."""
    if shutil.which("sshd") is None:
        install("openssh-server")
    folder, port = tmp_path_factory.mktemp("ssh"), free_ports()
    for name in ("host", "mine", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    host_key = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host_key}")
    (folder / "server").write_text(SERVER.format(port=port, folder=folder))
    (folder / "client").write_text(CLIENT.format(folder=folder))
    ours = folder / "bin" / "ssh"
    ours.parent.mkdir()
    ours.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/client "$@"\n')
    ours.chmod(0o755)
    Path("/run/sshd").mkdir(exist_ok=True)  # where it keeps itself apart
    command = [str(shutil.which("sshd")), "-D", "-e", "-f", str(folder / "server")]
    with process(command, folder / "server.log") as sshd:
        log = folder / "server.log"

        def listens() -> bool:
            assert sshd.poll() is None, log.read_text()
            return "Server listening" in log.read_text()

        wait_for("the ssh server", listens)
        yield Server(folder, f"ssh://root@127.0.0.1:{port}")


@pytest.fixture
def reached(server, monkeypatch) -> Server:
    """DOCKER_HOST names this machine's engine by way of ssh."""
    server.let_in("mine")
    monkeypatch.setenv("PATH", f"{server.folder / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", server.address)
    return server


def ways_open() -> list[psutil.Process]:
    """Return the processes by which this one speaks to other machines, of answers still in use."""
    gc.collect()  # an answer that was streamed refers to itself
    return [
        child
        for child in psutil.Process().children()
        if child.name() == "ssh" and child.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_trial_runs_by_way_of_ssh_and_leaves_nothing_on_either_side(
    reached, client, generator_image, tmp_path
):
    remote = connect()
    assert not is_local(remote), "nothing is taken from this machine's /proc"
    with bench_at(
        remote, tmp_path, generator_image, image=generator_image, port=8089, health_path="/"
    ) as bench:
        evidence = Evidence.read(run_trial(bench, Setting(0.5, 300), 0, ignore))
        assert containers_of(client, bench.store) == []
    remote.close()
    assert len(evidence.requests) > 0
    assert evidence.docker_stats["cpu_cores"].notna().all()
    assert (evidence.host["busy_ratio"] > 0).any()
    wait_for("the ends of ssh", lambda: not ways_open())


def test_an_image_is_built_there(reached, client, generator_image, tmp_path):
    (tmp_path / "Dockerfile").write_text(f"FROM {generator_image}\nLABEL aguanta.test=ssh\n")
    remote = connect()
    image, _ = remote.images.build(path=str(tmp_path), rm=True, forcerm=True)
    remote.close()
    try:
        assert client.images.get(image.id).labels["aguanta.test"] == "ssh"
    finally:
        client.images.remove(image.id)


def test_a_key_that_is_not_let_in_is_refused_with_what_to_try(reached):
    reached.let_in("other")
    with pytest.raises(EngineError) as refused:
        connect()
    said = str(refused.value)
    assert said.startswith(f"no container engine answers at {reached.address} (")
    assert f"see that `ssh {reached.address} docker version` answers" in said
    wait_for("the ends of ssh", lambda: not ways_open())
