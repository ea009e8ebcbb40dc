"""A trial's folder, written and read back; what is not a whole record is refused with advice."""

import json
from dataclasses import replace

import pytest

from loadtests import record
from loadtests.errors import RecordError
from loadtests.question import Balancing, Setting
from loadtests.record import Event, read_trial
from tests.analysis.proxied import behind
from tests.analysis.records import evidence, write
from tests.analysis.several_workers import sent_by, worker

TABLES = [
    (record.REQUESTS_CSV, record.read_requests),
    (record.DOCKER_STATS_CSV, record.read_docker_stats),
    (record.GENERATOR_CSV, record.read_generator),
    (record.HOST_CSV, record.read_host),
]


@pytest.fixture
def trial():
    """A trial with something in every field."""
    found = evidence(
        own_errors={"dns": 2},
        script_errors={"KeyError": 3},
        limits_hit=("open files",),
        throttled=None,
        spawned_s=None,
    ).trial
    return replace(
        found,
        events=(Event(1.5, "replica-1", "die"),),
        versions={"a": "1", "b": "2"},
        reference_us=330.5,
    )


def test_a_trial_comes_back_as_it_was_written(trial, tmp_path):
    (tmp_path / record.TRIAL_JSON).write_bytes(record.dump_trial(trial))
    assert read_trial(tmp_path) == trial


def test_the_same_trial_gives_the_same_bytes(trial):
    assert record.dump_trial(trial) == record.dump_trial(replace(trial))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_without_end_does_not_make_the_record_unreadable(trial, tmp_path, value):
    """A file that was measured for a minute must be readable after it."""
    odd = replace(trial, generator=replace(trial.generator, clock_drift_ms=value))
    (tmp_path / record.TRIAL_JSON).write_bytes(record.dump_trial(odd))
    assert str(read_trial(tmp_path).generator.clock_drift_ms) == str(value)


def changed(**fields):
    """Change fields of trial.json, as text."""
    return lambda text: json.dumps(json.loads(text) | fields)


def without(name):
    """Drop a field of trial.json."""
    return lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != name})


def test_a_record_from_before_there_was_a_reference_speed_has_none(trial, tmp_path):
    older = without("reference_us")(record.dump_trial(trial).decode())
    (tmp_path / record.TRIAL_JSON).write_text(older)
    assert read_trial(tmp_path) == replace(trial, reference_us=None)


def test_a_trial_behind_a_proxy_comes_back_as_it_was_written(tmp_path):
    given = behind(evidence(), balancing=Balancing.ROUND_ROBIN, end="it ended").trial
    (tmp_path / record.TRIAL_JSON).write_bytes(record.dump_trial(given))
    assert read_trial(tmp_path) == given


def test_a_trial_of_several_workers_comes_back_as_it_was_written(tmp_path):
    given = sent_by(worker(1), worker(2, lost="it ended", connects=None)).trial
    (tmp_path / record.TRIAL_JSON).write_bytes(record.dump_trial(given))
    assert read_trial(tmp_path) == given


def test_a_record_from_before_there_were_workers_is_of_one_process(trial, tmp_path):
    older = without("workers")(record.dump_trial(trial).decode())
    (tmp_path / record.TRIAL_JSON).write_text(older)
    assert read_trial(tmp_path) == trial
    assert trial.workers == ()


def test_a_record_from_before_there_were_proxies_had_none(trial, tmp_path):
    older = json.loads(record.dump_trial(trial))
    del older["proxy"], older["target"]["balancing"]
    (tmp_path / record.TRIAL_JSON).write_text(json.dumps(older))
    assert read_trial(tmp_path) == trial
    assert (trial.proxy, trial.target.balancing) == (None, Balancing.DNS)


TORN = [
    (lambda text: text[: len(text) // 2], "remove the folder", "cut in the middle"),
    (lambda _: "", "remove the folder", "nothing in it"),
    (lambda _: "[]", "remove the folder", "another file"),
    (without("key"), "remove the folder", "a field is missing"),
    (changed(repeat="many"), "remove the folder", "a field of another type"),
    (
        changed(setting={"cpus": -1, "memory_mib": 300}),
        "remove the folder",
        "an impossible setting",
    ),
    (changed(format=3), "has format 3, this version reads 1 to 2", "a later format"),
]


@pytest.mark.parametrize(("damage", "says", "what"), TORN)
def test_a_damaged_record_is_refused_and_says_what_to_do(trial, tmp_path, damage, says, what):
    path = tmp_path / record.TRIAL_JSON
    path.write_text(damage(record.dump_trial(trial).decode()))
    with pytest.raises(RecordError) as refusal:
        read_trial(tmp_path)
    assert says in str(refusal.value), what
    assert str(path) in str(refusal.value), what


def test_a_missing_record_is_refused_and_says_what_to_do(tmp_path):
    with pytest.raises(RecordError, match=r"No such file .*; remove the folder"):
        read_trial(tmp_path)


def test_a_trial_of_format_1_comes_back_as_one_of_today(trial, tmp_path):
    """What was recorded under the names of then is the same trial."""
    since = {new: old for old, new in record._NAMES_SINCE_FORMAT_1.items()}
    text = record.dump_trial(trial).decode()
    for new, old in since.items():
        text = text.replace(f'"{new}":', f'"{old}":')
    (tmp_path / record.TRIAL_JSON).write_text(text.replace('"format": 2', '"format": 1'))
    assert '"hold_s"' in (tmp_path / record.TRIAL_JSON).read_text()
    assert read_trial(tmp_path) == trial


@pytest.mark.parametrize(("name", "read"), TABLES)
def test_tables_come_back_as_they_were_written(tmp_path, name, read):
    given = evidence()
    table = read(write(given, tmp_path))
    wanted = {
        record.REQUESTS_CSV: given.requests,
        record.DOCKER_STATS_CSV: given.docker_stats,
        record.GENERATOR_CSV: given.generator,
        record.HOST_CSV: given.host,
    }[name]
    assert len(table) == len(wanted) > 0
    # What older records had no column for follows, blank.
    assert list(table.columns)[: len(wanted.columns)] == list(wanted.columns)
    assert table[list(table.columns)[len(wanted.columns) :]].isna().all(axis=None)
    assert table["time_s" if "time_s" in table else "start_s"].sum() == pytest.approx(
        wanted["time_s" if "time_s" in wanted else "start_s"].sum()
    )


def test_an_endpoint_may_be_called_null(tmp_path):
    given = evidence()
    named = given.requests.assign(name="null")
    table = record.read_requests(write(replace(given, requests=named), tmp_path))
    assert set(table["name"]) == {"null"}


@pytest.mark.parametrize(("name", "read"), TABLES)
@pytest.mark.parametrize("left", [None, b"", b"\x1f\x8b\x08cut"], ids=["gone", "empty", "cut"])
def test_a_missing_or_torn_table_is_refused_and_says_what_to_do(tmp_path, name, read, left):
    path = write(evidence(), tmp_path) / name
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
    with pytest.raises(RecordError, match="remove the trial's folder to measure it again"):
        read(tmp_path)


def test_a_trial_lies_in_its_run_under_the_start_of_its_key(tmp_path):
    assert record.trial_folder(tmp_path, "0123456789abcdef" * 4) == (
        tmp_path / "trials" / "0123456789abcdef"
    )


GRANTED = [
    (Setting(0.5, 300, 3), (), 1.5, "three quotas of half a CPU"),
    (Setting(0.5, 300), ("1",), 1.0, "a whole CPU in place of a half"),
    (Setting(1.5, 300), ("2,3",), 2.0, "two of them"),
    (Setting(0.5, 300, 3), ("1", "0", "1"), 2.0, "three replicas on two CPUs"),
]


@pytest.mark.parametrize(("setting", "cpusets", "cores", "what"), GRANTED)
def test_a_trial_knows_how_many_cores_its_replicas_could_use(trial, setting, cpusets, cores, what):
    assert replace(trial, setting=setting, cpusets=cpusets).granted_cores == cores, what
