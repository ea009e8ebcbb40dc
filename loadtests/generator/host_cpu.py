"""How busy, and how robbed by its neighbours, the CPU of the generator's machine is.

A container sees its machine's own counters, so they are those of the machine that runs the service,
wherever its engine is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CpuTimes:
    """The first line of /proc/stat, in ticks over all CPUs (man 5 proc_stat)."""

    total: int
    idle: int
    steal: int

    @classmethod
    def read(cls, path: Path = Path("/proc/stat")) -> "CpuTimes | None":
        """Read it now; None where there is no such file."""
        try:
            fields = [int(f) for f in path.read_text().splitlines()[0].split()[1:9]]
        except OSError:
            return None
        _user, _nice, _system, idle, iowait, _irq, _softirq, steal = fields
        return cls(total=sum(fields), idle=idle + iowait, steal=steal)

    def since(self, before: "CpuTimes") -> tuple[float, float]:
        """Return the shares of all CPU time that were busy and stolen since `before`."""
        total = self.total - before.total
        steal = self.steal - before.steal
        busy = total - (self.idle - before.idle) - steal
        return busy / max(1, total), steal / max(1, total)


class HostCpu:
    """Shares of the machine's CPU, from one look to the next."""

    def __init__(self, read: Callable[[], CpuTimes | None] = CpuTimes.read) -> None:
        """Look for the first time."""
        self._read, self._last = read, read()

    def take(self) -> dict[str, float | None]:
        """Return busy_ratio and steal_ratio since the last look; None where nothing is told."""
        before, self._last = self._last, self._read()
        if before is None or self._last is None:
            return {"busy_ratio": None, "steal_ratio": None}
        busy, steal = self._last.since(before)
        return {"busy_ratio": round(busy, 4), "steal_ratio": round(steal, 4)}
