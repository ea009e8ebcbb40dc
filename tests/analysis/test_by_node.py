"""What the replicas on each node did, added up; what is not known of one is not known of all."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.by_node import load_by_node
from loadtests.analysis.evidence import Evidence
from loadtests.report.node_lines import node_sentences, nodes_named
from tests.analysis.on_nodes import NODES, on_nodes
from tests.analysis.records import evidence
from tests.analysis.several_workers import worker


def asked(told: Evidence) -> Evidence:
    """Return a trial whose requests went to its replicas in turn."""
    addresses = [replica.address for replica in told.trial.replicas]
    turns = np.resize(addresses, len(told.requests))
    return replace(told, requests=told.requests.assign(replica=pd.Categorical(turns)))


def test_each_node_has_the_sums_of_its_replicas():
    told = asked(on_nodes())
    loads = load_by_node(told)
    assert [each.node.name for each in loads] == [*NODES]
    assert [each.replicas for each in loads] == [2, 2, 2]
    assert sum(each.requests for each in loads) == len(told.requests)
    assert [each.cpu_cores for each in loads] == [pytest.approx(2 * 0.3)] * 3
    assert [each.memory_peak_mib for each in loads] == [140.0] * 3
    assert [each.throttled_ratio for each in loads] == [pytest.approx(0.05)] * 3


def test_ends_and_kills_are_told_of_the_node_where_they_were():
    assert [(each.oom_kills, each.ended) for each in load_by_node(on_nodes(oom_s=30.0))] == [
        (1, 1), (0, 0), (0, 0),
    ]  # fmt: skip


def test_of_a_lost_node_it_is_not_reported_how_replicas_ended():
    lost = load_by_node(on_nodes(lost_s=30.0))[1]
    assert (lost.oom_kills, lost.ended) == (None, None)


def test_what_is_not_known_of_one_replica_is_not_known_of_its_node():
    told = on_nodes()
    stats = told.docker_stats
    less = replace(told, docker_stats=stats[stats["container"] != "replica-3"])
    assert [each.cpu_cores is None for each in load_by_node(less)] == [False, True, False]


def test_a_trial_on_one_engine_has_no_nodes():
    assert load_by_node(evidence()) == ()
    assert node_sentences(evidence()) == []
    assert nodes_named(evidence().trial) == ""


def test_a_sentence_tells_what_is_known_of_each_node():
    first, second, _ = node_sentences(asked(on_nodes(lost_s=30.0)))
    assert first.startswith("On node-1 ran 2 replicas: 0.60 cores, up to 140 MiB, ")
    assert first.endswith("throttled in 5% of periods, OOM kills: 0, ended: 0.")
    assert second.endswith(
        "OOM kills not reported, how they ended not reported; it went away after 30 s."
    )


def test_workers_of_the_load_are_named_where_they_shared_the_cpus():
    told = on_nodes(is_here=False)
    sent = (worker(1, node="node-2"), worker(2, node="node-3"))
    given = replace(told, trial=replace(told.trial, workers=sent))
    first, second, _ = node_sentences(given)
    assert first.startswith("On node-1 ran 2 replicas: ")
    assert second.startswith(
        "On node-2 ran 2 replicas, on whose CPUs worker 1 of the load ran too: "
    )
    *_, last = nodes_named(given.trial).split("; ")
    assert last.endswith("a machine of its own with worker 2 of the load")


def test_of_a_node_without_a_replica_there_is_nothing_to_say():
    told = on_nodes()
    moved = tuple(replace(each, node="node-1") for each in told.trial.replicas)
    (said,) = node_sentences(replace(told, trial=replace(told.trial, replicas=moved)))
    assert said.startswith("On node-1 ran 6 replicas: ")


def test_what_each_node_is_stands_among_the_conditions():
    said = nodes_named(on_nodes(is_here=False).trial).split("; ")
    assert len(said) == len(NODES)
    assert said[0].startswith("node-1: 2 CPUs (CPU), 24,000 MiB, Linux 6.18, Docker 20.10")
    assert said[0].endswith("the load generator's machine")
    assert said[1].endswith("a machine of its own")
