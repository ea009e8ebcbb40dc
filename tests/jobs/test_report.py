"""The main job: what its command line refuses, and what it makes of a notebook's end."""

import json
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from loadtests.jobs import notebooks, plan, report
from loadtests.jobs.notebooks import REPORT
from loadtests.studies import parameters
from loadtests.studies.parameters import ROOT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500", 500),
        ("0.5", 0.5),
        ("[[1, 500], [0.5, 300]]", [[1, 500], [0.5, 300]]),
        ("shop:1.4", "shop:1.4"),
        ("__import__('os')", "__import__('os')"),
        ("mine", "mine"),
    ],
)
def test_a_value_on_the_command_line_is_a_literal_or_else_text(text, value):
    assert report.read_value(text) == value


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-p", "user", "5"], "Error: there is no parameter 'user'; did you mean users?\n"),
        (["-p", "users", "many"], "Error: users is 'many'; it must be a whole number"),
        (["-p", "run", "../x"], "Error: run is '../x'; it must be a plain folder name\n"),
        (["-p", "run", "2026"], "Error: run is 2026; it must be text"),
    ],
)
def test_a_refusal_is_told_on_standard_error_and_gives_exit_code_2(arguments, says, capfd):
    assert report.main(arguments) == 2
    told = capfd.readouterr()
    assert told.err.startswith(says)
    assert told.out == ""


def test_a_notebook_that_is_none_is_refused_with_those_there_are(capfd):
    with pytest.raises(SystemExit) as ended:
        report.main(["--only", "03_find_maximum"])
    assert ended.value.code == 2
    assert "03_find_minimum" in capfd.readouterr().err


# --- what becomes of notebooks that run


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Return a function that runs the job with one notebook of its own instead of all."""
    (tmp_path / "loadtests").symlink_to(ROOT / "loadtests")  # where the template is
    monkeypatch.setattr(plan, "ROOT", tmp_path)
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(report, "MEASURING", ())
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")

    def run(code: str, *arguments: str) -> int:
        new = nbformat.v4
        declared = new.new_code_cell('run = ""', metadata={"tags": ["parameters"]})
        book = new.new_notebook(cells=[declared, new.new_code_cell(code)])
        book.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(book, tmp_path / f"{REPORT}.ipynb")
        return report.main([*arguments, "-p", "users", ""])

    return run


ANSWER = {
    "question": {"users": 10000},
    "minimum": {"cpus": 0.5, "memory_mib": 300, "replicas": 1, "p95_ms": 1234.5},
    "search": None,
    "repeat": None,
}


def answering(run: Path) -> str:
    """Return the code of a notebook that answers."""
    return f"open({str(run / 'answer.json')!r}, 'w').write({json.dumps(ANSWER)!r})"


def test_a_job_that_answers_prints_the_answer_and_where_the_report_lies(job, tmp_path, capfd):
    """An empty value on the command line is as if not given; a name is handed to the notebook."""
    run = tmp_path / "runs" / "mine"
    check = f"assert run == 'mine'\nprint('measuring')\n{answering(run)}"
    assert job(check, "-p", "run", "mine") == 0
    out = capfd.readouterr().out
    assert "into runs/mine" in out
    assert "[1/1] 05_plan_capacity" in out
    assert "measuring" in out
    assert "10,000 users are held by 0.5 CPU / 300 MiB (p95 1,234 ms)." in out
    assert f"Report: {run / 'report.html'}" in out
    assert (run / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert (run / f"{REPORT}.ipynb").exists()


def test_what_holds_for_the_whole_job_is_told_once_and_trials_each_time(job, tmp_path, capfd):
    told = "print('Note: db is started anew', flush=True)\nprint('a trial', flush=True)\n"
    assert job(2 * told + answering(tmp_path / "runs" / "mine"), "-p", "run", "mine") == 0
    out = capfd.readouterr().out
    assert out.count("Note: db is started anew") == 1
    assert out.count("a trial") == 2


def test_a_notebook_that_fails_fails_the_job_and_leaves_no_answer(job, tmp_path, capfd):
    """Neither its own nor an earlier one that no longer is the answer."""
    run = tmp_path / "runs" / "report"
    run.mkdir(parents=True)
    (run / "answer.json").write_text(json.dumps(ANSWER))
    assert job("raise ValueError('no penguins')") == 2
    assert "Error: ValueError: no penguins" in capfd.readouterr().err
    assert not (run / "answer.json").exists()
    assert not (run / "report.html").exists()


def test_what_a_notebook_refuses_is_told_in_its_own_words(job, capfd):
    code = "from loadtests.errors import QuestionError\nraise QuestionError('ask otherwise')"
    assert job(code) == 2
    assert "Error: ask otherwise\n" in capfd.readouterr().err


def test_a_notebook_that_ends_without_an_answer_fails_the_job(job, capfd):
    """A kernel that dies can leave a notebook that looks complete."""
    assert job("pass") == 2
    assert "05_plan_capacity ended without an answer; see " in capfd.readouterr().err


def test_a_run_that_is_being_made_is_left_alone(job, tmp_path, capfd):
    run = tmp_path / "runs" / "report"
    run.mkdir(parents=True)
    (run / "answer.json").write_text("kept")
    with FileLock(run / ".batch.lock"):
        assert job("pass") == 2
    assert "the run report is being made by another process" in capfd.readouterr().err
    assert (run / "answer.json").read_text() == "kept"


def test_a_service_that_is_broken_has_an_exit_code_of_its_own_and_a_report_of_what_was_seen(
    job, tmp_path, capfd
):
    """Whoever gates on it can tell it from a service that is too small, and from a bad question."""
    told = "Broken, not too small. One user, alone with 2 CPU, saw every call fail"
    raised = f"from loadtests.errors import BrokenError\nraise BrokenError({told!r})"
    assert job(raised) == 4
    said = capfd.readouterr()
    assert f"Error: {told}" in said.err
    page = (tmp_path / "runs" / "report" / "report.html").read_text()
    assert "Broken, not too small" in page
    assert "Traceback" not in page
    assert "An Exception was encountered" not in page
    assert f"Report: {tmp_path / 'runs' / 'report' / 'report.html'}" in said.err
