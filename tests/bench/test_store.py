"""Trials are kept whole or not at all, once, by what was asked, by one process at a time."""

import gzip
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests import record
from loadtests.bench import store as store_module
from loadtests.bench.store import Store, trial_key
from loadtests.errors import HostError, StoreLockedError
from loadtests.question import (
    SLO,
    Balancing,
    EndpointMode,
    Objective,
    Question,
    Setting,
    Target,
    Workload,
)
from loadtests.record import read_trial
from tests.analysis.records import HOST, evidence
from tests.evidence_log import log_case

PROJECT = Path(__file__).parents[2]
TRIAL = evidence(key="0123456789abcdef" * 4).trial
FILES = {record.REQUESTS_CSV: b"start_s\n1.0\n", record.GENERATOR_LOG: b"done\n"}
ASKED = {
    "question": Question(Workload(users=500), SLO()),
    "setting": Setting(0.5, 300),
    "target": Target("api"),
    "image_id": "sha256:1",
    "locustfile_sha256": "2",
    "generator_content": "3",
    "host": HOST,
    "repeat": 0,
}
WORKLOAD, DEFAULT_SLO, SETTING = ASKED["question"].workload, ASKED["question"].slo, ASKED["setting"]


@pytest.fixture
def store(tmp_path):
    """A store that nothing was written to."""
    return Store(tmp_path / "run")


# --- keys


def loaded(**changes):
    """Return the question with another load."""
    return {"question": replace(ASKED["question"], workload=replace(WORKLOAD, **changes))}


def judged(**changes):
    """Return the question with another SLO."""
    return {"question": replace(ASKED["question"], slo=replace(DEFAULT_SLO, **changes))}


OTHER = [
    loaded(users=501),
    loaded(spawn_rate=501.0),
    loaded(think_time_s=(5.0, 16.0)),
    loaded(think_time_s=(4.0, 15.0)),
    loaded(steady_s=31.0),
    loaded(timeout_s=11.0),
    loaded(arrivals="poisson", rate_per_s=50.0),
    loaded(arrivals="constant", rate_per_s=50.0),
    loaded(arrivals="poisson", rate_per_s=51.0),
    judged(percentile=99.0),
    judged(latency_ms=501.0),
    judged(error_rate=0.002),
    judged(objectives=(Objective("/predict", 95, 300),)),
    judged(objectives=(Objective("/predict", 99, 300),)),
    {"setting": Setting(0.6, 300)},
    {"setting": Setting(0.5, 301)},
    {"setting": Setting(0.5, 300, 2)},
    {"target": Target("api", port=8001)},
    {"target": Target("api", health_path="/up")},
    {"target": Target("api", command=("serve",))},
    {"target": Target("api", user="10001")},
    {"target": Target("api", environment=("A",), environment_digest="1a2b")},
    {"target": Target("api", host_header="shop.example")},
    {"target": Target("api", files=("/etc/a",), files_digest="1a2b")},
    {"target": Target("api", balancing=Balancing.LEAST_CONNECTIONS)},
    {"target": Target("api", balancing=Balancing.ROUND_ROBIN)},
    {"target": Target("api", swarm=EndpointMode.DNSRR)},
    {"target": Target("api", swarm=EndpointMode.VIP)},
    {"image_id": "sha256:2"},
    {"locustfile_sha256": "3"},
    {"generator_content": "4"},
    {"host": replace(HOST, cpus=8)},
    {"host": replace(HOST, cpu_model="another")},
    {"host": replace(HOST, memory_mib=1)},
    {"repeat": 1},
]


MIXED = "the old trials, read as its own"


def test_whatever_is_asked_otherwise_has_another_key():
    keys = {trial_key(**ASKED), *(trial_key(**ASKED | other) for other in OTHER)}
    assert len(keys) == 1 + len(OTHER)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"generator_content": "4"}, "a mended generator"),
        ({"host": replace(HOST, cpus=8)}, "a machine of 8 cores instead of 2"),
    ],
)
def test_what_generates_the_load_and_where_it_runs_are_part_of_the_key(other, what):
    right = trial_key(**ASKED | other) != trial_key(**ASKED)
    said = "trials of its own" if right else MIXED
    log_case("mended", "generator and host", what, said, right, MIXED)
    assert right, what


def test_a_closed_load_is_asked_as_it_was_before_there_were_open_ones():
    """Else what was measured before would be measured again."""
    assert store_module._question(ASKED["question"])["workload"].keys() == {
        "users", "spawn_rate", "think_time_s", "steady_s", "timeout_s",
    }  # fmt: skip


def test_an_slo_without_objectives_is_asked_as_it_was_before_there_were_any():
    assert store_module._question(ASKED["question"])["slo"].keys() == {
        "percentile", "latency_ms", "error_rate",
    }  # fmt: skip


def test_another_format_has_another_key(monkeypatch):
    before = trial_key(**ASKED)
    monkeypatch.setattr(record, "FORMAT", 3)
    assert trial_key(**ASKED) != before


SAME = [
    (loaded(spawn_rate=500), "500 and 500.0 arrive alike"),
    (loaded(think_time_s=(5, 15)), "5 and 5.0 seconds"),
    (judged(latency_ms=500), "500 and 500.0 ms"),
    ({"target": Target("other-name")}, "an image is what is in it, whatever its name"),
    ({"host": replace(HOST, name="other", kernel="other")}, "what a setting is no share of"),
]


@pytest.mark.parametrize(("other", "what"), SAME)
def test_the_same_question_written_otherwise_has_the_same_key(other, what):
    assert trial_key(**ASKED | other) == trial_key(**ASKED), what


def test_keys_stay_as_they_were_released():
    """With another way to make them, everything measured would be measured again."""
    assert trial_key(**ASKED)[:16] == "2d4a39aa8a2f3d64"


ONE = "one identity: each removes the other's trials"


def test_two_stores_have_two_identities_though_their_paths_be_the_same(tmp_path):
    """On two machines that share an engine: their containers must not be taken for each other's."""
    first = Store(tmp_path / "run").identity
    shutil.rmtree(tmp_path / "run")
    right = Store(tmp_path / "run").identity != first
    said = "two identities" if right else ONE
    log_case("mended", "two stores, one path", "two runners on one engine", said, right, ONE)
    assert right, said


def test_a_store_keeps_its_identity(tmp_path):
    assert Store(tmp_path / "run").identity == Store(tmp_path / "other" / ".." / "run").identity


# --- writing


def test_a_trial_that_was_written_is_there_whole(store):
    assert not store.has(TRIAL.key)
    with store.writing():
        folder = store.write(TRIAL, FILES)
    assert store.has(TRIAL.key)
    assert folder == store.folder(TRIAL.key)
    assert read_trial(folder) == TRIAL
    assert gzip.decompress((folder / record.REQUESTS_CSV).read_bytes()) == b"start_s\n1.0\n"
    assert (folder / record.GENERATOR_LOG).read_bytes() == b"done\n"
    assert [path.name for path in store.trials.iterdir()] == [folder.name]


def test_a_folder_that_lost_its_trial_json_is_set_aside_and_measured_anew(store):
    """It would end every later run with an error of the disk."""
    with store.writing():
        folder = store.write(TRIAL, FILES)
    (folder / record.TRIAL_JSON).unlink()
    assert not store.has(TRIAL.key)
    with store.writing():
        assert store.write(TRIAL, FILES) == folder
    right = store.has(TRIAL.key)
    log_case(
        "mended",
        "torn trial folder",
        "a trial's folder without its trial.json",
        "set aside and measured anew" if right else "not measured",
        right,
        "could not be written (Directory not empty); see that the disk has space",
    )
    assert right
    (torn,) = store.trials.glob(".torn-*")
    assert (torn / record.GENERATOR_LOG).read_bytes() == b"done\n", "nothing is thrown away"


def test_the_same_trial_gives_the_same_bytes(tmp_path):
    """Whenever it is written: a copy can be compared by its hash."""
    folders = []
    for name in ("a", "b"):
        with Store(tmp_path / name).writing():
            folders.append(Store(tmp_path / name).write(TRIAL, FILES))
    first, second = folders
    assert {p.name for p in first.iterdir()} == {p.name for p in second.iterdir()}
    assert all(path.read_bytes() == (second / path.name).read_bytes() for path in first.iterdir())


def test_a_half_written_trial_is_no_trial_and_is_cleared_at_the_next_writing(store):
    """As a killed process leaves it."""
    half = store.trials / f".writing-{TRIAL.key[:16]}"
    half.mkdir(parents=True)
    (half / record.TRIAL_JSON).write_bytes(record.dump_trial(TRIAL))
    assert not store.has(TRIAL.key)
    assert store.keys() == []
    with store.writing():
        assert not half.exists()
        store.write(TRIAL, FILES)
    assert store.keys() == [TRIAL.key[:16]]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_disk_that_fails_leaves_no_trial(store, monkeypatch, fails_at):
    """At whichever file it is full."""
    synced = []

    def full(descriptor):
        synced.append(descriptor)
        if len(synced) == fails_at:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with store.writing(), pytest.raises(HostError, match=r"No space left.*repeat"):
        store.write(TRIAL, FILES)
    assert not store.has(TRIAL.key)
    assert store.keys() == []
    monkeypatch.undo()
    with store.writing():
        store.write(TRIAL, FILES)
    assert store.has(TRIAL.key), "once there is space the same trial can be written"


def test_a_trial_is_never_overwritten(store):
    with store.writing():
        store.write(TRIAL, FILES)
        with pytest.raises(HostError, match="not empty"):
            store.write(replace(TRIAL, started_at="later"), FILES)
    assert read_trial(store.folder(TRIAL.key)) == TRIAL


def test_trials_are_listed_from_the_oldest(store):
    keys = ["b" * 64, "a" * 64]
    with store.writing():
        for key in keys:
            store.write(replace(TRIAL, key=key), FILES)
            after = (store.folder(key) / record.TRIAL_JSON).stat().st_mtime
    assert after
    assert store.keys() == [key[:16] for key in keys]


# --- locking

OPEN = """
import sys
from pathlib import Path
from loadtests.bench.store import Store
from loadtests.errors import StoreLockedError
try:
    with Store(Path(sys.argv[1])).writing():
        print("open", flush=True)
        sys.stdin.read()
except StoreLockedError as error:
    print(error)
"""


def another(store):
    """Start another process that opens a store for writing until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(store.root)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_is_refused_and_told_what_to_do(store):
    with store.writing(), another(store) as process:
        told, _ = process.communicate(timeout=60)
    assert told.startswith(f"another run is measuring into {store.root}; wait for it, end it")


def test_a_process_that_is_killed_leaves_no_lock(store):
    with another(store) as process:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StoreLockedError), store.writing():
            pytest.fail("two processes write to one store")
        process.kill()
    with store.writing():
        pass
