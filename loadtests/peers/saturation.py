"""Fill one core of a service from another: a closed loop of connections by wrk, without pauses."""

import json
import resource
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.bench import debian
from loadtests.errors import HostError, TrialError
from loadtests.peers.contenders import Contender
from loadtests.peers.rounds import Say

SCRIPT = Path(__file__).parent / "load" / "penguins.lua"
CONNECTIONS = 64
TIMEOUT_S = 10  # of one request
SENDER_FULL = 0.9  # of its core; above it the sender is what was measured


@dataclass(frozen=True)
class Saturation:
    """What wrk saw, and what it took itself."""

    requests: int  # answered
    duration_s: float
    p50_ms: float
    p99_ms: float
    refused: int  # answered with a status of an error
    broken: int  # connections and requests that failed otherwise
    sender_cores: float

    @property
    def rps(self) -> float:
        """Answers a second."""
        return self.requests / self.duration_s

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know of it."""
        notes = {
            "requests broke off while it was filled": self.broken > 0,
            "the sender was at its own limit, so it may do more": self.sender_cores > SENDER_FULL,
        }
        return tuple(note for note, is_so in notes.items() if is_so)


def ensure_wrk(say: Say) -> None:
    """Find, or install, wrk and taskset; raises HostError where neither is possible."""
    if shutil.which("wrk") and shutil.which("taskset"):
        return
    if not debian.is_debian_root():
        raise HostError("the load needs wrk, and taskset of util-linux; put them on the PATH")
    say("Installing Debian's wrk")
    debian.install("wrk", "util-linux")


def saturate(contender: Contender, address: str, cpu: int, seconds: int) -> Saturation:
    """Put CONNECTIONS on a service for so long, sent from one CPU.

    Raises TrialError where wrk tells nothing.
    """
    with TemporaryDirectory(prefix="aguanta-") as folder:
        bodies = Path(folder) / "bodies"
        bodies.write_text("\n".join(contender.bodies) + "\n")
        command = [
            "taskset", "-c", str(cpu), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
            "--timeout", f"{TIMEOUT_S}s", "-s", str(SCRIPT),
            f"http://{address}:{contender.port}", contender.path, str(bodies),
        ]  # fmt: skip
        began_s, used_s = time.monotonic(), _children_s()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        passed_s = time.monotonic() - began_s
        sender_cores = (_children_s() - used_s) / passed_s
    return read_result(done.stdout.splitlines(), sender_cores, done.stderr)


def read_result(lines: Sequence[str], sender_cores: float, complaint: str) -> Saturation:
    """Return what the script's last line says; raises TrialError where there is none."""
    told = [line for line in lines if line.startswith("{")]
    if not told:
        raise TrialError(f"wrk told nothing: {' '.join([*lines, complaint])[-300:]}")
    found = json.loads(told[-1])
    return Saturation(
        found["requests"],
        found["duration_us"] / 1e6,
        found["p50_us"] / 1e3,
        found["p99_us"] / 1e3,
        found["refused"],
        found["broken"],
        round(sender_cores, 3),
    )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
