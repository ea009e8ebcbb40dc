"""The job that measures what analysing costs: real files, a process each, nothing left behind."""

import shutil
from collections import namedtuple

import psutil
import pytest

from loadtests.errors import HostError, RecordError
from loadtests.jobs import analysis_cost
from loadtests.jobs.analyse_trials import Stopwatch, analyse, peak_mib
from loadtests.studies.synthetic_run import read_templates
from loadtests.studies.trials_file import TRIALS_PARQUET, read_trials
from tests.browser.invented import write_run


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """The whole trials of a small run."""
    run = tmp_path_factory.mktemp("recorded")
    write_run(run)
    return read_templates(run)


def test_each_size_is_analysed_as_often_as_there_are_rounds_and_all_is_removed(
    templates, tmp_path, monkeypatch, capfd
):
    monkeypatch.setattr(analysis_cost, "RUNS", tmp_path)
    found = analysis_cost.measured([2, 4], 1, 1, templates)
    assert sorted(each.trials for each in found) == [2, 4]
    assert all(each.cpu_s > sum(each.steps_s.values()) > 0 for each in found)
    assert all(each.wall_s > 0 for each in found)
    assert all(each.peak_mib > 50 for each in found)
    assert all(each.pages == min(each.trials, len(templates.trials)) for each in found)
    assert [*tmp_path.iterdir()] == []
    assert "Round 1, 4 trials: " in capfd.readouterr().out


def test_a_disk_that_is_too_small_is_refused_before_anything_is_written(
    templates, tmp_path, monkeypatch
):
    usage = namedtuple("usage", "free")(2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(
        HostError, match=r"5 trials take 3 MiB and 1 are free .* fewer with --sizes"
    ):
        analysis_cost.make(tmp_path, templates, 5, 1)
    assert [*tmp_path.iterdir()] == []


def test_what_a_report_shows_of_trials_is_read_judged_and_drawn(templates, tmp_path):
    analysis_cost.make(tmp_path, templates, 3, 1)
    analysis_cost.write_table_of(tmp_path, templates, 3, 1)
    watch = Stopwatch()
    table, html = analyse(tmp_path, watch)
    assert html.count("<figure") == 4 + len(table.results)
    assert len(read_trials(tmp_path / TRIALS_PARQUET)) == 3
    assert [*watch.steps_s] == [
        "read and judge", "trials.parquet", "tables", "figures of all", "a page for each setting",
    ]  # fmt: skip


def test_a_run_without_a_table_of_trials_is_refused(tmp_path):
    with pytest.raises(RecordError, match="has no table scale_out"):
        analyse(tmp_path, Stopwatch())


def test_memory_is_that_of_this_process_in_mebibytes():
    """Within what the kernel's own counts are apart."""
    now = psutil.Process().memory_info().rss / 2**20
    assert 0.9 * now <= peak_mib() < 50 * now
