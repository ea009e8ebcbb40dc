"""The recorded example: a finished run is copied, one that is not leaves the example as it was."""

import shutil

import pytest

from loadtests.errors import RecordError
from loadtests.jobs import example
from loadtests.record import trial_folder
from loadtests.studies import study_report
from loadtests.studies.study import read_study
from tests.browser.invented import write_run

MARKED = "before\n<!-- answer: written by make example -->\nold\n<!-- /answer -->\nafter\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that is finished."""
    run = tmp_path_factory.mktemp("finished")
    write_run(run)
    study = read_study(run)
    study_report.write_answer(study)
    study_report.write_headline(study)
    (run / "report.html").write_text("<!DOCTYPE html>")
    return run


@pytest.fixture
def places(finished, tmp_path, monkeypatch):
    """An earlier example and a README of its own, beside a run that is finished."""
    (tmp_path / "example").mkdir()
    (tmp_path / "example" / "earlier").touch()
    (tmp_path / "README.md").write_text(MARKED)
    monkeypatch.setattr(example, "EXAMPLE", tmp_path / "example")
    monkeypatch.setattr(example, "README", tmp_path / "README.md")
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path


def test_an_example_is_the_run_with_the_headline_figure_as_it_was_drawn(places):
    """No notebook is needed for it: the figure was saved when it was drawn."""
    example.record_example(places / "run")
    made = places / "example"
    assert {path.name for path in made.iterdir()} == set(example.KEPT)
    assert (made / "answer.png").read_bytes() == (places / "run" / "answer.png").read_bytes()
    assert (made / "answer.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_says_what_the_records_say(places):
    example.record_example(places / "run")
    before, said, after = (places / "README.md").read_text().partition("400 users are held by")
    assert said, before + after
    assert "old" not in before + after
    assert before.startswith("before\n<!-- answer: ")
    assert after.endswith("<!-- /answer -->\nafter\n")


def test_trials_that_no_table_names_stay_behind(places):
    trial_folder(places / "run", "f" * 64).mkdir()
    example.record_example(places / "run")
    assert not trial_folder(places / "example", "f" * 64).exists()


@pytest.mark.parametrize("missing", ["report.html", "answer.json", "answer.png"])
def test_a_run_that_is_not_finished_leaves_the_example_as_it_was(places, missing):
    (places / "run" / missing).unlink()
    with pytest.raises(RecordError, match=f"has no {missing}; make it whole with `make report`"):
        example.record_example(places / "run")
    assert (places / "example" / "earlier").exists()
    assert (places / "README.md").read_text() == MARKED


def test_a_run_that_is_too_large_leaves_the_example_as_it_was(places):
    (places / "run" / "report.html").write_bytes(bytes((example.SIZE_LIMIT_MIB + 1) * 2**20))
    with pytest.raises(RecordError, match="at most 16 belong here"):
        example.record_example(places / "run")
    assert (places / "example" / "earlier").exists()
    assert not (places / ".example").exists(), "what was begun is removed"
