"""Why a service did not answer, in a sentence that says what to give; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from loadtests.bench.replica_report import ended_with
from loadtests.question import Setting, Target

LOOPBACK = ("127.", "::1")
# A service that waits for something uses next to no CPU; one that is still at work all it gets, or
# what one thread can. In between neither is said: others may have had the CPU.
BUSY_SHARE, IDLE_SHARE = 0.7, 0.1
LEAST_CORES = 0.02  # what looking for what it waits for takes, however little it may use
EXIT_NOT_FOUND = (126, 127)  # of a shell whose command cannot be run, or is not there
Socket = tuple[str, int]  # address and port


@dataclass(frozen=True)
class Listening:
    """Where a container listens, and how the port that is asked takes connections."""

    sockets: tuple[Socket, ...]
    by_ipv4: bool = True
    tls: bool = False


@dataclass(frozen=True)
class Waited:
    """A replica that ran and was not ready when its time was over."""

    setting: Setting
    target: Target
    limit_s: float
    status: int | None = None  # what its health path answered last; None: no HTTP answer
    error: str = ""  # how asking ended otherwise, see loadtests/generator/readiness.py
    listening: Listening | None = None  # None: not known
    cpu_s: float | None = None  # CPU it used since it was started; None: not sampled
    cores: float | None = None  # used of late

    @property
    def is_starting(self) -> bool:
        """Whether it was at work and had not come to listen: it needs time, or more CPU."""
        at_work = self.cores is not None and self.cores >= BUSY_SHARE * self._one_thread
        there = self.listening is not None and self.target.port in self._ports
        return at_work and self.status is None and not there

    @property
    def _one_thread(self) -> float:
        return min(1.0, self.setting.cpus)

    @property
    def _ports(self) -> set[int]:
        return {port for _, port in self.listening.sockets} if self.listening else set()

    @property
    def sentence(self) -> str:
        """Say why it was not ready, and what to give."""
        target = self.target
        if self.status is not None:
            return (
                f"it answers {self.status} ({phrase(self.status)}), so it says itself that it is "
                "not ready; see its log, or give the path that answers once it is (HEALTH_PATH)"
            )
        if self.is_starting:
            return (
                f"it is still starting, with all the CPU it can get: {self.cpu_s:.1f} s of CPU "
                f"time in {self.limit_s:g} s at {self.setting.cpus:g} CPU; give it longer (READY_S)"
            )
        if self.listening is None:
            return (
                f"why is not known; see its log, and give it longer (READY_S), another port (PORT) "
                f"or another path than {target.health_path} (HEALTH_PATH)"
            )
        there = [address for address, port in self.listening.sockets if port == target.port]
        if there:
            return self._on_the_port(there, self.listening)
        return self._elsewhere(self.listening.sockets)

    @property
    def _cpu_of_late(self) -> str:
        if self.cores is None:
            return ""
        if self.cores < max(LEAST_CORES, IDLE_SHARE * self._one_thread):
            return ", and it uses next to no CPU"
        return f", and it used {self.cores:.2g} of its {self.setting.cpus:g} CPU of late"

    def _on_the_port(self, addresses: Sequence[str], listening: Listening) -> str:
        target = self.target
        if all(address.startswith(LOOPBACK) for address in addresses):
            return (
                f"it listens on {addresses[0]} port {target.port} alone, which nobody outside of "
                "the container reaches; let the service listen on 0.0.0.0"
            )
        if not listening.by_ipv4:
            return (
                f"it listens on port {target.port} for IPv6 alone, and is asked by IPv4; let the "
                "service listen on 0.0.0.0, or on :: for both"
            )
        if listening.tls:
            return (
                f"port {target.port} speaks TLS (https), and is asked in plain HTTP; give the port "
                "that takes it (PORT), or let the service do without TLS"
            )
        if self.error == "timeout":
            return (
                f"port {target.port} takes connections, but GET {target.health_path} has no "
                "answer; give it longer to start (READY_S), or the path that answers (HEALTH_PATH)"
            )
        if self.error == "no_http":
            return (
                f"what listens on port {target.port} gives no HTTP answer; give the port of HTTP "
                "(PORT)"
            )
        return f"it began to listen on port {target.port} just now; give it longer (READY_S)"

    def _elsewhere(self, sockets: Sequence[Socket]) -> str:
        if not sockets:
            return (
                f"nothing listens in the container{self._cpu_of_late}: it waits for something it "
                "needs, or is still starting; see its log, or give it longer (READY_S)"
            )
        others = ", ".join(f"{address} port {port}" for address, port in sockets)
        said = (
            f"nothing listens on port {self.target.port} in the container; it listens on {others}"
        )
        reachable = {port for address, port in sockets if not address.startswith(LOOPBACK)}
        if not reachable:
            return f"{said} alone: let the service listen on 0.0.0.0, and give that port (PORT)"
        one = f"={min(reachable)}" if len(reachable) == 1 else "=…"
        return f"{said}: ask with PORT{one}"


def phrase(status: int) -> str:
    """Return what an HTTP status is called."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no status of HTTP's"


def why_it_ended(exit_code: int) -> str:
    """Say how a service ended before it answered, and what to give."""
    how = ended_with(exit_code)
    if exit_code == 0:
        return f"{how}, so its command does not go on serving; give one that does (COMMAND)"
    if exit_code in EXIT_NOT_FOUND:
        return f"{how}, which is a command that cannot be run; give one that can (COMMAND)"
    return (
        f"{how}; give what it asks for: a command (COMMAND), variables (ENVIRONMENT, ENV_FILE) or "
        "files (FILES)"
    )
