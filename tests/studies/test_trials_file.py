"""Every trial of a run in one file: typed, with units, and read back as it was."""

import math
import re
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from loadtests.analysis.judge import judge
from loadtests.errors import RecordError
from loadtests.jobs import trials as job
from loadtests.question import Setting
from loadtests.record import trial_folder
from loadtests.studies.frames import COLUMNS, UNITS, to_frame
from loadtests.studies.manifest import Manifest, read_manifest, write_manifest
from loadtests.studies.parameters import EXAMPLE
from loadtests.studies.trials_file import (
    SCHEMA,
    TRIALS_PARQUET,
    read_trials,
    trials_of,
    write_table,
    write_trials,
)
from loadtests.verdicts import Step
from tests.analysis.records import QUESTION, evidence, steady_ms, write
from tests.browser.invented import write_run
from tests.test_documents import DATA_README, section

HELD = evidence(setting=Setting(1, 300), key="a" * 64, latency=steady_ms(5.0))
FAILED = evidence(setting=Setting(0.2, 300, 2), key="b" * 64, failures={"timeout": 0.5})
KILLED = evidence(setting=Setting(0.5, 50), oom_s=4.0, steady_s=0.0, stopped_early="too many")
NO_UNIT = "\N{EN DASH}"
KINDS = {
    pa.string(): "text",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "truth",
    pa.timestamp("ns", tz="UTC"): "time",
}


def framed(*trials) -> pd.DataFrame:
    """The table of some trials, judged by today's rules."""
    return to_frame((trial, judge(trial)) for trial in trials)


def told() -> list[tuple[str, str, str]]:
    """The columns that data/README.md tells of: name, kind and unit."""
    text = section(DATA_README, "## A table of trials: `to_frame()`").split("\n### ")[0]
    return re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \|", text, re.MULTILINE)


def test_schema_table_and_dictionary_have_the_same_columns_kinds_and_units():
    units = [(field.metadata or {}).get(b"unit", b"").decode() for field in SCHEMA]
    kinds = [KINDS[field.type] for field in SCHEMA]
    assert told() == [
        (name, kind, unit or NO_UNIT)
        for name, kind, unit in zip(SCHEMA.names, kinds, units, strict=True)
    ]
    assert SCHEMA.names == [*COLUMNS] == [*UNITS]


def test_the_file_itself_has_the_schema_with_its_units_and_nothing_else(tmp_path):
    schema = parquet.read_schema(write_table(framed(HELD), tmp_path / TRIALS_PARQUET))
    assert schema.equals(SCHEMA, check_metadata=True)
    assert schema.field("p95_ms").metadata == {b"unit": b"millisecond"}


def test_a_table_comes_back_as_it_was_written(tmp_path):
    table = framed(HELD, FAILED, KILLED)
    pd.testing.assert_frame_equal(
        read_trials(write_table(table, tmp_path / TRIALS_PARQUET)), table, check_exact=True
    )


def test_what_is_infinite_missing_or_of_a_time_zone_survives(tmp_path):
    held, failed, killed = read_trials(
        write_table(framed(HELD, FAILED, KILLED), tmp_path / TRIALS_PARQUET)
    ).itertuples()
    assert failed.p95_ms == math.inf
    assert np.isnan(killed.throughput_rps)
    assert held.cause is pd.NA
    assert held.started_at == pd.Timestamp("2026-01-01", tz="UTC")
    assert str(held.started_at.tz) == "UTC"


def test_nothing_is_asked_of_pandas_that_it_will_drop(tmp_path):
    table = framed(HELD)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_trials(write_table(table, tmp_path / TRIALS_PARQUET))


def test_in_the_file_what_was_not_measured_is_null_and_what_never_came_is_not(tmp_path):
    """Other programs know null; NaN would be a number to some of them."""
    table = parquet.read_table(write_table(framed(FAILED, KILLED), tmp_path / TRIALS_PARQUET))
    assert table["throughput_rps"].is_null().to_pylist() == [False, True]
    assert table["p95_ms"].to_pylist()[0] == math.inf


def test_a_table_without_trials_is_written_as_well(tmp_path):
    empty = read_trials(write_table(framed(), tmp_path / TRIALS_PARQUET))
    assert len(empty) == 0
    assert empty.dtypes.equals(framed(HELD).dtypes)


def test_an_older_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = write_table(framed(HELD, FAILED), tmp_path / TRIALS_PARQUET)
    write_table(framed(HELD), path)
    assert len(read_trials(path)) == 1
    assert [each.name for each in tmp_path.iterdir()] == [TRIALS_PARQUET]


@pytest.mark.parametrize("content", [None, b"", b"PAR1 torn"])
def test_a_file_that_is_missing_or_torn_is_refused_with_what_to_do(content, tmp_path):
    path = tmp_path / TRIALS_PARQUET
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordError, match=r"cannot be read .*; write it with `make trials`"):
        read_trials(path)


def test_a_file_of_other_columns_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / TRIALS_PARQUET
    parquet.write_table(pa.table({"trial": ["a"], "p95_s": [0.1]}), path)
    with pytest.raises(RecordError, match=r"other columns .* write it anew with `make trials`"):
        read_trials(path)


# --- of a run


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """What `run` is a copy of."""
    write_run(folder := tmp_path_factory.mktemp("written"))
    return folder


@pytest.fixture
def run(written, tmp_path) -> Path:
    """A run of two tables and a trial without a quota."""
    return shutil.copytree(written, tmp_path / "run")


def add(run: Path, name: str, trial) -> None:
    """Give a run one more part, of one trial."""
    write(trial, trial_folder(run, trial.trial.key))
    given = read_manifest(run, "vertical")
    setting, key = trial.trial.setting, trial.trial.key
    write_manifest(run, Manifest(name, QUESTION, given.target, (setting,), (key,)))


def test_every_trial_of_every_part_is_a_row_once(run):
    keys = {
        key
        for name in ("vertical", "scale_out", "without_quota")
        for key in read_manifest(run, name).trials
    }
    table = read_trials(write_trials(run))
    assert sorted(table["trial"]) == sorted(key[:16] for key in keys)


def test_rows_come_as_their_trials_were_begun(run):
    early = replace(HELD.trial, started_at="2025-12-31T23:00:00+00:00")
    add(run, "deploy", replace(HELD, trial=early))
    table = read_trials(write_trials(run))
    assert table["trial"][0] == "a" * 16
    assert table["started_at"].is_monotonic_increasing


@pytest.mark.parametrize("name", ["smoke_test", "ceiling"])
def test_one_user_and_a_server_that_does_nothing_are_no_rows(run, name):
    add(run, name, HELD)
    assert "a" * 16 not in [*read_trials(write_trials(run))["trial"]]


def test_a_live_staircase_is_no_row(run):
    climbed = replace(HELD.trial, steps=(Step(1.0, 1000, 100, 0, 0, None),))
    add(run, "capacity", replace(HELD, trial=climbed))
    assert "a" * 16 not in [evidence.trial.key[:16] for evidence, _ in trials_of(run)]


def test_the_recorded_example_is_a_table_too(tmp_path, monkeypatch, capfd):
    """What is written is the run's own, as `make trials RUN=example` asks for it."""
    linked = tmp_path / EXAMPLE.name
    linked.mkdir()
    for name in ("parts", "trials"):
        (linked / name).symlink_to(EXAMPLE / name)
    monkeypatch.setattr(job, "EXAMPLE", linked)
    assert job.main(["example"]) == 0
    table = read_trials(linked / TRIALS_PARQUET)
    assert f"{len(table)} trials written to {linked / TRIALS_PARQUET}" in capfd.readouterr().out
    assert table["trial"].is_unique
    assert set(table["verdict"]) >= {"holds", "fails"}


def test_a_run_that_there_is_not_is_refused(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(job, "RUNS", tmp_path)
    assert job.main(["mine"]) == 2
    assert "mine has no trials; name a run that `make report` made" in capfd.readouterr().err
    assert not (tmp_path / "mine").exists()
