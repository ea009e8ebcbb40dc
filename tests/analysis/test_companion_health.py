"""What runs beside the service is not the service: its end and its limits are told as its own."""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis.companion_health import companions
from loadtests.analysis.evidence import Evidence, Voids
from loadtests.analysis.hosts import crowded_ratio
from loadtests.analysis.judge import judge
from loadtests.record import CompanionReport
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms

SLOW = steady_ms(900.0)
LAST_WORDS = "db ended with exit code 1: PANIC: could not write to file: No space left on device"


def beside(
    given: Evidence, cores: float = 0.4, limit_cores: float | None = None, end: str = ""
) -> Evidence:
    """Return a trial with a database beside the service, which used so many cores."""
    report = CompanionReport("db", "beside-db-1", "sha256:1", limit_cores, None, 60.0, end)
    rows = given.docker_stats[given.docker_stats["role"] == "generator"].copy()
    rows = rows.assign(container="beside-db-1", role="companion", cpu_cores=cores)
    stats = pd.concat([given.docker_stats, rows], ignore_index=True)
    return replace(given, docker_stats=stats, trial=replace(given.trial, companions=(report,)))


def test_of_a_service_without_companions_there_is_nothing_to_check():
    assert companions(evidence()) is None


def test_a_companion_at_ease_is_told_with_the_cpu_it_used():
    found = companions(beside(evidence()))
    assert found.ok
    assert found.seen == "db used 0.40 cores"


def test_a_companion_that_ended_voids_both_verdicts_with_its_last_words():
    found = companions(beside(evidence(), end=LAST_WORDS))
    assert (found.ok, found.voids, found.seen) == (False, Voids.BOTH, LAST_WORDS)
    for latency in (None, SLOW):
        judged = judge(beside(evidence(latency=latency), end=LAST_WORDS))
        assert judged.verdict is Verdict.INVALID
        assert LAST_WORDS in judged.reasons[0]


def test_a_service_that_died_with_its_companion_is_not_blamed():
    judged = judge(beside(evidence(died_s=20.0), end=LAST_WORDS))
    assert judged.verdict is Verdict.INVALID
    assert LAST_WORDS in judged.reasons[0]


@pytest.mark.parametrize(
    ("cores", "limit_cores", "busy", "full", "what"),
    [
        (0.46, 0.5, 0.5, True, "at its own limit"),
        (0.44, 0.5, 0.5, False, "below 90% of its own limit"),
        (1.9, None, 0.97, True, "without a limit, on a host without an idle CPU"),
        (1.9, None, 0.6, False, "without a limit, on a host with idle CPUs"),
        (0.2, None, 0.97, False, "a small share of a full host"),
    ],
)
def test_a_companion_without_cpu_to_spare_voids_a_fails_only(cores, limit_cores, busy, full, what):
    host_cpus = evidence().trial.host.cpus
    cores = cores * host_cpus / 2 if limit_cores is None else cores
    seen = beside(evidence(latency=SLOW, busy=busy), cores, limit_cores)
    found = companions(seen)
    assert found.ok is not full, what
    if full:
        assert found.voids is Voids.FAILS
        assert found.seen.startswith(f"db used {cores:.2f} of ")
        assert judge(seen).verdict is Verdict.INVALID
        assert judge(beside(evidence(busy=busy), cores, limit_cores)).verdict is Verdict.HOLDS


def test_what_companions_use_is_not_taken_for_that_of_other_processes():
    """A host that the trial itself fills is crowded by nobody."""
    alone = evidence(busy=0.95, cpu_share=0.6)
    host_cpus = alone.trial.host.cpus
    strangers = crowded_ratio(alone)
    own = crowded_ratio(beside(alone, cores=0.5 * host_cpus))
    assert strangers is not None
    assert own is not None
    assert own == pytest.approx(max(0.0, strangers - 0.5), abs=0.02)
