"""All that a run knows of several replicas, as read from it; what was not measured says so."""

import hashlib
import shutil
from dataclasses import replace

import pytest

from loadtests.analysis.equal_cost import NOT_COMPARED
from loadtests.question import Setting
from loadtests.studies.manifest import EQUAL_COST, Manifest, write_manifest
from loadtests.studies.measure_replicas import measure_capacity, measure_scale_out, measure_users
from loadtests.studies.parameters import Parameters
from loadtests.studies.replica_capacity import NO_CAPACITY
from loadtests.studies.scale_out import read_scale_out
from loadtests.studies.users_curve import NO_CURVE, users_of
from tests.analysis.records import QUESTION, write
from tests.analysis.replicas import several
from tests.studies.test_study import TARGET


def table(run, name, settings, times=3, target=TARGET):
    """Write a table of several trials a setting, an answer taking more CPU the more replicas."""
    keys = []
    for setting in settings:
        for repeat in range(times):
            asked = f"{target.port} {name} {setting.label} {repeat}"
            key = hashlib.sha256(asked.encode()).hexdigest()
            seen = several(
                setting.replicas,
                setting=setting,
                cpu_ms=0.25 + 0.02 * setting.replicas + 0.005 * repeat,
                seed=repeat + 1,
                key=key,
            )
            write(
                replace(seen, trial=replace(seen.trial, target=target)), run / "trials" / key[:16]
            )
            keys.append(key)
    write_manifest(run, Manifest(name, QUESTION, target, tuple(settings), tuple(keys)))


COUNTS = [Setting(0.1, 100, n) for n in (1, 2, 4)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What `run` is a copy of."""
    folder = tmp_path_factory.mktemp("measured")
    table(folder, "scale_out", COUNTS)
    table(folder, EQUAL_COST, [Setting(0.4, 400, 1), COUNTS[-1]])
    return folder


@pytest.fixture
def run(measured, tmp_path):
    """A run with three trials of each count, and of the total of four as one."""
    return shutil.copytree(measured, tmp_path, dirs_exist_ok=True)


def test_every_count_stands_with_its_trials(run):
    found = read_scale_out(run)
    assert list(found.groups) == ["each 0.1 CPU / 100 MiB"]
    (group,) = found.groups.values()
    assert [(each.replicas, len(each.trials)) for each in group] == [(1, 3), (2, 3), (4, 3)]
    assert 'alt="Charts of latency' in str(found.figure.data)


def test_the_load_of_each_of_the_most_replicas_is_listed(run):
    found = read_scale_out(run)
    assert len(found.loads) == 4
    assert "4 x 0.1 CPU / 100 MiB" in str(found.loads_table().data)
    assert "of the requests" in found.loads_sentence


def test_splits_of_one_total_are_compared(run):
    found = read_scale_out(run)
    assert [part.replicas for part in found.equal_cost.parts] == [1, 4]
    assert 'alt="Charts of p95 and CPU' in str(found.equal_cost_figure.data)


def test_what_a_request_costs_is_told_from_the_trials(run):
    said = " ".join(read_scale_out(run).returns.sentences())
    assert "us with 4 replicas" in said


def test_answer_json_has_what_was_measured_and_nothing_else(run, tmp_path):
    fields = read_scale_out(run).fields()
    assert set(fields) == {"replicates", "equal_cost"}
    first = fields["replicates"][0]
    assert first["between_trials"]["p95"]["low"] < first["between_trials"]["p95"]["high"]
    once = tmp_path / "once"
    table(once, "scale_out", COUNTS, times=1)
    assert read_scale_out(once).fields() == {}


def test_of_what_was_not_measured_words_tell_once_and_nothing_is_drawn_or_listed(tmp_path):
    """As a run of one replica leaves it."""
    table(tmp_path, "scale_out", COUNTS[:1])
    found = read_scale_out(tmp_path)
    assert found.loads_sentence == "Several replicas were not measured."
    assert found.equal_cost.sentences() == [NOT_COMPARED]
    assert found.users.sentences() == [NO_CURVE.absent]
    assert found.capacity_sentences() == [NO_CAPACITY.absent]
    shown = (
        found.loads_table(),
        found.equal_cost_figure,
        found.users.figure(),
        found.capacity_figure(),
        found.capacity_table(),
    )
    assert not any(shown)
    assert found.returns_table(), "one count tells what a request costs with it"


def test_what_was_measured_of_another_service_is_left_out(run):
    table(run, EQUAL_COST, [Setting(0.4, 400, 1), COUNTS[-1]], target=replace(TARGET, port=9))
    assert read_scale_out(run).equal_cost.sentences() == [NOT_COMPARED]


def test_a_run_without_a_table_of_replicas_has_none(tmp_path):
    assert read_scale_out(tmp_path) is None


def test_the_recorded_example_opens_and_says_what_it_did_not_measure():
    """Whatever sizes it was recorded with."""
    asked = Parameters(run="example", sizes=[[0.1, 250]], replica_counts=[1, 2])
    found = measure_scale_out(asked)
    found = measure_capacity(asked, measure_users(asked, found))
    assert found.table.rows
    assert found.figure
    assert found.loads_table()
    if found.capacity is NO_CAPACITY:
        assert found.capacity_sentences() == [NO_CAPACITY.absent]
    if found.users is NO_CURVE:
        assert found.users.sentences() == [NO_CURVE.absent]


def test_users_rise_around_those_asked_for():
    assert users_of(QUESTION.workload, 1.5) == [500, 700, 850, 1000, 1225, 1500]
    assert users_of(QUESTION.workload, 1.0)[-1] == 1000
