"""A whole trial on an engine of another machine, whose kernel has cgroup v2 and whose clock is off.

The machine is emulated, and slow: nothing is said of how quick the service was.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from docker import DockerClient

from loadtests.analysis.counters import sample_coverage
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.host_health import clock, crowded_host, samples, steal_time
from loadtests.bench.host import NOT_REPORTED
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from tests.cgroup_v2.virtual_engine import CLOCK_AHEAD_S, HOST
from tests.integration.benches import bench_at, containers_of, ignore

pytestmark = [pytest.mark.docker, pytest.mark.virtual]

SETTING = Setting(0.8, 400)
LOAD = {
    "users": 5,
    "spawn_rate": 5.0,
    "think_time_s": (1.0, 3.0),
    "steady_s": 20.0,
    "timeout_s": 60.0,
}
READY_S = 600.0
# Before its first user come its containers' starts, and after its end they are removed.
BEFORE_S, AFTER_S = 300.0, 60.0


@pytest.fixture(scope="module")
def seen(
    client: DockerClient, images: tuple[str, str], tmp_path_factory
) -> Iterator[SimpleNamespace]:
    """A trial's evidence, when it was run by this machine's clock, and what was left of it."""
    generator, api = images
    folder = tmp_path_factory.mktemp("store")
    with bench_at(client, folder, generator, image=api, **LOAD) as bench:
        patient = replace(bench, ready_s=READY_S, stops_early=False)
        began_s = time.time()
        evidence = Evidence.read(run_trial(patient, SETTING, 0, ignore))
        ended_s = time.time()
        left = containers_of(client, bench.store)
    return SimpleNamespace(evidence=evidence, began_s=began_s, ended_s=ended_s, left=left)


def test_it_is_carried_out_and_leaves_nothing(seen):
    trial = seen.evidence.trial
    assert seen.left == []
    assert (trial.generator.users_reached, trial.generator.users_lost) == (5, 0)
    assert set(seen.evidence.requests["outcome"]) <= {"ok", "in_flight", "timeout"}
    assert (seen.evidence.requests["outcome"] == "ok").any()


def test_the_record_says_where_it_was_measured(seen):
    host = seen.evidence.trial.host
    assert (host.cgroup_version, host.cpu_model) == ("2", NOT_REPORTED)
    assert host.name == HOST
    assert (host.cpus, host.memory_mib < 3072) == (2, True)


def test_the_kernels_counters_of_a_replica_are_there(seen):
    (replica,) = seen.evidence.trial.replicas
    assert (replica.running_at_end, replica.exit_code, replica.oom_kills) == (True, None, 0)
    assert replica.cpu_s > 0
    assert replica.periods >= replica.throttled_periods > 0, "its start alone needs all it can get"
    assert replica.throttled_s > 0
    assert 20 < replica.memory_peak_mib <= 400


def test_both_containers_are_sampled_all_the_time(seen):
    stats = seen.evidence.docker_stats
    assert set(stats["role"]) == {"replica", "generator"}
    for column in ("cpu_cores", "memory_mib", "cpu_s", "received_bytes", "sent_bytes"):
        assert stats[column].notna().all(), column
    assert set(stats.loc[stats["role"] == "replica", "memory_limit_mib"]) == {400.0}
    assert stats[["connections", "voluntary_switches"]].isna().all(axis=None), "not this kernel's"
    assert sample_coverage(seen.evidence) > 0.5, "the engine is slow, and leaves seconds out"


def test_its_hosts_own_figures_are_those_of_the_engines_machine(seen):
    """It is emulated: nobody steals from it, and somebody always works on it."""
    host, length_s = seen.evidence.host, seen.evidence.trial.phases.steady_end_s
    assert len(host) == pytest.approx(length_s, abs=3)
    assert (host["busy_ratio"] > 0).all()
    assert (host["steal_ratio"] == 0).all()
    assert steal_time(seen.evidence).reading.text == "0.0%"
    is_told = crowded_host(seen.evidence).reading is not None
    assert is_told == samples(seen.evidence).ok


def test_its_clock_is_ahead_and_no_time_is_out_of_place(seen):
    trial, end_s = seen.evidence.trial, seen.evidence.trial.phases.steady_end_s
    off = trial.clock_offset_s - CLOCK_AHEAD_S
    assert abs(off) < 5 + trial.clock_offset_within_s
    within_s = trial.clock_offset_within_s + 1
    assert seen.began_s - within_s < trial.started_wall_s < seen.ended_s + within_s
    told = [*seen.evidence.docker_stats["time_s"], *(event.time_s for event in trial.events)]
    assert -BEFORE_S < min(told) < 0 < end_s - 5 < max(told) < end_s + AFTER_S
    assert clock(seen.evidence).ok
