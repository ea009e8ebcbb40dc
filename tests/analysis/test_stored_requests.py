"""Requests of stored trials: as many tables in memory as are looked at, the others read again."""

import gc
import weakref

import pandas as pd
import pytest

from loadtests import record
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.stored_requests import StoredRequests
from loadtests.errors import RecordError
from tests.analysis.records import evidence, write

GIVEN = evidence()


@pytest.fixture
def one_in_memory(monkeypatch):
    """Let there be room for a single table."""
    monkeypatch.setattr(StoredRequests, "MOST", 1)


def test_a_table_makes_room_for_the_next_one(tmp_path, one_in_memory):
    first = Evidence.read(write(GIVEN, tmp_path / "first"))
    known = weakref.ref(first.requests)
    second = Evidence.read(write(GIVEN, tmp_path / "second"))
    gc.collect()
    assert known() is None
    assert second.requests is second.requests


def test_a_trial_whose_table_had_to_make_room_says_the_same(tmp_path, one_in_memory):
    first = Evidence.read(write(GIVEN, tmp_path / "first"))
    before, said = first.requests, judge(first)
    Evidence.read(write(evidence(seed=2), tmp_path / "second"))
    assert first.requests is not before
    pd.testing.assert_frame_equal(first.requests, before)
    assert judge(first) == said


def test_the_table_that_was_looked_at_last_stays_the_longest(tmp_path, monkeypatch):
    monkeypatch.setattr(StoredRequests, "MOST", 2)
    first, second = (Evidence.read(write(GIVEN, tmp_path / name)) for name in ("1", "2"))
    kept = first.requests
    Evidence.read(write(GIVEN, tmp_path / "3"))
    assert first.requests is kept
    assert len(second.requests) == len(kept)


def test_requests_that_are_not_whole_are_refused_as_the_trial_is_read(tmp_path):
    folder = write(GIVEN, tmp_path / "torn")
    whole = (folder / record.REQUESTS_CSV).read_bytes()
    (folder / record.REQUESTS_CSV).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RecordError, match=r"requests.csv.gz cannot be read .* measure it again"):
        Evidence.read(folder)


def test_a_trial_without_its_requests_cannot_be_made():
    with pytest.raises(TypeError, match="requests"):
        Evidence(GIVEN.trial, docker_stats=None, generator=None, host=None)
