"""Free ports, processes that end with their test, and waiting for a state instead of a while."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

PROJECT = Path(__file__).parents[1]
GIVE_UP_S = 180.0

Result = TypeVar("Result")


def free_ports(count: int = 1) -> int:
    """Return the first of `count` ports in a row on which nobody listens."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        if first + count <= 65536 and all(_is_free(first + n) for n in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def wait_for(what: str, look: Callable[[], Result | None], give_up_s: float = GIVE_UP_S) -> Result:
    """Return the first answer of `look` that is not empty, None or false; fail when none comes."""
    deadline = time.monotonic() + give_up_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"waited {give_up_s:g} s in vain for {what}")


def for_long_enough(
    run: Callable[[float], Result], is_enough: Callable[[Result], bool], seconds: Sequence[float]
) -> Result:
    """Run for some seconds, and for more where a machine that stalled let too little be made."""
    for each in seconds:
        made = run(each)
        if is_enough(made):
            break
    return made


@contextmanager
def process(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the project's folder, its output in `log`; it ends with its children."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield started
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    """End what `process` started and all it started in turn, asking first."""
    ours = psutil.Process(started.pid).children(recursive=True) if started.poll() is None else []
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGTERM)  # the session of this one command
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.wait(30)
    deadline = time.monotonic() + 30
    while any(_alive(child) for child in ours) and time.monotonic() < deadline:
        time.sleep(0.1)
    for child in filter(_alive, ours):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    if started.poll() is None:
        started.kill()
        started.wait()


def _alive(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python …` as a person would, and return what it said."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def make(
    *targets: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `make …` to its end and return what it said."""
    return subprocess.run(
        make_command(*targets),
        cwd=PROJECT,
        env=os.environ | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def make_command(*targets: str) -> list[str]:
    """Return the command that makes targets with this Python; its packages and the model stay."""
    kept = ("-o", f"{sys.prefix}/.aguanta-ready", "-o", "service/model/model.json")
    return ["make", "--no-print-directory", *kept, f"ENV={sys.prefix}", *targets]
