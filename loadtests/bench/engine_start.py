"""Install and start a Docker engine where none answers and we may: root on Debian or Ubuntu."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from docker import DockerClient

from loadtests.bench.debian import install, is_debian_root
from loadtests.bench.engine import DEFAULT_ADDRESS, connect, engine_address
from loadtests.errors import EngineError

Say = Callable[[str], None]

PID_FILE = Path("/var/run/docker.pid")
LOG_FILE = Path("/var/log/aguanta-dockerd.log")
START_LIMIT_S = 60.0


def ensure_engine(say: Say) -> DockerClient:
    """Return a client of the engine, installing and starting one where that is possible.

    Raises EngineError, saying what to do, where it is not.
    """
    try:
        return connect()
    except EngineError:
        if engine_address() != DEFAULT_ADDRESS or not is_debian_root():
            raise
    if shutil.which("dockerd") is None:
        say("No Docker engine here: installing Debian's docker.io (about 20 s)")
        install("docker.io")
    say("Starting the Docker engine")
    _start()
    return _await_engine()


def _start() -> None:
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "start", "docker"], check=True)
        return
    _remove_stale_pid_file()
    with LOG_FILE.open("ab") as log:
        subprocess.Popen(
            ["dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # it is the machine's engine from now on, not this process's
        )


def _remove_stale_pid_file() -> None:
    """Remove the pid file of an engine that was killed; a new one would refuse to start."""
    try:
        pid = int(PID_FILE.read_text())
    except (OSError, ValueError):
        return
    try:
        running = Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd"
    except OSError:
        running = False
    if not running:
        PID_FILE.unlink(missing_ok=True)


def _await_engine() -> DockerClient:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            return connect()
        except EngineError as error:
            if time.monotonic() > deadline:
                where = f"; its log is {LOG_FILE}" if LOG_FILE.exists() else ""
                raise EngineError(
                    f"the engine did not answer within {START_LIMIT_S:g} s of its start{where}"
                ) from error
            time.sleep(0.3)
