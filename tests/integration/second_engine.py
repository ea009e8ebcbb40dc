"""A container engine of this test's own, which may be killed and started again.

It has its own network and mount namespaces, so that neither its firewall rules nor its mounts meet
those of the machine's engine; its socket is a file in the test's folder. With process numbers of
its own too, that socket is as one that is forwarded from another machine.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import psutil
from docker import DockerClient
from requests import RequestException

from tests.running import GIVE_UP_S, PROJECT, wait_for

# 198.18.0.0/15 is for measurements (RFC 2544): it is nobody's network.
BRIDGE = "198.18.77.1/24"
POOL = "base=198.18.80.0/20,size=24"
# A pid in that file may belong to a process that ended and was never waited for.
START = 'rm -f /run/engine/containerd/containerd.pid && exec dockerd "$@"'
ROOM = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep infinity"


class SecondEngine:
    """An engine in namespaces that outlive it."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        own_pids: bool = False,
        host_name: str = "",
        in_memory: bool = False,
    ) -> None:
        """Make the namespaces; nothing is started yet. The options are of dockerd.

        in_memory: its images and containers are kept there, which is quicker, and they go with it.
        """
        self._folder, self._options, self._own_pids = folder, options, own_pids
        own = {"--pid": own_pids, "--uts": bool(host_name)}
        self._spaces = ["--net", "--mount", *(space for space, is_own in own.items() if is_own)]
        first_of_all = [f"hostname {host_name}"] if host_name else []
        if in_memory:
            (folder / "data").mkdir()
            first_of_all.append(f"mount -t tmpfs tmpfs {folder}/data")
        room = " && ".join([*first_of_all, ROOM])
        first = ["--fork", "--mount-proc"] if own_pids else []
        self._room = subprocess.Popen(
            ["unshare", *self._spaces, *first, "sh", "-c", room], stdout=subprocess.PIPE, text=True
        )
        assert self._room.stdout is not None
        assert self._room.stdout.readline() == "ready\n"
        started = psutil.Process(self._room.pid)
        self.inhabitant = started.children()[0].pid if own_pids else started.pid
        self._daemon: subprocess.Popen[bytes] | None = None
        self.address = f"unix://{folder}/engine.sock"

    def start(self) -> None:
        """Start the engine and wait until it answers."""
        (self._folder / "engine.pid").unlink(missing_ok=True)
        with (self._folder / "engine.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                [
                    *("nsenter", *self._spaces, "--target", str(self.inhabitant)),
                    *("sh", "-c", START, "dockerd"),
                    *("--data-root", str(self._folder / "data")),
                    *("--exec-root", "/run/engine"),
                    *("--pidfile", str(self._folder / "engine.pid")),
                    *("--host", self.address),
                    *("--bip", BRIDGE),
                    *("--default-address-pool", POOL),
                    *self._options,
                ],
                stdout=log,
                stderr=log,
            )
        wait_for("the second engine", self._answer)

    def _answer(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, (self._folder / "engine.log").read_text()[-2000:]
        with suppress(RequestException), self.client() as client:
            return bool(client.ping())
        return False

    def run(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this engine's namespaces, and return what it said."""
        return subprocess.run(
            ["nsenter", *self._spaces, "--target", str(self.inhabitant), *command],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def client(self) -> Iterator[DockerClient]:
        """Yield a client of this engine."""
        client = docker.DockerClient(base_url=self.address, version="1.41", timeout=int(GIVE_UP_S))
        try:
            yield client
        finally:
            client.close()

    def end(self, how: signal.Signals) -> None:
        """Send the engine a signal and wait for its end."""
        assert self._daemon is not None
        # Into other process numbers nsenter only sends a child, and waits for it.
        nsenter = psutil.Process(self._daemon.pid)
        for daemon in nsenter.children() if self._own_pids else [nsenter]:
            daemon.send_signal(how)
        self._daemon.wait(GIVE_UP_S)

    def lose_power(self) -> None:
        """End the engine and all its containers at once; the namespaces stay."""
        assert self._daemon is not None
        self._kill_inhabitants()
        self._daemon.wait(GIVE_UP_S)

    def _kill_inhabitants(self) -> None:
        for process in self._inhabitants():
            with suppress(psutil.NoSuchProcess):  # gone with another that was killed
                process.kill()

    def _inhabitants(self) -> set[psutil.Process]:
        """Return what an engine runs, and what one that was killed left in its namespace."""
        room = Path(f"/proc/{self.inhabitant}/ns/mnt").readlink()
        found: set[psutil.Process] = set()
        for process in psutil.process_iter():
            with suppress(OSError, psutil.NoSuchProcess):
                is_inside = Path(f"/proc/{process.pid}/ns/mnt").readlink() == room
                if is_inside and process.pid != self.inhabitant:
                    found |= {process, *process.children(recursive=True)}
        return found

    def remove(self) -> None:
        """End the engine, its namespaces and all that is left of its containers."""
        if self._daemon is not None and self._daemon.poll() is None:
            self.end(signal.SIGTERM)
        self._kill_inhabitants()
        self._room.kill()
        self._room.wait()
        shutil.rmtree(self._folder / "data", ignore_errors=True)


@contextmanager
def serving(
    folder: Path, source: DockerClient, image: str, *, own_pids: bool = False
) -> Iterator[SecondEngine]:
    """Have a second engine within the block, with an image of another engine's."""
    engine = SecondEngine(folder, own_pids=own_pids)
    try:
        engine.start()
        load_image(engine, source, image)
        yield engine
    finally:
        engine.remove()


def load_image(engine: SecondEngine, source: DockerClient, name: str) -> None:
    """Copy an image from another engine."""
    with engine.client() as client:
        client.images.load(source.images.get(name).save(named=True))


def can_be_had() -> bool:
    """Say whether this process may start an engine."""
    return os.geteuid() == 0 and all(map(shutil.which, ("dockerd", "unshare", "nsenter", "ip")))
