"""The key of a trial says what was asked, and whether it may have been stopped early."""

from dataclasses import replace

import pytest

from loadtests.bench.containers import Names
from loadtests.bench.plan import LoadPlan
from loadtests.bench.proxy import Proxy
from loadtests.bench.swarm import Node, Swarm
from loadtests.question import Balancing, EndpointMode, Setting, Target
from tests.analysis.records import HOST
from tests.bench.idle import idle_bench, script_of
from tests.evidence_log import log_case

SETTING = Setting(0.5, 300)
# Of the idle bench and this setting, from before a load could have several workers.
KEY_BEFORE_WORKERS = "a30d5bc0630a4724491bf9c19f7924f12ac7cc6f87e6a54478977c94a4560b8c"


def test_the_same_question_has_the_same_key(tmp_path):
    assert idle_bench(tmp_path).key(SETTING, 0) == idle_bench(tmp_path).key(SETTING, 0)


def test_trials_that_go_on_to_their_end_are_kept_apart(tmp_path):
    """A record that was cut short is no answer to who asks for the whole."""
    benches = idle_bench(tmp_path), idle_bench(tmp_path, stops_early=False)
    keys = [bench.key(SETTING, repeat) for bench in benches for repeat in (0, 1)]
    assert len(set(keys)) == 4
    assert {len(key) for key in keys} == {64}


def test_trials_without_a_cpu_quota_are_kept_apart(tmp_path):
    """Also from those that go on to their end, and from both at once."""
    kinds = [(quota, early) for quota in (True, False) for early in (True, False)]
    benches = [idle_bench(tmp_path, quota=quota, stops_early=early) for quota, early in kinds]
    assert len({bench.key(SETTING, 0) for bench in benches}) == 4


def test_only_replicas_without_a_quota_are_kept_to_cpus(tmp_path):
    """To as many of the host's as there are; see test_cpusets."""
    assert idle_bench(tmp_path).cpusets(SETTING) == ()
    assert idle_bench(tmp_path, quota=False).cpusets(Setting(0.5, 300, 2)) == ("1", "0")


def test_a_replica_may_open_all_the_files_the_engine_grants(tmp_path):
    """A service opens more than a file a connection; how many more is its own business."""
    found = idle_bench(tmp_path, descriptor_limit=20_000).replica_descriptors(100)
    what = "100 users, and an engine that grants 20,000 open files"
    said = f"a replica may open {found:,}"
    log_case("mended", "limits of our own", what, said, found == 20_000, "a replica may open 300")
    assert found == 20_000
    assert idle_bench(tmp_path).replica_descriptors(100) > 100, "the engine does not say"


@pytest.mark.parametrize(
    ("cpus", "limit_s"), [(2.0, 60.0), (1.0, 60.0), (0.5, 120.0), (0.1, 600.0), (0.01, 600.0)]
)
def test_a_service_may_take_longer_to_start_the_less_cpu_it_has(cpus, limit_s):
    plan = LoadPlan("key", Setting(cpus, 300), 0, (), None)
    if cpus == 0.1:
        said = f"it may take {plan.ready_limit_s:g} s to start"
        right, before = plan.ready_limit_s == limit_s, "it may take 60 s"
        log_case("mended", "slow start", "a service with 0.1 CPU", said, right, before)
    assert plan.ready_limit_s == limit_s


def test_a_proxy_in_front_makes_another_trial_and_another_image_of_it_too(tmp_path):
    kinds = (Balancing.LEAST_CONNECTIONS, Balancing.ROUND_ROBIN)
    benches = [idle_bench(tmp_path)] + [
        idle_bench(tmp_path, target=Target("api", balancing=kind), proxy=Proxy(kind, image))
        for kind in kinds
        for image in ("sha256:8", "sha256:9")
    ]
    assert len({bench.key(SETTING, 0) for bench in benches}) == 5


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (Balancing.DNS, Proxy(Balancing.LEAST_CONNECTIONS, "sha256:8")),
        (Balancing.LEAST_CONNECTIONS, None),
        (Balancing.LEAST_CONNECTIONS, Proxy(Balancing.ROUND_ROBIN, "sha256:8")),
    ],
)
def test_a_bench_has_the_proxy_that_is_asked_for_and_no_other(tmp_path, asked, there):
    with pytest.raises(ValueError, match=f"{asked} is asked for"):
        idle_bench(tmp_path, target=Target("api", balancing=asked), proxy=there)


def test_a_proxy_may_open_what_it_wants_as_far_as_the_engine_grants_it(tmp_path):
    limited = idle_bench(tmp_path, descriptor_limit=20_000)
    assert limited.proxy_descriptors(100) == 600
    assert limited.proxy_descriptors(10_000) == 20_000
    assert idle_bench(tmp_path).proxy_descriptors(10_000) == 40_200, "the engine does not say"


def test_another_script_makes_another_trial(tmp_path):
    key = idle_bench(tmp_path).key(SETTING, 0)
    assert idle_bench(tmp_path, script=script_of(b"# another\n")).key(SETTING, 0) != key


def test_a_reference_speed_makes_no_other_trial(tmp_path):
    """It says how to read what was measured, not what was."""
    key = idle_bench(tmp_path).key(SETTING, 0)
    assert idle_bench(tmp_path, reference_us=330.5).key(SETTING, 0) == key


def nodes(*cpus, mode=EndpointMode.DNSRR):
    """Return a Swarm of nodes with so many CPUs each."""
    hosts = [replace(HOST, cpus=n) for n in cpus]
    return Swarm(
        None,
        mode,
        tuple(
            Node(f"node-{n}", f"id-{n}", "" if n == 1 else f"tcp://node-{n}", None, host, n == 1)
            for n, host in enumerate(hosts, 1)
        ),
    )


def on(tmp_path, swarm, **given):
    """Return a bench whose replicas are a Swarm's service."""
    return idle_bench(tmp_path, target=Target("api", swarm=swarm.mode), swarm=swarm, **given)


def test_a_swarm_makes_another_trial_and_so_do_other_nodes_and_another_endpoint_mode(tmp_path):
    benches = [
        idle_bench(tmp_path),
        on(tmp_path, nodes(2)),
        on(tmp_path, nodes(2, 2)),
        on(tmp_path, nodes(2, 4)),
        on(tmp_path, nodes(2, 2, mode=EndpointMode.VIP)),
    ]
    assert len({bench.key(SETTING, 0) for bench in benches}) == len(benches)


def test_a_bench_has_the_swarm_that_is_asked_for_and_no_other(tmp_path):
    with pytest.raises(ValueError, match="Swarm mode dnsrr is asked for, and None is there"):
        idle_bench(tmp_path, target=Target("api", swarm=EndpointMode.DNSRR))
    with pytest.raises(ValueError, match="Swarm mode None is asked for, and dnsrr is there"):
        idle_bench(tmp_path, swarm=nodes(2))


def test_replicas_have_the_addresses_that_a_virtual_one_hides(tmp_path):
    """By the name that a Swarm gives every service's tasks; a load waits for each of them."""
    names = Names("store", "key")
    assert idle_bench(tmp_path).behind(names) == ""
    assert on(tmp_path, nodes(2)).behind(names) == ""
    virtual = on(tmp_path, nodes(2, mode=EndpointMode.VIP))
    assert virtual.behind(names) == f"tasks.{names.alias}"
    assert virtual.replica_alias(names) == names.alias


def test_on_several_machines_a_replica_may_open_what_its_users_need(tmp_path):
    """What this machine's engine grants says nothing of the others."""
    assert on(tmp_path, nodes(2), descriptor_limit=5000).replica_descriptors(100) == 5000
    assert on(tmp_path, nodes(2, 2), descriptor_limit=5000).replica_descriptors(100) == 300


def test_a_load_of_several_workers_is_another_trial_and_of_one_the_same_as_ever(tmp_path):
    """Trials from before there were workers are those of one process."""
    benches = [idle_bench(tmp_path, workers=workers) for workers in (1, 2, 3)]
    keys = [bench.key(SETTING, 0) for bench in benches]
    assert len(set(keys)) == 3
    assert keys[0] == KEY_BEFORE_WORKERS
