"""What a machine cannot grant is refused before anything starts, with the value and the way out."""

from dataclasses import replace

import pytest

from loadtests.bench import preflight
from loadtests.bench.preflight import (
    Grants,
    check_load,
    check_proxy,
    check_setting,
    memory_left_mib,
)
from loadtests.errors import HostError
from loadtests.question import Setting, Workload
from tests.analysis.records import HOST

GRANTS = Grants(replace(HOST, cpus=2, memory_mib=24_000), 20_000, 50_000)
WORKLOAD = Workload()

WORKLOADS = [
    (Workload(users=20_001), GRANTS, "users is 20,001", "ask for fewer", "beyond one generator"),
    (
        WORKLOAD,
        replace(GRANTS, descriptor_limit=4096),
        "10,000 users need 10,200 open files, the engine grants 4,096",
        "ask for at most 3,896 users",
        "too few descriptors",
    ),
    (
        WORKLOAD.opened("poisson", 2_000_000),
        GRANTS,
        "rate is 2,000,000",
        "at most 10,000 arrivals/s: ask for fewer",
        "a rate beyond one generator",
    ),
    (
        WORKLOAD.opened("poisson", 1_000),
        replace(GRANTS, descriptor_limit=4096),
        "10,000 users need 10,200 open files, the engine grants 4,096",
        "ask for a lower rate, or a shorter timeout_s: for at most 3,896 users",
        "too few descriptors for who stands ready",
    ),
    (
        WORKLOAD,
        replace(GRANTS, free_disk_mib=499),
        "only 499 MiB are free",
        "free at least 500 MiB",
        "a full disk",
    ),
    (
        Workload(users=40_001),
        replace(GRANTS, descriptor_limit=None, workers=2),
        "users is 40,001; each of 2 workers drives at most 20,000",
        "or for 3 workers (WORKERS=3)",
        "beyond two workers",
    ),
    (
        Workload(users=20_001),
        GRANTS,
        "one generator process drives at most 20,000",
        "or for 2 workers (WORKERS=2)",
        "what one process cannot drive, two workers can",
    ),
    (
        WORKLOAD.opened("poisson", 25_000),
        replace(GRANTS, workers=2),
        "rate is 25,000; each of 2 workers sends at most 10,000 arrivals/s",
        "or for 3 workers (WORKERS=3)",
        "a rate beyond two workers",
    ),
    (
        Workload(users=2),
        replace(GRANTS, workers=3),
        "workers is 3; 2 users are fewer",
        "ask for fewer",
        "a worker without a user",
    ),
]


@pytest.mark.parametrize(("workload", "grants", "value", "fix", "what"), WORKLOADS)
def test_a_load_that_cannot_be_generated_is_refused(workload, grants, value, fix, what):
    with pytest.raises(HostError) as refusal:
        check_load(workload, grants)
    assert value in str(refusal.value), what
    assert fix in str(refusal.value), what


@pytest.mark.parametrize(("users", "limit", "offered"), [(10_000, 19_999, "9,999"), (100, 9, "4")])
def test_users_that_no_proxy_could_have_with_a_connection_each_behind_it_are_refused(
    users, limit, offered
):
    with pytest.raises(HostError) as refusal:
        check_proxy(Workload(users=users), replace(GRANTS, descriptor_limit=limit))
    said = str(refusal.value)
    assert f"{users:,} users behind a proxy need {2 * users:,} open files" in said
    assert f"ask for at most {offered} users" in said
    assert "(balancing dns)" in said


@pytest.mark.parametrize("limit", [20_000, None])
def test_users_that_a_proxy_can_have_are_granted(limit):
    """Where the engine is elsewhere it does not say what it grants."""
    check_proxy(Workload(users=10_000), replace(GRANTS, descriptor_limit=limit))


def test_the_users_that_a_refusal_offers_are_granted():
    grants = replace(GRANTS, descriptor_limit=4096)
    check_load(Workload(users=3896), grants)
    with pytest.raises(HostError):
        check_load(Workload(users=3897), grants)


@pytest.mark.parametrize(
    "grants",
    [GRANTS, replace(GRANTS, descriptor_limit=None), replace(GRANTS, free_disk_mib=500)],
    ids=["all there", "descriptors not told", "just enough disk"],
)
def test_the_default_load_is_granted(grants):
    check_load(WORKLOAD, grants)


SETTINGS = [
    (Setting(2.5, 1500), WORKLOAD, "2.5 CPU asked, the host has 2", "ask for at most 2", "CPUs"),
    (
        Setting(1, 23_306),
        WORKLOAD,
        "23,306 MiB asked in all, the host has 24,000, of which load generator and system need 695",
        "ask for at most 23,305 MiB in all",
        "memory",
    ),
    (
        Setting(0.5, 5000, 5),
        WORKLOAD,
        "25,000 MiB asked in all, the host has 24,000",
        "fewer replicas",
        "memory of all replicas",
    ),
    (
        Setting(1, 500),
        Workload(users=64_001),
        "64,001 users a replica need as many ports, there are 64,000",
        "ask for more replicas",
        "ports",
    ),
]


@pytest.mark.parametrize(("setting", "workload", "value", "fix", "what"), SETTINGS)
def test_a_setting_that_the_host_cannot_grant_is_refused(setting, workload, value, fix, what):
    with pytest.raises(HostError) as refusal:
        check_setting(setting, workload, GRANTS)
    assert value in str(refusal.value), what
    assert fix in str(refusal.value), what


@pytest.mark.parametrize(
    ("setting", "workload", "what"),
    [
        (Setting(2, 23_305), WORKLOAD, "all but what generator and system need"),
        (Setting(2, 4000, 5), WORKLOAD, "replicas share the CPUs, each within the host's"),
        (Setting(1, 500, 2), Workload(users=36_000), "shared by two, and unevenly"),
    ],
)
def test_what_the_host_has_is_granted(setting, workload, what):
    check_setting(setting, workload, GRANTS)


def test_the_files_of_one_process_count_and_not_those_of_all():
    """So six workers and six replicas can do what no one of them could."""
    six = replace(GRANTS, workers=6)
    check_load(Workload(users=100_000), six)
    with pytest.raises(HostError, match="20,000 users of each of 6 workers need 20,200 open files"):
        check_load(Workload(users=119_998), six)
    check_setting(Setting(1, 500, 6), Workload(users=100_000), six)
    with pytest.raises(HostError, match="22,000 users of one replica need 22,200 open files"):
        check_setting(Setting(1, 500, 5), Workload(users=100_000), six)


class Process:
    """A process with a hard limit of open files, or one that does not tell."""

    def __init__(self, name, hard):
        self.info = {"name": name}
        self._hard = hard

    def rlimit(self, _which):
        if self._hard is None:
            raise preflight.psutil.AccessDenied
        return 1024, self._hard


def test_the_least_limit_of_the_engines_processes_counts(monkeypatch):
    """Both start containers; others do not matter, nor does one that does not tell."""
    processes = [
        Process("dockerd", 20_000), Process("containerd", 10_000), Process("containerd", None),
        Process("bash", 256), Process("dockerd", -1),
    ]  # fmt: skip
    monkeypatch.setattr(preflight.psutil, "process_iter", lambda _fields: processes)
    assert preflight._engine_descriptor_limit() == 10_000


def test_a_limit_that_nobody_tells_is_none(monkeypatch):
    monkeypatch.setattr(preflight.psutil, "process_iter", lambda _fields: [])
    assert preflight._engine_descriptor_limit() is None


class Client:
    """An engine somewhere."""

    def __init__(self, base_url):
        self.api = self
        self.base_url = base_url


def test_the_disk_is_that_of_the_store_though_its_folder_is_not_made_yet(tmp_path):
    found = Grants.look(Client("http+docker://localhost"), HOST, tmp_path / "runs" / "new")
    assert found.free_disk_mib > 0
    assert not (tmp_path / "runs").exists()


def test_the_descriptors_of_an_engine_elsewhere_are_not_guessed(tmp_path):
    found = Grants.look(Client("http://10.0.0.9:2375"), HOST, tmp_path)
    assert found.descriptor_limit is None


def test_replicas_on_several_machines_need_room_for_their_share_of_them():
    """Three machines with two replicas each have what one machine has not."""
    six = Setting(1, 8000, 6)
    with pytest.raises(HostError, match="48,000 MiB asked in all"):
        check_setting(six, WORKLOAD, GRANTS)
    check_setting(six, WORKLOAD, replace(GRANTS, machines=3))
    with pytest.raises(HostError, match="24,000 MiB asked in all"):
        check_setting(Setting(1, 8000, 7), WORKLOAD, replace(GRANTS, machines=3))


def test_several_workers_drive_what_one_process_cannot():
    grants = replace(GRANTS, descriptor_limit=None, workers=2)
    check_load(Workload(users=40_000), grants)
    check_load(WORKLOAD.opened("poisson", 20_000), grants)


def test_each_worker_has_ports_of_its_own():
    workload, two = Workload(users=64_001), replace(GRANTS, descriptor_limit=None, workers=2)
    check_setting(Setting(1, 500), workload, two)
    with pytest.raises(HostError, match="ports"):
        check_setting(Setting(1, 500), replace(workload, users=128_001), two)


def test_workers_and_their_master_take_memory_each():
    assert memory_left_mib(10_000) == 695
    assert memory_left_mib(10_000, workers=2) == 895
