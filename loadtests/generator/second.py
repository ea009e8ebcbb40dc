"""A second of the load: what one process saw of it, or several together, request by request."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from loadtests.generator.heartbeat import quantile
from loadtests.generator.job import Phase


@dataclass(frozen=True)
class Second:
    """What came of a second, as its line tells it."""

    time_s: float  # its end
    seconds: float  # its true length
    latencies_ms: Sequence[float]  # of the requests that ended; a failure is as slow as the timeout
    failures: int  # of these
    lag_p99_ms: float
    lag_max_ms: float
    cpu_cores: float
    work_us: float | None
    # Of the CPU of one machine, and what others stole of it; of several processes see `Workers`.
    busy_ratio: float | None = None
    steal_ratio: float | None = None
    users: int = 0
    in_flight: int = 0
    connects: int = 0
    # Failures that were noted in it, by the second in which they ended.
    failed: Mapping[int, int] = field(default_factory=dict)

    def line(self, phase: Phase) -> dict[str, Any]:
        """Return it as it is said."""
        rps, latencies = len(self.latencies_ms) / self.seconds, self.latencies_ms
        return {
            "phase": phase,
            "time_s": round(self.time_s, 3),
            "users": self.users,
            "in_flight": self.in_flight,
            "connects": self.connects,
            "rps": round(rps, 2),
            "failures_per_s": round(self.failures / self.seconds, 2),
            "p50_ms": round(quantile(latencies, 0.50), 2) if latencies else None,
            "p95_ms": round(quantile(latencies, 0.95), 2) if latencies else None,
            "lag_p99_ms": round(self.lag_p99_ms, 2),
            "lag_max_ms": round(self.lag_max_ms, 2),
            "cpu_cores": round(self.cpu_cores, 3),
            "work_us": None if self.work_us is None else round(self.work_us, 1),
            "busy_ratio": self.busy_ratio,
            "steal_ratio": self.steal_ratio,
        }


def together(processes: Sequence[Sequence[Second]], last_s: float) -> Second:
    """Return what several processes saw since last_s as one; of each its seconds, in their order.

    Percentiles are of the requests of all of them. Of how they fared themselves the worst counts:
    the busiest and the latest; the CPU's speed is the one in the middle. Of their machines, which
    may be several, nothing is told.
    """
    parts = [second for seconds in processes for second in seconds]
    latest = [seconds[-1] for seconds in processes if seconds]
    time_s = max(part.time_s for part in parts)
    speeds = [part.work_us for part in parts if part.work_us is not None]
    return Second(
        time_s=time_s,
        seconds=time_s - last_s,
        latencies_ms=[ms for part in parts for ms in part.latencies_ms],
        failures=sum(part.failures for part in parts),
        lag_p99_ms=max(part.lag_p99_ms for part in parts),
        lag_max_ms=max(part.lag_max_ms for part in parts),
        cpu_cores=max(part.cpu_cores for part in parts),
        work_us=median(speeds) if speeds else None,
        users=sum(one.users for one in latest),
        in_flight=sum(one.in_flight for one in latest),
        connects=sum(one.connects for one in latest),
        failed=sum((Counter(part.failed) for part in parts), Counter()),
    )
