"""How busy the machines of a trial were, each with its own containers."""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis import hosts
from loadtests.analysis.validity import CHECKS
from loadtests.record import HOST_COLUMNS
from tests.analysis.on_nodes import on_nodes
from tests.analysis.records import evidence
from tests.analysis.several_workers import worker
from tests.evidence_log import log_case


def test_steal_is_that_of_the_steady_state_and_unknown_without_a_host_table():
    """Steal in the ramp-up does not count."""
    given = evidence(steal=0.0)
    host = given.host.copy()
    host.loc[host["time_s"] < 20, "steal_ratio"] = 0.5
    assert hosts.steal_ratio(replace(given, host=host)) == 0.0
    assert hosts.steal_ratio(evidence(steal=None)) is None


def test_a_container_without_samples_is_not_taken_for_other_processes():
    """Nor is the generator: its CPU would be the neighbours'."""
    given = evidence(busy=0.95, cpu_share=3.2)
    assert hosts.crowded_ratio(given) == pytest.approx(0.0, abs=0.01)
    for role, before in (("replica", "80%"), ("generator", "15%")):
        stats = given.docker_stats[given.docker_stats["role"] != role]
        found = hosts.crowded_ratio(replace(given, docker_stats=stats))
        log_case(
            "mended",
            "containers without samples",
            f"a busy host, and the {role} was not sampled",
            "CPU of other processes not reported" if found is None else f"{found:.0%} of the CPU",
            found is None,
            f"other processes took {before} of the host's CPU",
        )
        assert found is None, role
    stats = given.docker_stats
    few = stats[(stats["role"] == "generator") | (stats["time_s"] % 2 < 1)]
    assert hosts.crowded_ratio(replace(given, docker_stats=few)) is None


def test_a_replica_that_ended_uses_no_cpu_from_then_on():
    """Half of the steady state without it: what is busy then is busy with others."""
    given = evidence(busy=0.95, cpu_share=3.2, died_s=35.0)
    stats = given.docker_stats
    stats = stats[(stats["role"] == "generator") | (stats["time_s"] <= 35.0)]
    found = hosts.crowded_ratio(replace(given, docker_stats=stats))
    assert found == pytest.approx(0.95 - (0.3 + 1.6 / 2) / 2)


def spread(node_2=(0.5, 0.01), workers=("node-2",), is_here=False, **given):
    """A trial on three nodes with workers on some, where the second is so busy and so robbed."""
    told = on_nodes(is_here=is_here, **given)
    sent = tuple(worker(number, node=node) for number, node in enumerate(workers, 1))
    busy, steal = node_2
    seconds = told.host["time_s"]
    rows = [
        pd.DataFrame(
            {"worker": one.number, "time_s": seconds, "busy_ratio": busy, "steal_ratio": steal}
        )
        for one in sent
    ]
    sampled = told.docker_stats[told.docker_stats["role"] == "generator"]
    stats = [told.docker_stats, *(sampled.assign(container=one.container) for one in sent)]
    return replace(
        told,
        trial=replace(told.trial, workers=sent),
        workers=pd.concat(rows),
        docker_stats=pd.concat(stats, ignore_index=True),
    )


def test_a_machine_tells_of_itself_once_a_worker_runs_on_it():
    first, second = hosts.hosts(spread())
    assert (first.name, second.name) == ("bench", "node-2")
    assert first.containers == {"replica-1", "replica-2", "generator"}
    assert second.containers == {"replica-3", "replica-4", "worker-1"}
    assert set(HOST_COLUMNS) <= set(second.seconds)
    assert [host.name for host in hosts.hosts(on_nodes(is_here=False))] == ["bench"]


def test_nodes_of_one_machine_are_one_host():
    (only,) = hosts.hosts(spread(is_here=True))
    assert only.containers >= {"replica-6", "worker-1", "generator"}


def test_two_workers_of_one_machine_tell_of_it_once():
    _, second = hosts.hosts(spread(workers=("node-2", "node-1", "node-2")))
    assert second.seconds["time_s"].is_unique
    assert {"worker-1", "worker-3"} < second.containers


def test_the_machine_that_lost_most_of_its_cpu_counts_and_is_named():
    robbed = spread((0.5, 0.3))
    assert hosts.steal_ratio(robbed) == pytest.approx(0.3)
    assert CHECKS["steal_time"](robbed).seen == "30.0% of node-2's CPU was stolen by its neighbours"
    well = CHECKS["steal_time"](spread())
    assert well.ok
    assert CHECKS["steal_time"](evidence(steal=0.3)).seen.startswith("30.0% of the host's CPU was ")


def test_others_on_a_node_are_told_from_what_the_trial_has_there():
    """Two replicas at 0.3 cores and a worker at 0.3, of two CPUs."""
    crowded = spread((0.99, 0.0))
    assert hosts.crowded_by_host(crowded)["node-2"] == pytest.approx(0.99 - (2 * 0.3 + 0.3) / 2)
    found = CHECKS["crowded_host"](crowded)
    assert not found.ok
    assert "of node-2's CPU while next to none was idle" in found.seen


def test_a_node_that_was_full_most_often_is_what_counts():
    assert hosts.full_host_share(spread((0.99, 0.0), busy=0.5)) == 1.0
    assert hosts.full_host_share(spread((0.5, 0.0), busy=0.99)) == 1.0
    assert hosts.full_host_share(spread((0.5, 0.0), busy=0.5)) == 0.0


def test_what_a_worker_of_older_records_does_not_tell_is_left_out():
    given = spread()
    blank = given.workers.assign(busy_ratio=float("nan"), steal_ratio=float("nan"))
    older = replace(given, workers=blank)
    assert [*hosts.steal_by_host(older)] == [*hosts.crowded_by_host(older)] == ["bench"]
