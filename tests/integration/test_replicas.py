"""Three replicas under load, looked at while they run: who they are, and what they may do."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from loadtests.analysis.balance import is_uneven
from loadtests.analysis.evidence import Evidence
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from loadtests.units import MIB
from tests.integration.benches import bench_at, part_of

pytestmark = pytest.mark.docker

SETTING = Setting(0.5, 200, 3)
REPLICAS = ("api-1", "api-2", "api-3")
USERS = 90


@pytest.fixture(scope="module")
def seen(client, tmp_path_factory, api_image, generator_image) -> Iterator[SimpleNamespace]:
    """A trial's record, and what the engine and the kernel said of its containers meanwhile."""
    inspected, status, written = {}, {}, {}

    def look(_line):
        # The generator first: it ends with its load, the replicas wait to be removed.
        for name in ("locust", *REPLICAS):
            if name not in inspected:
                container = part_of(bench, name)
                inspected[name] = container.attrs
                lines = container.exec_run(["cat", "/proc/1/status"]).output.decode().splitlines()
                status[name] = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
                code = "open('/left-behind', 'w')"
                written[name] = container.exec_run(["python3", "-c", code]).exit_code

    folder = tmp_path_factory.mktemp("replicas")
    with bench_at(
        client, folder, generator_image, image=api_image, users=USERS, spawn_rate=90.0
    ) as bench:
        trial = run_trial(bench, SETTING, 0, look)
        yield SimpleNamespace(
            evidence=Evidence.read(trial), inspected=inspected, status=status, written=written
        )


def test_each_replica_has_its_share_of_the_users(seen):
    """By the address that each request went to; one connection a user."""
    addresses = {replica.address for replica in seen.evidence.trial.replicas}
    assert len(addresses) == 3
    assert set(seen.evidence.requests["replica"]) == addresses
    assert not is_uneven(seen.evidence)
    assert seen.evidence.trial.generator.connects == USERS


def test_every_replica_and_the_generator_are_sampled(seen):
    by_role = seen.evidence.docker_stats.groupby("role")["container"].nunique()
    assert by_role.to_dict() == {"replica": 3, "generator": 1}


@pytest.mark.parametrize("name", REPLICAS)
def test_a_replica_gets_what_its_setting_grants_and_no_swap(seen, name):
    granted = seen.inspected[name]["HostConfig"]
    assert (granted["CpuQuota"], granted["CpuPeriod"]) == (50_000, 100_000)
    assert granted["Memory"] == granted["MemorySwap"] == 200 * MIB
    assert granted["RestartPolicy"]["Name"] in {"", "no"}
    assert {"Name": "nofile", "Soft": USERS + 200, "Hard": USERS + 200} in granted["Ulimits"]


@pytest.mark.parametrize("name", REPLICAS)
def test_a_replica_can_write_nothing_and_gain_no_rights(seen, name):
    granted = seen.inspected[name]["HostConfig"]
    assert granted["ReadonlyRootfs"] is True
    assert seen.written[name] != 0
    assert not granted["Privileged"]
    assert seen.inspected[name]["Mounts"] == []


@pytest.mark.parametrize("name", [*REPLICAS, "locust"])
def test_no_container_is_root_or_can_become_it(seen, name):
    status = seen.status[name]
    assert set(status["Uid"].split()) == {"10001"}
    assert status["NoNewPrivs"] == "1"
    assert int(status["CapEff"], 16) == 0
    limited = seen.inspected[name]["HostConfig"]["PidsLimit"] == 512
    assert limited is (name == "locust"), "a service may start what the engine lets it"


def test_the_generator_has_no_limits_of_cpu_and_memory(seen):
    """It must not be what is measured."""
    granted = seen.inspected["locust"]["HostConfig"]
    assert (granted["NanoCpus"], granted["CpuQuota"], granted["Memory"]) == (0, 0, 0)


def test_no_port_is_published(seen):
    """Users come over the containers' own network, never through a proxy of the host."""
    for attributes in seen.inspected.values():
        assert not attributes["HostConfig"]["PortBindings"]
