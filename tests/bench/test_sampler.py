"""What a message of the stats stream says, under both versions of cgroups."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from loadtests.bench.cgroup import OomCounts
from loadtests.bench.sampler import EngineEvent, Sample, Sampler, ooms_at_limit, parse_sample
from loadtests.units import MIB
from tests.evidence_log import log_case

# Shortened messages of two engines: Docker 20.10 with cgroup v1, Docker 28 with cgroup v2.
V1 = {
    "read": "2026-01-01T00:00:10.123456789Z",
    "cpu_stats": {
        "cpu_usage": {"total_usage": 7_000_000_000, "percpu_usage": [3, 4]},
        "system_cpu_usage": 202_000_000_000,
        "online_cpus": 2,
        "throttling_data": {"periods": 100, "throttled_periods": 25, "throttled_time": 1.5e9},
    },
    "precpu_stats": {
        "cpu_usage": {"total_usage": 6_500_000_000},
        "system_cpu_usage": 200_000_000_000,
    },
    "memory_stats": {
        "usage": 150 * MIB,
        "limit": 300 * MIB,
        "stats": {"inactive_file": 10 * MIB, "total_inactive_file": 30 * MIB},
    },
}
V2 = V1 | {
    "cpu_stats": V1["cpu_stats"] | {"cpu_usage": {"total_usage": 7_000_000_000}},
    "memory_stats": V1["memory_stats"] | {"stats": {"inactive_file": 30 * MIB, "anon": 1}},
}
# 2026-01-01T00:00:10.123456Z
WALL_S = 1767225610.123456
SEEN = Sample(
    wall_s=WALL_S,
    container="api-1",
    role="replica",
    cpu_cores=0.5,  # half a second of CPU while each of 2 cores passed one
    memory_mib=120.0,  # without the page cache
    memory_limit_mib=300.0,
    cpu_s=7.0,
    periods=100,
    throttled_periods=25,
    throttled_s=1.5,
)


def parsed(message):
    """Return what a message says of a replica."""
    return parse_sample("api-1", "replica", message)


@pytest.mark.parametrize("message", [V1, V2], ids=["cgroup v1", "cgroup v2"])
def test_a_message_says_the_same_under_both_versions_of_cgroups(message):
    assert parsed(message) == SEEN


@pytest.mark.parametrize(
    ("message", "times", "what"),
    [
        (V1, 0, "v1 counts what dropping page cache mended"),
        (V2, 3, "v2: `oom` of memory.events"),
        ({"memory_stats": {}}, 0, "the container is gone"),
    ],
)
def test_how_often_a_limit_was_met_is_told_by_docker_stats_of_cgroup_v2(message, times, what):
    memory = message["memory_stats"]
    said = {"memory_stats": memory | {"failcnt": 3} if memory else memory}
    assert ooms_at_limit(said) == times, what


NOTHING = [
    (
        {"precpu_stats": {"cpu_usage": {"total_usage": 0}}},
        "the first message: nothing came before it",
    ),
    ({"memory_stats": {}, "read": "0001-01-01T00:00:00Z"}, "the container is gone"),
]


@pytest.mark.parametrize(("change", "what"), NOTHING)
def test_a_message_without_a_measurement_is_none(change, what):
    assert parsed(V1 | change) is None, what


def test_throttling_that_is_not_reported_is_none_and_not_zero():
    """A container without a CPU limit has no periods."""
    cpu = V1["cpu_stats"] | {
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0}
    }
    assert parsed(V1 | {"cpu_stats": cpu}) == replace(
        SEEN, periods=None, throttled_periods=None, throttled_s=None
    )


def test_cores_are_counted_by_their_columns_where_the_engine_does_not_say():
    cpu = {name: value for name, value in V1["cpu_stats"].items() if name != "online_cpus"}
    assert parsed(V1 | {"cpu_stats": cpu}) == SEEN


def test_no_time_between_two_messages_is_no_division_by_zero():
    before = V1["precpu_stats"] | {"system_cpu_usage": 202_000_000_000}
    assert parsed(V1 | {"precpu_stats": before}).cpu_cores == 0.0


class Stream(list):
    """A stream of events that has ended."""

    def close(self):
        """Nothing is open."""


class Client:
    """An engine that tells some events and was asked for them in some way."""

    def __init__(self, events=(), local=True):
        self._events = Stream(events)
        self.asked = None
        self.api = self
        self.base_url = "http+docker://localhost" if local else "http://10.0.0.9:2375"

    def events(self, **asked):
        self.asked = asked
        return self._events


def event(action, name="api-1"):
    """Return an event as the engine tells it."""
    return {"Action": action, "timeNano": 5e9, "Actor": {"Attributes": {"name": name}}}


def watched(client):
    """Return a sampler that has seen all events of a client, and the deaths it told."""
    deaths = []
    sampler = Sampler(client, {"a": "1", "b": "2"}, deaths.append)
    sampler.close()
    return sampler, deaths


def test_only_containers_with_all_labels_are_watched():
    """Another run may be at the same trial."""
    client = Client()
    watched(client)
    assert client.asked["filters"] == {"label": ["a=1", "b=2"], "type": "container"}


def test_events_are_kept_but_for_health_checks_and_deaths_are_told():
    client = Client([event("start"), event("exec_start: /bin/check"), event("oom"), event("die")])
    sampler, deaths = watched(client)
    assert sampler.events == [EngineEvent(5.0, "api-1", a) for a in ("start", "oom", "die")]
    assert deaths == ["api-1"]


def test_the_table_counts_from_the_first_user_and_is_sorted():
    sampler, _ = watched(Client())
    sampler.samples = [replace(SEEN, wall_s=WALL_S + 1), replace(SEEN, container="api-0"), SEEN]
    table = sampler.stats_table(WALL_S - 10)
    assert list(table["time_s"]) == [10.0, 10.0, 11.0]
    assert list(table["container"]) == ["api-0", "api-1", "api-1"]


def test_a_table_without_rows_has_its_columns():
    sampler, _ = watched(Client())
    assert "cpu_cores" in sampler.stats_table(0.0)


@pytest.mark.parametrize(
    ("local", "file", "told", "what"),
    [
        (True, "memory.events", {"api-1": OomCounts(1, 1)}, "v2: its file goes with its container"),
        (True, "memory.oom_control", {}, "v1: the engine's own word is enough"),
        (False, "memory.events", {}, "another machine's container"),
    ],
)
def test_the_kernels_counts_are_followed_where_they_are_needed_and_can_be_read(
    monkeypatch, local, file, told, what
):
    monkeypatch.setattr(Sampler, "_watch_stats", lambda *_: None)
    monkeypatch.setattr("loadtests.bench.cgroup.runs_here", lambda _id, _pid: True)
    monkeypatch.setattr("loadtests.bench.cgroup.oom_file", lambda _id, _pid: Path(file))
    monkeypatch.setattr("loadtests.bench.cgroup.follow", lambda _file, note: note(OomCounts(1, 1)))
    sampler = Sampler(Client(local=local), {}, lambda _name: None)
    container = SimpleNamespace(id="1", name="api-1", attrs={"State": {"Pid": 7}})
    sampler.watch(container, "replica")
    sampler.close()
    assert sampler.oom_counts == told, what


def test_a_fault_that_ends_the_watching_is_noted():
    """A thread that dies in silence would leave kills unseen."""
    sampler, _ = watched(Client([{"Action": "die"}]))
    said = f"broken by {sampler.broken_by}"
    right = sampler.broken_by == "KeyError: 'timeNano'"
    what, before = "an event that the sampler cannot read", "nothing, and every later kill unseen"
    log_case("mended", "broken watcher", what, said, right, before)
    assert right, said
