"""A server that may run only while it has CPU quota left, and how long its requests take.

Linux grants a container a quota of CPU time in each period, `cpus` x 100 ms in 100 ms (CFS
bandwidth control: kernel documentation, scheduler/sched-bwc). Threads that run at once use it up
together; once it is spent all stand still until the next period, and what is left over is lost.
Left out: the slices (5 ms) in which CPUs draw on the quota, bursts, timeouts, and other work on the
CPUs: every thread that can run has one of its own.
"""

import math
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from itertools import cycle

import numpy as np

from loadtests.analysis.latency import Floats

PERIOD_S = 0.1  # Docker's default, --cpu-period=100000


@dataclass(frozen=True)
class Server:
    """One replica: its CPU limit, and how many requests it works on at a time, first come first."""

    cpus: float  # cores
    threads: int = 1  # that can run at once; an event loop is one
    wake_s: float = 0.0  # CPU that a request takes more where a thread stood idle for it
    period_s: float = PERIOD_S

    def __post_init__(self) -> None:
        """Refuse what could not run."""
        if not (self.cpus > 0 and self.period_s > 0 and self.threads >= 1 and self.wake_s >= 0):
            raise ValueError(f"a server needs a quota, a period and a thread: {self}")

    @property
    def quota_s(self) -> float:
        """CPU seconds that it may use in each period."""
        return self.cpus * self.period_s


@dataclass(frozen=True)
class Asked:
    """What is asked of it. The n-th request to arrive takes the n-th service time and pause.

    Where there are more requests than times, those begin anew.
    """

    first_s: Floats  # every arrival of an open load; of a closed one each user's first
    service_s: Floats  # CPU seconds of a request
    end_s: float = math.inf  # nobody asks from then on
    think_s: Floats | None = None  # pause of a user after an answer; None: an open load

    def __post_init__(self) -> None:
        """Refuse users who would ask for ever, and requests that take no time of their own."""
        if len(self.service_s) == 0 or (self.think_s is not None and len(self.think_s) == 0):
            raise ValueError("requests need at least one service time, and users one pause")
        if self.think_s is not None and math.isinf(self.end_s):
            raise ValueError("users who ask again and again need an end")


@dataclass(frozen=True)
class Served:
    """When each request arrived, and how long until its answer: two arrays, in order of arrival."""

    start_s: Floats
    latency_s: Floats

    def between(self, from_s: float, to_s: float) -> Floats:
        """Return the latencies (s) of those that arrived in [from_s, to_s)."""
        inside: Floats = self.latency_s[(self.start_s >= from_s) & (self.start_s < to_s)]
        return inside


def serve(server: Server, asked: Asked) -> Served:
    """Return what the requests would see, every one answered in the end.

    Plain loops: each request depends on the one before, and a minute of 1,000 a second takes a
    tenth of a second so.
    """
    return _one_by_one(server, asked) if server.threads == 1 else _side_by_side(server, asked)


def _one_by_one(server: Server, asked: Asked) -> Served:
    """One thread: when a request is answered is known as soon as it arrives."""
    period_s, quota_s, wake_s, end_s = server.period_s, server.quota_s, server.wake_s, asked.end_s
    coming = sorted(asked.first_s.tolist())
    thinks = None if asked.think_s is None else cycle(asked.think_s.tolist())
    starts, latencies = [], []
    free_s, period_end_s, left_s = 0.0, period_s, quota_s
    for place, service_s in enumerate(cycle(asked.service_s.tolist())):
        # Of users who wait, whoever asks next stands first: a sorted list is a heap.
        at = place if thinks is None else 0
        if at >= len(coming) or (start_s := coming[at]) >= end_s:
            break
        if start_s >= free_s:
            now_s, rest_s = start_s, service_s + wake_s
            if now_s >= period_end_s:
                period_end_s, left_s = _end_of_period(now_s, period_s), quota_s
        else:
            now_s, rest_s = free_s, service_s
        while rest_s > left_s or rest_s > period_end_s - now_s:
            rest_s -= min(left_s, period_end_s - now_s)
            now_s, period_end_s, left_s = period_end_s, period_end_s + period_s, quota_s
        free_s = now_s + rest_s
        left_s -= rest_s
        starts.append(start_s)
        latencies.append(free_s - start_s)
        if thinks is not None:
            heapreplace(coming, free_s + next(thinks))
    return Served(np.array(starts), np.array(latencies))


def _side_by_side(server: Server, asked: Asked) -> Served:
    """Several threads: event by event, as each spends quota that the others would need."""
    quota_s, period_s, end_s = server.quota_s, server.period_s, asked.end_s
    coming = sorted(asked.first_s.tolist())
    services = cycle(asked.service_s.tolist())
    thinks = None if asked.think_s is None else asked.think_s.tolist()
    starts: list[float] = []
    latencies: list[float] = []
    waiting: deque[tuple[int, float]] = deque()
    running: list[tuple[float, int]] = []  # when each ends, by the time that they could run
    now_s = run_s = 0.0
    period_end_s, left_s = period_s, quota_s
    while True:
        arrives_s = coming[0] if coming and coming[0] < end_s else math.inf
        runs = bool(running) and left_s > 0
        ends_s = now_s + running[0][0] - run_s if runs else math.inf
        spent_s = now_s + left_s / len(running) if runs else math.inf
        until_s = min(arrives_s, ends_s, spent_s, period_end_s if running else math.inf)
        if math.isinf(until_s):
            return Served(np.array(starts), np.array(latencies))
        if runs:
            run_s += until_s - now_s
            left_s -= (until_s - now_s) * len(running)
        now_s = until_s
        if now_s >= ends_s:
            _, place = heappop(running)
            latencies[place] = now_s - starts[place]
            if thinks is not None:
                heappush(coming, now_s + thinks[place % len(thinks)])
            if waiting:
                place, service_s = waiting.popleft()
                heappush(running, (run_s + service_s, place))
        elif now_s >= spent_s:
            left_s = 0.0
        elif now_s >= arrives_s:
            if now_s >= period_end_s:  # it stood idle meanwhile
                period_end_s, left_s = _end_of_period(now_s, period_s), quota_s
            place, service_s = len(starts), next(services)
            starts.append(heappop(coming))
            latencies.append(math.inf)
            if len(running) < server.threads:
                heappush(running, (run_s + service_s + server.wake_s, place))
            else:
                waiting.append((place, service_s))
        else:
            period_end_s, left_s = period_end_s + period_s, quota_s


def _end_of_period(at_s: float, period_s: float) -> float:
    return (math.floor(at_s / period_s) + 1) * period_s
