"""The speed of the CPU beside a measurement."""

import os
from itertools import chain, repeat

from loadtests.generator.host_cpu import CpuTimes, HostCpu
from loadtests.peers.gauge import PIECES, Gauge


def test_it_tells_the_mean_of_before_and_after_and_what_was_stolen_between():
    cpus = len(os.sched_getaffinity(0))
    pieces = chain(repeat(200.0, cpus * PIECES), repeat(300.0))
    looks = iter([CpuTimes(0, 0, 0), CpuTimes(1000, 500, 100), CpuTimes(2000, 1000, 300)])
    gauge = Gauge(lambda: next(pieces), HostCpu(lambda: next(looks)))
    gauge.begin()
    assert gauge.end() == (250.0, 0.2)


def test_it_looks_at_every_cpu_and_leaves_this_thread_where_it_was():
    before, seen = os.sched_getaffinity(0), set()

    def piece():
        seen.add(frozenset(os.sched_getaffinity(0)))
        return 1.0

    Gauge(piece).begin()
    assert seen == {frozenset({cpu}) for cpu in before}
    assert os.sched_getaffinity(0) == before
