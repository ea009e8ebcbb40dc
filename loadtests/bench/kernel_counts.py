"""What the kernel counts for a container's threads and connections, where it is this machine's.

Read once a second: a small file a thread, and two of the container's network. What cannot be read
is None, "not reported".
"""

from dataclasses import dataclass, field
from pathlib import Path

from loadtests.bench.cgroup import PROC, folders

SWITCHES = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")  # proc(5), /proc/pid/status
# Sockets of TCP in use in a network namespace, those that listen included (man 5 proc, sockstat).
SOCKSTATS = (("sockstat", "TCP:"), ("sockstat6", "TCP6:"))


@dataclass(frozen=True)
class KernelCounts:
    """Counts at one moment; switches since the container's start, of every thread seen so far."""

    connections: int | None = None  # TCP sockets in use, those that listen included
    voluntary_switches: int | None = None  # times a thread had nothing to do and waited
    involuntary_switches: int | None = None  # times a thread had to stop though it had work


@dataclass
class KernelCounter:
    """Counts for one running container."""

    pid: int  # of its first process
    threads: Path | None  # the file that lists its threads; None: not found
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, container_id: str, pid: int) -> "KernelCounter":
        """Find what lists a container's threads, under either version of cgroups."""
        return cls(pid, _threads_file(container_id, pid))

    def read(self) -> KernelCounts:
        """Return the counts now; what a thread counted before it ended is kept."""
        try:
            threads = [] if self.threads is None else self.threads.read_text().split()
        except OSError:
            threads = []
        for thread in threads:
            counted = _switches(thread)
            if counted is not None:
                self._seen[thread] = counted
        if not self._seen:
            return KernelCounts(self._connections())
        voluntary, involuntary = (sum(each) for each in zip(*self._seen.values(), strict=True))
        return KernelCounts(self._connections(), voluntary, involuntary)

    def _connections(self) -> int | None:
        """Return how many TCP sockets its network namespace has in use."""
        total: int | None = None
        for name, protocol in SOCKSTATS:
            try:
                text = (PROC / str(self.pid) / "net" / name).read_text()
            except OSError:
                continue
            for line in text.splitlines():
                words = line.split()
                if words[:2] == [protocol, "inuse"]:
                    total = (total or 0) + int(words[2])
        return total


def _threads_file(container_id: str, pid: int) -> Path | None:
    files = (
        folder / ("cgroup.threads" if unified else "tasks")
        for folder, unified in folders(container_id, pid, "memory")
    )
    return next((file for file in files if file.exists()), None)


def _switches(thread: str) -> tuple[int, int] | None:
    """Return a thread's voluntary and involuntary switches; None: it has ended."""
    try:
        lines = (PROC / thread / "status").read_text().splitlines()
    except OSError:
        return None
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    if not all(name in told for name in SWITCHES):
        return None
    voluntary, involuntary = (int(told[name]) for name in SWITCHES)
    return voluntary, involuntary
