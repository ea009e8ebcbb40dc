"""The line a second: what users, service and generator did since the last one."""

from collections.abc import Callable, Sequence
from typing import Any

from loadtests.generator.clock import Clock
from loadtests.generator.cpu import cpu_seconds
from loadtests.generator.heartbeat import quantile
from loadtests.generator.host_cpu import CpuTimes, HostCpu
from loadtests.generator.job import Phase
from loadtests.generator.journal import Ended

TICK_S = 1.0


class Ticks:
    """When a second is over, and what came of it."""

    def __init__(
        self,
        clock: Clock,
        timeout_s: float,
        used_s: Callable[[], float] = cpu_seconds,
        host: Callable[[], CpuTimes | None] = CpuTimes.read,
    ) -> None:
        """Count the first second from now; a failure is shown as slow as the timeout."""
        self._host = HostCpu(host)
        self._clock, self._timeout_ms, self._used_s = clock, timeout_s * 1000, used_s
        self._last_s, self._last_cpu_s = clock.now_s(), used_s()

    @property
    def due(self) -> bool:
        """Whether a second has passed since the last line."""
        return self._clock.now_s() - self._last_s >= TICK_S

    def line(
        self,
        phase: Phase,
        ended: Sequence[Ended],
        lags_ms: Sequence[float],
        work_us: float | None,
        **counts: int,
    ) -> dict[str, Any]:
        """Return the line of the second that ends now.

        `ended` are its requests, `lags_ms` the lags of its heartbeats, `work_us` the CPU time that
        a piece of the gauge's work took; `counts` stand in the line as they are.
        """
        now_s, cpu_s = self._clock.now_s(), self._used_s()
        seconds, used_s = now_s - self._last_s, cpu_s - self._last_cpu_s
        self._last_s, self._last_cpu_s = now_s, cpu_s
        # A failure is as slow as the timeout, whatever its clock says.
        latencies = [one.latency_ms if one.ok else self._timeout_ms for one in ended]
        return {
            "phase": phase,
            "time_s": round(now_s, 3),
            **counts,
            "rps": round(len(ended) / seconds, 2),
            "failures_per_s": round(sum(not one.ok for one in ended) / seconds, 2),
            "p50_ms": round(quantile(latencies, 0.50), 2) if latencies else None,
            "p95_ms": round(quantile(latencies, 0.95), 2) if latencies else None,
            "lag_p99_ms": round(quantile(lags_ms, 0.99), 2),
            "lag_max_ms": round(max(lags_ms, default=0.0), 2),
            "cpu_cores": round(used_s / seconds, 3),
            "work_us": None if work_us is None else round(work_us, 1),
            **self._host.take(),
        }
