"""The seconds of a process: when one is over, and what users, service and process did in it."""

import math
from collections.abc import Callable, Mapping, Sequence

from loadtests.generator.clock import Clock
from loadtests.generator.cpu import cpu_seconds
from loadtests.generator.heartbeat import quantile
from loadtests.generator.host_cpu import CpuTimes, HostCpu
from loadtests.generator.journal import Ended
from loadtests.generator.second import Second

TICK_S = 1.0


def a_second_later(now_s: float) -> float:
    """Return when the second is over that begins now."""
    return now_s + TICK_S


def next_whole_second(now_s: float) -> float:
    """Return when the second is over that others are in as well, by a clock that all share."""
    return math.floor(now_s) + TICK_S


class Ticks:
    """When a second is over, and what came of it."""

    def __init__(
        self,
        clock: Clock,
        timeout_s: float,
        used_s: Callable[[], float] = cpu_seconds,
        over_s: Callable[[float], float] = a_second_later,
        host: Callable[[], CpuTimes | None] = CpuTimes.read,
    ) -> None:
        """Count the first second from now; a failure is shown as slow as the timeout."""
        self._clock, self._timeout_ms = clock, timeout_s * 1000
        self._used_s, self._over_s, self._host = used_s, over_s, HostCpu(host)
        self._last_s, self._last_cpu_s = clock.now_s(), used_s()
        self._due_s = over_s(self._last_s)

    @property
    def due(self) -> bool:
        """Whether a second is over since the last one was told."""
        return self._clock.now_s() >= self._due_s

    def second(
        self,
        ended: Sequence[Ended],
        lags_ms: Sequence[float],
        work_us: float | None,
        failed: Mapping[int, int] | None = None,
        **counts: int,
    ) -> Second:
        """Return the second that ends now.

        `ended` are its requests, `lags_ms` the lags of its heartbeats, `work_us` the CPU time that
        a piece of the gauge's work took, `failed` the failures by the second in which they ended;
        `counts` are told as they are.
        """
        now_s, cpu_s = self._clock.now_s(), self._used_s()
        seconds, used_s = now_s - self._last_s, cpu_s - self._last_cpu_s
        self._last_s, self._last_cpu_s = now_s, cpu_s
        self._due_s = self._over_s(now_s)
        host = self._host.take()
        return Second(
            time_s=now_s,
            seconds=seconds,
            # A failure is as slow as the timeout, whatever its clock says.
            latencies_ms=[one.latency_ms if one.ok else self._timeout_ms for one in ended],
            failures=sum(not one.ok for one in ended),
            lag_p99_ms=quantile(lags_ms, 0.99),
            lag_max_ms=max(lags_ms, default=0.0),
            cpu_cores=used_s / seconds,
            work_us=work_us,
            failed=failed or {},
            **counts,
            busy_ratio=host["busy_ratio"],
            steal_ratio=host["steal_ratio"],
        )
