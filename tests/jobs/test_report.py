"""The conductor: what it refuses before anything runs, and what it makes of a notebook's end."""

import json
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from loadtests.errors import QuestionError
from loadtests.jobs import report
from loadtests.jobs.report import MEASURING, NOTEBOOKS, REPORT_NOTEBOOK, TRAINING_NOTEBOOK
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.parameters import Parameters

ALL = (*MEASURING, REPORT_NOTEBOOK)


def kind(value):
    """Say which values may stand in place of this one."""
    return "number" if type(value) in (int, float) else type(value).__name__


# --- what notebooks declare


@pytest.mark.parametrize("notebook", ALL)
def test_every_parameter_of_a_notebook_is_known_with_its_type_and_default(notebook):
    """One that only the notebook knows could not be given; two defaults would be two questions."""
    known = {field.name: field.default for field in fields(Parameters)}
    for name, value in report.declared(notebook).items():
        assert name in known, name
        if known[name] is None:
            assert value is None or isinstance(value, list), name
        else:
            assert kind(value) == kind(known[name]), name
            assert value == known[name], name


@pytest.mark.parametrize("notebook", ALL)
def test_a_notebooks_own_defaults_are_a_question_that_can_be_asked(notebook):
    asked = Parameters.from_mapping(report.declared(notebook))
    assert asked.question == Parameters().question
    assert asked.target == Parameters().target
    assert asked.locustfile_path.exists()


def test_every_parameter_is_used_by_some_notebook():
    """A parameter that does nothing misleads."""
    used = {name for notebook in ALL for name in report.declared(notebook)}
    assert used == {field.name for field in fields(Parameters)}


def test_the_notebooks_named_here_are_the_notebooks_there_are():
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    assert names == sorted((TRAINING_NOTEBOOK, *ALL))


# --- the plan


def test_a_plan_counts_each_setting_once():
    """Notebook 02's setting may stand in 03's table, and a size of 04's too."""
    given = {"settings": [[1, 500], [0.5, 300]], "sizes": [[0.5, 300]], "replica_counts": [1, 3]}
    plan = report.make_plan(given, ALL)
    assert plan.trials == 3
    assert plan.asked.vertical_settings == [Setting(1, 500), Setting(0.5, 300)]
    assert plan.expected_s > 3 * plan.asked.question.workload.duration_s


def test_a_plan_counts_only_what_its_notebooks_measure():
    """Without notebook 02 its setting is not measured."""
    given = {"settings": [[0.5, 300]]}
    assert report.make_plan(given, ("03_find_minimum", REPORT_NOTEBOOK)).trials == 1


REFUSED = [
    ({"user": 5}, ALL, "did you mean users?", "nearly a name"),
    ({"nothing": 5}, ALL, "there is no parameter 'nothing'", "no name"),
    ({"trees": 5}, ALL, "there is no parameter 'trees'", "of the training notebook only"),
    ({"users": "many"}, ALL, "users is 'many'", "a wrong type"),
    ({"users": 0}, ALL, "users is 0", "a value that makes no sense"),
    ({"think_min": 20}, ALL, "think_time_s is (20, 15)", "two that make no sense together"),
    ({"run": "../x"}, ALL, "run is '../x'", "out of its folder"),
    ({"run": "example"}, ALL, "the example", "over the recorded example"),
    ({"locustfile": "nowhere.py"}, ALL, "there is no such file", "no such users"),
    ({"image": " "}, ALL, "image is ' '", "no image"),
    ({"sizes": [[0.5]]}, ALL, "sizes has [0.5]", "half a pair"),
    (
        {"sizes": [[0.5, 300]]},
        ("03_find_minimum", REPORT_NOTEBOOK),
        "sizes: no notebook of this job uses that",
        "of a notebook that does not run",
    ),
]


@pytest.mark.parametrize(("given", "notebooks", "says", "what"), REFUSED)
def test_what_makes_no_sense_is_refused_before_anything_runs(given, notebooks, says, what):
    with pytest.raises(QuestionError) as refusal:
        _ = report.make_plan(given, notebooks).expected_s
    assert says in str(refusal.value), what


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
    assert report._value(text) == value


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
    (tmp_path / "loadtests").symlink_to(report.ROOT / "loadtests")  # where the template is
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "NOTEBOOKS", tmp_path)
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
        nbformat.write(book, tmp_path / f"{REPORT_NOTEBOOK}.ipynb")
        return report.main([*arguments, "-p", "users", ""])

    return run


ANSWER = {
    "question": {"users": 10000},
    "minimum": {"cpus": 0.5, "memory_mib": 300, "replicas": 1, "p95_ms": 1234.5},
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
    assert (run / f"{REPORT_NOTEBOOK}.ipynb").exists()


def test_a_notebook_that_fails_fails_the_job_and_leaves_no_answer(job, tmp_path, capfd):
    """Neither its own nor an earlier one that no longer is the answer."""
    run = tmp_path / "runs" / "report"
    run.mkdir(parents=True)
    (run / "answer.json").write_text(json.dumps(ANSWER))
    assert job("raise ValueError('no penguins')") == 2
    assert "Error: ValueError: no penguins" in capfd.readouterr().err
    assert not (run / "answer.json").exists()
    assert not (run / "report.html").exists()


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


TOLD = [
    (
        {"cpus": 0.5, "memory_mib": 300, "replicas": 1, "p95_ms": 12.4},
        "10,000 users are held by 0.5 CPU / 300 MiB (p95 12 ms).",
    ),
    (
        {"cpus": 0.25, "memory_mib": 200, "replicas": 3, "p95_ms": 1200.0},
        "10,000 users are held by 3 x 0.25 CPU / 200 MiB (p95 1,200 ms).",
    ),
    (None, "No setting that was measured holds 10,000 users."),
]


@pytest.mark.parametrize(("minimum", "says"), TOLD)
def test_the_answer_is_told_in_one_line(tmp_path, minimum, says):
    answer = {"question": {"users": 10000}, "minimum": minimum}
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    assert report.told_answer(tmp_path) == says
