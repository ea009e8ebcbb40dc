"""How many replicas are measured, and with what, where one with all there is does not hold."""

from dataclasses import replace

import pytest

from loadtests.analysis.replica_limit import Holds, ReplicaLimit, replica_limit
from loadtests.bench.preflight import Grants
from loadtests.question import Setting
from loadtests.search.space import Space
from loadtests.studies.several_replicas import setting_for
from tests.analysis.queues import queued
from tests.analysis.records import HOST
from tests.analysis.test_replica_limit import sleeps

SPACE = Space((0.1, 0.2, 0.5, 1.0, 2.0), (50, 100, 200, 400))
GRANTS = Grants(HOST, None, 10_000)  # 2 CPUs, 24,000 MiB
SLEEPS = queued(sleeps, setting=Setting(2.0, 400))  # its peak was 140 MiB
LIMIT = replica_limit(SLEEPS)


@pytest.mark.parametrize(
    ("asked_rps", "cores", "memory_mib", "setting"),
    [
        (30.0, 0.02, 24_000, Setting(0.2, 200, 3)),
        (30.0, 0.1, 24_000, Setting(0.5, 200, 3)),
        (30.0, 0.2, 24_000, Setting(0.67, 200, 3)),
        (1000.0, 0.02, 24_000, Setting(0.12, 200, 16)),
        (30.0, 1.0, 24_000, None),
        (30.0, 0.02, 1_000, Setting(0.2, 200, 2)),
        (30.0, 0.02, 700, None),
    ],
    ids=[
        "as many as it takes, with enough for a start",
        "several times the CPU that one used",
        "as far as each has its CPU to itself",
        "sixteen at most",
        "not where each would need a core of two, and the generator one",
        "as many as the memory lets",
        "none where there is no room for two",
    ],
)
def test_what_is_measured_with_several_replicas(asked_rps, cores, memory_mib, setting):
    limit = replace(LIMIT, asked_rps=asked_rps, cores=cores)
    grants = replace(GRANTS, host=replace(HOST, memory_mib=memory_mib))
    assert setting_for(limit, SLEEPS, SPACE, grants) == setting


def test_a_limit_says_how_many_replicas_its_load_takes():
    assert LIMIT.replicas_needed == 3
    assert ReplicaLimit(5.0, 100.0, 1, 9, 0.1, 0.2, Holds.ELSEWHERE).replicas_needed == 25
