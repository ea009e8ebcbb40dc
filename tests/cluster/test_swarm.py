"""A Swarm of three nodes: trials on it, one of whose nodes goes away, and the compose file's stack.

In one file, so that one process of the tests has the one cluster.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from docker import DockerClient

from loadtests.analysis.by_node import load_by_node
from loadtests.analysis.counters import in_steady_state
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.hosts import hosts
from loadtests.analysis.judge import judge
from loadtests.analysis.validity import CHECKS
from loadtests.bench.containers import STORE_LABEL, ensure_network
from loadtests.bench.needs import Needs
from loadtests.bench.plan import Bench
from loadtests.bench.proxy import Proxy
from loadtests.bench.staircase import run_staircase, staircase_plan
from loadtests.bench.swarm import Swarm
from loadtests.bench.swarm_service import IPVS, require_endpoint_mode
from loadtests.bench.trial import run_trial
from loadtests.bench.workers import NODE_LOST
from loadtests.errors import EngineError, QuestionError
from loadtests.question import Balancing, EndpointMode, Setting
from loadtests.report.node_lines import node_sentences
from loadtests.units import MIB
from loadtests.verdicts import Verdict
from tests.cluster import stack
from tests.cluster.nodes import NODES, Cluster
from tests.integration.benches import ignore
from tests.running import wait_for

pytestmark = pytest.mark.docker

SIX = Setting(0.25, 150, 6)
TWO_EACH = dict.fromkeys(NODES, 2)


def left_of(bench: Bench, cluster: Cluster) -> list[str]:
    """Return the names of a store's services and containers, on whatever node."""
    label = {"label": f"{STORE_LABEL}={bench.store.identity}"}
    clients: list[DockerClient] = [node.client for node in cluster.nodes.values()]
    found = [
        container.name
        for client in clients
        for container in client.containers.list(all=True, filters=label, ignore_removed=True)
    ]
    return found + [service.name for service in cluster.manager.services.list(filters=label)]


def test_a_trial_runs_on_three_nodes_and_says_of_each_what_its_replicas_did(
    bench: Callable[..., Bench], cluster: Cluster
) -> None:
    here = replace(bench(steady_s=8.0), workers=2)
    evidence = Evidence.read(run_trial(here, SIX, 0, ignore))
    trial, judgement = evidence.trial, judge(evidence)
    assert judgement.verdict is Verdict.HOLDS, judgement.reasons
    assert left_of(here, cluster) == []

    sent = trial.workers
    assert [(worker.node, worker.lost) for worker in sent] == [("node-2", ""), ("node-3", "")]
    assert all(worker.requests > 0 for worker in sent)
    assert sum(worker.requests for worker in sent) == trial.generator.requests
    assert all(0 <= worker.clock_offset_within_ms < 100 for worker in sent)
    assert "worker 1 on node-2 on the CPUs of 2 replicas" in CHECKS["workers"](evidence).seen
    steady = in_steady_state(evidence, evidence.workers)
    assert steady.groupby("worker")["busy_ratio"].agg(["min", "count"]).gt(0).all(axis=None)
    generators = evidence.docker_stats[evidence.docker_stats["role"] == "generator"]
    assert {*generators["container"]} > {worker.container for worker in sent}
    assert [host.name for host in hosts(evidence)] == ["node-1", "node-2"], "node-3 is node-1's"

    assert Counter(replica.node for replica in trial.replicas) == TWO_EACH
    assert [(node.name, node.is_here, node.lost_s) for node in trial.nodes] == [
        ("node-1", True, None),
        ("node-2", False, None),  # asked as another machine
        ("node-3", True, None),
    ]
    assert trial.target.swarm is EndpointMode.DNSRR
    loads = load_by_node(evidence)
    for each in loads:
        assert each.replicas == 2
        assert each.requests is not None
        assert each.requests > 0
        assert each.cpu_cores is not None
        assert each.cpu_cores > 0
        assert each.memory_peak_mib is not None
        assert 10 < each.memory_peak_mib < SIX.memory_mib
        assert (each.oom_kills, each.ended) == (0, 0)
    assert sum(each.requests or 0 for each in loads) == len(evidence.requests)
    assert len(node_sentences(evidence)) == len(NODES)
    # The limits, as the kernel has them.
    of_replicas = evidence.docker_stats[evidence.docker_stats["role"] == "replica"]
    assert of_replicas["container"].nunique() == SIX.replicas
    assert set(of_replicas["memory_limit_mib"]) == {SIX.memory_mib}
    assert all(replica.periods for replica in trial.replicas)


def test_the_compose_file_is_a_stack_whose_replicas_all_answer(
    cluster: Cluster, swarm: Swarm
) -> None:
    """As it stands: limits, network, a read-only file system; a replica on each node."""
    assert len(swarm.nodes) == len(NODES), "which all have the images now"
    with stack.deployed(cluster) as name:
        service = cluster.manager.services.get(name)
        wait_for("the replicas", lambda: len(stack.running(service)) == len(NODES))
        assert len({task["NodeID"] for task in stack.running(service)}) == len(NODES)
        limits = service.attrs["Spec"]["TaskTemplate"]["Resources"]["Limits"]
        assert (limits["NanoCPUs"], limits["MemoryBytes"]) == (750_000_000, 500 * MIB)
        assert service.attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["ReadOnly"] is True

        told = wait_for("all to answer", lambda: stack.all_answer(cluster))
        assert len(told) == len(NODES)
        assert set(told.values()) == {200}


def test_replicas_get_other_limits_while_their_users_stay(bench: Callable[..., Bench]) -> None:
    here = bench(users=20)
    plan = staircase_plan(here, Setting(0.4, 150, 3), [20, 20], [0.4, 0.2])
    limits: list[set[tuple[int, int, int]]] = []

    def lower(steps: Any) -> float | None:
        return 0.2 if len(steps) == 1 else None

    def look(_line: Any) -> None:
        limits.append(granted(here))

    folder = run_staircase(here, plan, lower, look)
    assert [step.cpus for step in Evidence.read(folder).trial.steps] == [0.4, 0.2]
    memory = 150 * MIB
    assert limits[0] == {(400_000_000, memory, memory)}, "CPU, memory, memory and swap together"
    assert limits[-1] == {(200_000_000, memory, memory)}


def granted(bench: Bench) -> set[tuple[int, int, int]]:
    """Return the limits of all replicas that run, as the engines of their nodes have them."""
    assert bench.swarm is not None
    label = {"label": [f"{STORE_LABEL}={bench.store.identity}", "com.docker.swarm.service.name"]}
    told = [
        container.attrs["HostConfig"]
        for node in bench.swarm.nodes
        for container in node.client.containers.list(filters=label)
    ]
    return {(each["NanoCpus"], each["Memory"], each["MemorySwap"]) for each in told}


def test_a_kill_for_memory_is_told_of_the_node_where_it_was(
    bench: Callable[..., Bench], cluster: Cluster
) -> None:
    here = bench()
    evidence = Evidence.read(run_trial(here, Setting(0.5, 20, 3), 0, ignore))
    judgement = judge(evidence)
    assert judgement.verdict is Verdict.FAILS
    assert judgement.cause is CauseName.OUT_OF_MEMORY
    assert "was OOM-killed at 20 MiB" in judgement.reasons[0]
    kills = [each.oom_kills for each in load_by_node(evidence)]
    assert all(kills), "each could not but be killed"
    assert left_of(here, cluster) == []


def test_a_command_that_the_image_has_not_is_told_as_that(
    bench: Callable[..., Bench], cluster: Cluster
) -> None:
    here = replace(bench(), needs=Needs(command=("no-such-program",)))
    with pytest.raises(QuestionError, match="as the image has not its command"):
        run_trial(here, Setting(0.5, 150, 2), 0, ignore)
    assert left_of(here, cluster) == []


def test_a_proxy_finds_the_replicas_on_all_nodes(
    bench: Callable[..., Bench], cluster: Cluster, proxy_image: str
) -> None:
    kind = Balancing.ROUND_ROBIN
    plain = bench(steady_s=8.0)
    image = str(cluster.manager.images.get(proxy_image).id)
    target = replace(plain.target, balancing=kind)
    here = replace(plain, proxy=Proxy(kind, image), target=target)
    evidence = Evidence.read(run_trial(here, Setting(0.25, 150, 3), 0, ignore))
    assert judge(evidence).verdict is Verdict.HOLDS
    assert all(each.requests for each in load_by_node(evidence)), "as the proxy counted"
    assert left_of(here, cluster) == []


def test_a_node_that_loses_its_power_voids_the_trial_and_leaves_nothing(
    bench: Callable[..., Bench], cluster: Cluster
) -> None:
    here = replace(bench(steady_s=60.0, timeout_s=30.0), workers=2)
    lost = cluster.nodes["node-2"]
    power = threading.Thread(target=lost.lose_power)

    def pull_the_plug(line: dict[str, Any]) -> None:
        if line["phase"] == "steady state" and not power.ident:
            power.start()

    try:
        evidence = Evidence.read(run_trial(here, SIX, 0, pull_the_plug))
        power.join()
        trial, judgement = evidence.trial, judge(evidence)
        assert judgement.verdict is Verdict.INVALID, judgement.reasons
        assert judgement.reasons[0].startswith("the node node-2 went away ")
        assert "and with it 2 of 6 replicas and worker 1 of the load" in judgement.reasons[0]
        assert any(f"worker 1 on node-2 was lost: {NODE_LOST}" in r for r in judgement.reasons)
        assert [(each.node, each.lost) for each in trial.workers] == [
            ("node-2", NODE_LOST), ("node-3", ""),
        ]  # fmt: skip
        assert "nothing is concluded" in judgement.reasons[0]
        assert judgement.cause is None
        assert [node.name for node in trial.lost_nodes] == ["node-2"]
        assert trial.phases.steady_end_s < trial.phases.steady_start_s + 60, "not to its end"
        at_end = Counter(replica.node for replica in trial.replicas if replica.running_at_end)
        assert at_end == {"node-1": 2, "node-3": 2}

        with pytest.raises(EngineError, match="node node-2 of the Swarm went away"):
            run_trial(here, SIX, 1, ignore)
        assert not here.store.has(here.key(SIX, 1))
    finally:
        if power.ident:
            power.join()
            lost.come_back()
            cluster.await_all()
    worker = trial.workers[0].container
    wait_for("the node to remove its replicas", lambda: left_of(here, cluster) == [worker])
    # As the next run does; connections from before are found to be broken once.
    wait_for("the worker to be removed", lambda: here.remove_leftovers() == [worker])
    assert left_of(here, cluster) == []


def test_a_node_that_is_down_is_refused_before_anything_starts_on_it(cluster: Cluster) -> None:
    away = cluster.manager.nodes.get("node-3")
    spec = away.attrs["Spec"]
    away.update({**spec, "Availability": "drain"})
    try:
        with pytest.raises(EngineError, match="the node node-3 is on drain"):
            Swarm.of(cluster.manager, EndpointMode.DNSRR, cluster.others, print)
    finally:
        away.reload()
        away.update({**spec, "Availability": "active"})


def test_nodes_whose_engines_are_not_named_get_no_replica(
    bench: Callable[..., Bench], cluster: Cluster
) -> None:
    said: list[str] = []
    named = {"node-3": cluster.others["node-3"]}
    found = Swarm.of(cluster.manager, EndpointMode.DNSRR, named, said.append)
    assert [node.name for node in found.nodes] == ["node-1", "node-3"]
    assert len(found.constraints) == 1
    (note,) = said
    assert note.startswith("No replica runs on node-2: its engine is not named in NODES")


def test_another_engine_than_the_nodes_own_is_refused(cluster: Cluster) -> None:
    with pytest.raises(EngineError, match="is node-3, and not the node node-2"):
        Swarm.of(cluster.manager, EndpointMode.DNSRR, {"node-2": cluster.others["node-3"]}, print)


def test_a_network_of_one_engine_is_no_network_for_a_swarm(cluster: Cluster) -> None:
    network = cluster.manager.networks.create("aguanta-test-bridge")
    try:
        with pytest.raises(EngineError, match="`docker network rm aguanta-test-bridge`"):
            ensure_network(cluster.manager, "aguanta-test-bridge", overlay=True)
    finally:
        network.remove()


def test_a_virtual_address_is_refused_where_the_kernel_cannot_have_one(
    cluster: Cluster, bench: Callable[..., Bench]
) -> None:
    here = bench()
    assert here.swarm is not None
    virtual = Swarm(here.client, EndpointMode.VIP, here.swarm.nodes)
    made = cluster.manager.containers.create(here.generator.id, entrypoint=["test", "-e", IPVS])
    try:
        made.start()
        has_it = made.wait()["StatusCode"] == 0
    finally:
        made.remove(force=True)
    if has_it:
        require_endpoint_mode(virtual, here.generator.id)
        return
    with pytest.raises(EngineError, match=r"has no IPVS .*ENDPOINT_MODE=dnsrr"):
        require_endpoint_mode(virtual, here.generator.id)
