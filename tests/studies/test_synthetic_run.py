"""Trials that never ran: as many as asked for, of the form and size of the recorded ones."""

import gzip

import numpy as np
import pandas as pd
import pytest

from loadtests import record
from loadtests.analysis.evidence import Evidence
from loadtests.errors import RecordError
from loadtests.record import trial_folder
from loadtests.studies.manifest import drop_manifest
from loadtests.studies.results import read_table
from loadtests.studies.synthetic_run import (
    key_of,
    read_templates,
    write_synthetic,
    write_table_of,
)
from tests.browser.invented import write_run

SEED = 7


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """The whole trials of a run of two tables."""
    run = tmp_path_factory.mktemp("recorded")
    write_run(run)
    return read_templates(run)


@pytest.fixture(scope="module")
def run(templates, tmp_path_factory):
    """A run of as many synthetic trials as there are templates, and one more."""
    folder = tmp_path_factory.mktemp("synthetic")
    trials = len(templates.trials) + 1
    write_synthetic(folder, templates, range(trials), SEED)
    write_table_of(folder, templates, trials, SEED)
    return folder


def synthetic(run, number: int) -> Evidence:
    return Evidence.read(trial_folder(run, key_of(number, SEED)))


def test_templates_are_the_trials_that_ran_their_whole_length(templates):
    whole = [each.trial.phases.steady_end_s - each.trial.phases.steady_start_s
             for each in templates.trials]  # fmt: skip
    assert len(whole) >= 3
    assert min(whole) >= 0.9 * templates.manifest.question.workload.steady_s


def test_a_run_without_whole_trials_is_refused(tmp_path):
    write_run(tmp_path)
    for name in ("vertical", "scale_out"):
        drop_manifest(tmp_path, name)
    with pytest.raises(RecordError, match="no trial that ran its whole length"):
        read_templates(tmp_path)


def test_a_table_of_so_many_trials_can_be_read_and_judged(run, templates):
    table = read_table(run, "scale_out")
    assert sum(len(result.trials) for result in table.results) == len(templates.trials) + 1
    assert all(result.trials for result in table.results)
    assert len(table.to_frame()) == len(templates.trials) + 1


def test_a_table_may_be_of_the_first_few_alone(templates, tmp_path):
    write_synthetic(tmp_path, templates, range(3), SEED)
    write_table_of(tmp_path, templates, 2, SEED)
    assert len(read_table(tmp_path, "scale_out").to_frame()) == 2


def test_a_trial_is_as_large_as_its_template_and_not_the_same(run, templates):
    given, made = templates.trials[0], synthetic(run, 0)
    assert len(made.requests) == len(given.requests)
    assert made.trial.setting == given.trial.setting
    assert made.trial.key != given.trial.key
    assert made.requests["outcome"].value_counts().equals(given.requests["outcome"].value_counts())
    median = made.requests["latency_ms"].median() / given.requests["latency_ms"].median()
    assert median != 1
    assert 0.5 < median < 2


def test_two_trials_of_one_template_differ(run, templates):
    first, more = synthetic(run, 0), synthetic(run, len(templates.trials))
    assert (first.trial.repeat, more.trial.repeat) == (0, 1)
    assert first.trial.started_at < more.trial.started_at
    assert not np.allclose(
        np.sort(first.requests["latency_ms"]), np.sort(more.requests["latency_ms"])
    )


def test_requests_come_in_the_order_in_which_they_ended_as_in_a_record(run):
    requests = synthetic(run, 0).requests
    ended = requests[requests["outcome"] != record.IN_FLIGHT]
    # Times are written to a tenth of a millisecond.
    assert (ended["start_s"] + ended["latency_ms"] / 1000).diff().min() > -2e-4


def test_the_file_has_the_digits_of_a_record(run):
    packed = (trial_folder(run, key_of(0, SEED)) / record.REQUESTS_CSV).read_bytes()
    header, first, *_ = gzip.decompress(packed).decode().split("\r\n")
    assert header == "start_s,latency_ms,outcome,replica,name"
    start_s, latency_ms, *_ = first.split(",")
    assert [len(number.partition(".")[2]) for number in (start_s, latency_ms)] == [4, 2]


def test_the_same_number_and_seed_make_the_same_trial(run, templates, tmp_path):
    write_synthetic(tmp_path, templates, [1], SEED)
    again = Evidence.read(trial_folder(tmp_path, key_of(1, SEED)))
    pd.testing.assert_frame_equal(again.requests, synthetic(run, 1).requests)
    assert again.trial == synthetic(run, 1).trial
