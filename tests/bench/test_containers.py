"""How a trial's containers are named, limited and found again."""

import io
import json
import tarfile
from types import SimpleNamespace

import pytest
from docker.errors import APIError, NotFound
from requests import ConnectionError as NoConnectionError

from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.engine import PROJECT_LABEL
from loadtests.bench.users_script import UsersScript
from loadtests.errors import EngineError
from loadtests.question import Setting
from tests.bench.idle import idle_bench, script_of
from tests.evidence_log import log_case

NAMES = Names("a" * 16, "b" * 64)


def test_containers_carry_what_they_are_found_by():
    assert NAMES.labels == {
        "aguanta": "trial",
        "aguanta.store": "a" * 16,
        "aguanta.trial": "b" * 64,
    }


def test_names_of_two_trials_or_two_stores_differ():
    """A killed run of one must not be in the way of the other."""
    others = [NAMES, Names("c" * 16, "b" * 64), Names("a" * 16, "d" * 64)]
    assert len({names.container("api-1") for names in others}) == 3
    assert len({names.alias for names in others}) == 3


def test_an_alias_is_a_host_name():
    assert len(NAMES.alias) <= 63
    assert NAMES.alias.replace("-", "").isalnum()


class Engine:
    """An engine that remembers how containers were asked for."""

    def __init__(self, labels=None, error=None):
        self.images = SimpleNamespace(
            get=lambda _name: SimpleNamespace(labels=labels or {}, tags=["api:1"])
        )
        self.api = SimpleNamespace(api_version="1.41")
        self.containers = self
        self.error = error
        self.asked = None
        self.archive = None

    def create(self, image, **options):
        if self.error:
            raise self.error
        self.asked = {"image": image, **options}
        return self

    def put_archive(self, _path, archive):
        self.archive = archive


def replica(engine, setting):
    """Create a replica and return what was asked of the engine."""
    containers.create_replica(engine, NAMES, 2, setting, "sha256:1", 1200)
    return engine.asked


def test_a_replica_has_its_limits_and_no_swap():
    asked = replica(Engine(), Setting(0.25, 300, 3))
    assert (asked["cpu_quota"], asked["cpu_period"]) == (25_000, 100_000)
    assert asked["mem_limit"] == asked["memswap_limit"] == "300m"
    assert "restart_policy" not in asked
    (nofile,) = asked["ulimits"]
    assert (nofile["Name"], nofile["Soft"], nofile["Hard"]) == ("nofile", 1200, 1200)


def test_a_replica_may_start_as_many_processes_as_the_engine_lets_any_container():
    """A limit of this project's own would end somebody's service and be told as its failure."""
    asked = replica(Engine(), Setting(1, 300))
    said = (
        f"at most {asked['pids_limit']}"
        if "pids_limit" in asked
        else "as many as the engine allows"
    )
    what, right = "processes of a replica", "pids_limit" not in asked
    log_case("mended", "limits of our own", what, said, right, "at most 512")
    assert right, said


def test_no_part_of_a_cpu_is_lost_in_rounding():
    """Of 0.01 to 4 CPUs, as they are written."""
    for hundredths in range(1, 401):
        asked = replica(Engine(), Setting(float(f"{hundredths / 100:.2f}"), 300))
        assert asked["cpu_quota"] == hundredths * 1000


def test_a_replica_without_a_quota_is_kept_to_its_cpus_and_has_no_other_limit_of_cpu():
    engine = Engine()
    containers.create_replica(engine, NAMES, 1, Setting(0.25, 300), "sha256:1", 1200, "1")
    assert engine.asked["cpuset_cpus"] == "1"
    assert {"cpu_quota", "cpu_period", "nano_cpus"}.isdisjoint(engine.asked)
    assert engine.asked["mem_limit"] == engine.asked["memswap_limit"] == "300m"
    assert "cpuset_cpus" not in replica(Engine(), Setting(0.25, 300)), "with a quota any CPU"


def test_a_replica_cannot_gain_rights():
    assert replica(Engine(), Setting(1, 300))["security_opt"] == ["no-new-privileges"]


@pytest.mark.parametrize(
    ("labels", "read_only", "what"),
    [
        ({"aguanta.read_only": "api:1"}, True, "an image that says of itself it writes nothing"),
        (
            {"aguanta.read_only": "other:1"},
            False,
            "one built on top of such a one",
        ),
        ({}, False, "anybody's image"),
    ],
)
def test_nothing_can_be_written_and_no_capability_is_kept_where_the_image_says_so(
    labels, read_only, what
):
    asked = replica(Engine(labels), Setting(1, 300))
    if labels and not read_only:
        said = "its root is read-only" if asked["read_only"] else "it may write"
        right, before = not asked["read_only"], "its root is read-only"
        log_case("mended", "image built on ours", "an image FROM ours", said, right, before)
    assert asked["read_only"] is read_only, what
    assert asked["cap_drop"] == ["ALL"] * read_only, what


def test_what_runs_is_what_was_resolved_once(tmp_path):
    """A tag that moves on and a script that is edited while a run lasts change nothing of it."""
    script = tmp_path / "script" / "users.py"
    script.parent.mkdir()
    script.write_bytes(b"users = 1\n")
    bench = idle_bench(tmp_path, image_id="sha256:1", script=UsersScript.read(script))
    key = bench.key(Setting(1, 300), 0)
    script.write_bytes(b"users = 2\n")
    engine, setting = Engine(), Setting(1, 300)
    containers.create_replica(engine, NAMES, 1, setting, bench.image_id, 1200)
    image = engine.asked["image"]
    containers.create_generator(engine, NAMES, "locust", {}, 1000, bench.script)
    with tarfile.open(fileobj=io.BytesIO(engine.archive)) as tar:
        runs = tar.extractfile("aguanta/users.py").read()
    right = (image, runs, bench.key(setting, 0)) == ("sha256:1", b"users = 1\n", key)
    log_case(
        "mended",
        "changed while it ran",
        "a tag that moved on, a script that was edited",
        f"image {image} and script {runs.decode().strip()!r}, as in the key",
        right,
        "the key is of the old ones, what ran was the new ones",
    )
    assert right


def test_a_generator_gets_its_job_its_script_and_no_rights():
    engine = Engine()
    containers.create_generator(
        engine, NAMES, "locust", {"seed": 1000}, 1000, script_of(b"users = 1\n")
    )
    assert engine.asked["cap_drop"] == ["ALL"]
    job = json.loads(engine.asked["environment"]["AGUANTA_JOB"])
    assert (job["seed"], job["locustfile"]) == (1000, "/tmp/aguanta/locustfile.py")
    with tarfile.open(fileobj=io.BytesIO(engine.archive)) as tar:
        assert tar.extractfile("aguanta/locustfile.py").read() == b"users = 1\n"
        assert tar.getmember("aguanta").uid == containers.GENERATOR_USER


def test_a_refusal_of_the_engine_is_passed_on_with_the_name():
    engine = Engine(error=APIError("400", explanation="range of CPUs is from 0.01 to 2.00"))
    with pytest.raises(EngineError, match=r"refused to create aguanta-.*-api-2 from sha.*: range"):
        replica(engine, Setting(4, 300))


def test_containers_that_are_gone_already_are_no_error():
    removed = []

    def gone(**_):
        raise NotFound("gone")

    left = [
        SimpleNamespace(name="api-1", remove=gone),
        SimpleNamespace(name="api-2", remove=lambda **how: removed.append(how)),
    ]
    assert containers.remove(left) == ["api-1", "api-2"]
    assert removed == [{"force": True, "v": True}]


@pytest.mark.parametrize(
    "fault", [APIError("409 Conflict: removal is in progress"), NoConnectionError("gone away")]
)
def test_a_container_that_cannot_be_removed_keeps_no_other_from_it(fault):
    """And takes nothing with it: the next start removes what is left."""

    def refuses(**_):
        raise fault

    left = [
        SimpleNamespace(name="api-1", remove=refuses),
        SimpleNamespace(name="api-2", remove=lambda **_: None),
    ]
    removed = containers.remove(left)
    what = f"{type(fault).__name__} at the first of two removals"
    said = f"removed {', '.join(removed)}"
    before = "the error; neither was removed"
    log_case("mended", "removal refused", what, said, removed == ["api-2"], before)
    assert removed == ["api-2"]


def test_only_trials_of_the_same_store_are_leftovers():
    asked = []

    def listed(**how):
        asked.append(how)
        return []

    kinds = dict.fromkeys(("containers", "networks", "volumes"), SimpleNamespace(list=listed))
    containers.remove_leftovers(SimpleNamespace(**kinds), "mine")
    mine = {"label": [f"{PROJECT_LABEL}=trial", "aguanta.store=mine"]}
    assert asked == [
        {"all": True, "filters": mine, "ignore_removed": True},
        *2 * [{"filters": mine}],
    ]


class Running:
    """A container that runs, on an engine that does not know how to update one."""

    def __init__(self, is_there):
        self.attrs = {"HostConfig": {"NanoCpus": 0}}
        self._is_there = is_there

    def update(self, **_limits):
        raise NotFound("404 Not Found")

    def reload(self):
        if not self._is_there:
            raise NotFound("no such container")


def test_an_engine_that_changes_no_limit_live_is_told_apart_from_a_container_that_is_gone():
    """Asking again would end the same way, so it is said what to ask for instead."""
    with pytest.raises(EngineError, match=r"as podman 4 does not.* SETTINGS='\[\[0\.5, 300\]"):
        containers.limit_cpus(Running(is_there=True), 0.25)
    with pytest.raises(NotFound):
        containers.limit_cpus(Running(is_there=False), 0.25)
