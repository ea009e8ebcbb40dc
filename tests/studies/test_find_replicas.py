"""After the least setting of one replica, those of several are measured as the search decides."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from loadtests.analysis.evidence import Skipped
from loadtests.errors import NotReadyError
from loadtests.question import Setting
from loadtests.studies.find_replicas import find_replicas
from loadtests.studies.manifest import (
    REPLICA_AXIS,
    Manifest,
    NeverReady,
    read_manifest,
    write_manifest,
)
from loadtests.studies.minimum_search import MinimumSearch
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import ResultTable
from loadtests.verdicts import Verdict
from tests.analysis.records import HOST
from tests.studies.test_replica_search import FOUND
from tests.told import QUESTION, TARGET, measured, notes, table

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
ASKED = Parameters(image=TARGET.image, steady_s=QUESTION.workload.steady_s, replicas_at_most=3)


class Told:
    """An experiment whose trials come out as one rule says."""

    def __init__(self, run, comes):
        self.run, self.bench = run, SimpleNamespace(host=HOST, question=QUESTION)
        self.progress = SimpleNamespace(note=lambda _line: None)
        self.comes, self.asked, self.verdicts = comes, [], defaultdict(list)

    @contextmanager
    def measuring(self):
        yield self

    def one_more(self, _bench, setting, question=None):
        self.asked.append((setting, question))
        verdict = self.comes(setting)
        if verdict is None:
            raise NotReadyError("it ended by itself")
        self.verdicts[setting].append(verdict)
        return measured(setting, *self.verdicts[setting])

    def never_ready(self, setting, error):
        return NeverReady(setting, str(error))

    def manifest_of(self, name, results, _runner):
        settings = tuple(result.setting for result in results)
        keys = tuple(key for result in results for key in result.row.trials)
        return Manifest(name, QUESTION, TARGET, settings, keys)

    def kept(self, manifest, results):
        write_manifest(self.run, manifest)
        return ResultTable(manifest, tuple(results))


def found_by(tmp_path, comes, asked=ASKED, found=FOUND):
    """Return the table of several replicas, and the experiment that made it."""
    told = Told(tmp_path, comes)
    return find_replicas(told, told.bench, asked, found), told


def test_what_is_measured_has_several_replicas_and_is_kept_with_its_decisions(tmp_path):
    part, told = found_by(tmp_path, lambda _setting: FAILS)
    assert told.asked
    assert all(1 < setting.replicas <= 3 for setting, _ in told.asked)
    kept = read_manifest(tmp_path, REPLICA_AXIS)
    assert kept == part.manifest
    assert kept.search.replica_counts == (1, 2, 3)
    assert [line.asked for line in kept.search.log] == [
        *(setting.label for setting, _ in told.asked), "",
    ]  # fmt: skip
    assert FOUND.with_replicas(part).answer == FOUND.least


def test_an_answer_of_several_is_measured_in_a_long_trial(tmp_path):
    part, told = found_by(tmp_path, lambda _setting: HOLDS)
    best = FOUND.with_replicas(part).axis.best
    assert best.replicas > 1
    long = [setting for setting, question in told.asked if question is not None]
    assert long
    assert all(setting.replicas > 1 for setting in long)
    assert {question for _, question in told.asked} == {None, ASKED.final_question}


def test_a_size_with_which_nothing_gets_ready_fails_and_is_told(tmp_path):
    part, told = found_by(tmp_path, lambda _setting: None)
    assert [each.setting for each in part.manifest.never_ready] == [s for s, _ in told.asked]
    assert part.manifest.search.log[0].found == "fails: it ended by itself"


@pytest.mark.parametrize(
    ("asked", "found", "what"),
    [
        (replace(ASKED, replicas_at_most=1), FOUND, "only one was asked about"),
        (
            ASKED,
            MinimumSearch.of(
                table(measured(Setting(0.5, 300), FAILS), search=notes((0.5,), (300,)))
            ),
            "no size of one replica holds",
        ),
    ],
    ids=["one only", "nothing holds"],
)
def test_where_there_is_nothing_to_ask_nothing_is_measured_and_no_older_part_is_left(
    tmp_path, asked, found, what
):
    stale = Manifest(REPLICA_AXIS, QUESTION, TARGET, (), (), (Skipped(Setting(1, 100), "old"),))
    write_manifest(tmp_path, stale)
    part, told = found_by(tmp_path, lambda _setting: HOLDS, asked, found)
    assert part is None, what
    assert not told.asked
    assert read_manifest(tmp_path, REPLICA_AXIS) is None


def test_the_minutes_are_kept(tmp_path):
    """A trial of these is 8 s of load by its question, whatever the default asks."""
    part, told = found_by(
        tmp_path, lambda _setting: HOLDS, replace(ASKED, replica_minutes_at_most=0)
    )
    assert not told.asked
    assert part.manifest.search.is_cut_short is bool(FOUND.with_replicas(part).axis.rivals.near())
