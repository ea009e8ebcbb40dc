"""Notebooks as a job sees them: what they declare is what may be given, told in the same words."""

import re
from dataclasses import fields

import papermill
import pytest

from loadtests.jobs.notebooks import MEASURING, NOTEBOOKS, PEERS, REPORT, TRAINING, declared
from loadtests.studies.declaration import meanings
from loadtests.studies.parameters import RENAMED, ROOT, Parameters

ALL = (*MEASURING, REPORT)


def kind(value):
    """Say which values may stand in place of this one."""
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.mark.parametrize("notebook", ALL)
def test_every_parameter_of_a_notebook_is_known_with_its_type_and_default(notebook):
    """One that only the notebook knows could not be given; two defaults would be two questions."""
    known = {field.name: field.default for field in fields(Parameters)}
    for name, value in declared(notebook).items():
        assert name in known, name
        if known[name] is None:
            assert value is None or isinstance(value, list), name
        else:
            assert kind(value) == kind(known[name]), name
            assert value == known[name], name


@pytest.mark.parametrize("notebook", ALL)
def test_a_notebooks_own_defaults_are_a_question_that_can_be_asked(notebook):
    asked = Parameters.from_mapping(declared(notebook))
    assert asked.question == Parameters().question
    assert asked.target == Parameters().target
    assert asked.locustfile_path.exists()


def test_every_parameter_is_used_by_some_notebook():
    """A parameter that does nothing misleads."""
    used = {name for notebook in ALL for name in declared(notebook)}
    assert used == {field.name for field in fields(Parameters)}


def test_the_notebooks_named_here_are_the_notebooks_there_are():
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    assert names == sorted((TRAINING, *ALL, PEERS))


@pytest.mark.parametrize("notebook", ALL)
def test_a_parameters_comment_says_what_its_declaration_says(notebook):
    """What it means in this notebook alone may follow, after a semicolon."""
    told = meanings(Parameters)
    for name, parameter in papermill.inspect_notebook(str(NOTEBOOKS / f"{notebook}.ipynb")).items():
        comment = parameter["help"]
        assert comment == str(told[name]) or comment.startswith(f"{told[name]}; "), name


def test_make_hands_on_every_parameter_in_the_order_declared():
    makefile = (ROOT / "Makefile").read_text()
    listed = re.search(r"^PARAMETERS = ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert listed is not None
    names = listed[1].replace("\\\n", " ").split()
    assert [name.lower() for name in names] == [field.name for field in fields(Parameters)]


def test_make_tells_of_the_same_old_names_as_a_notebook():
    renamed = re.search(r"^RENAMED = (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert renamed is not None
    assert dict(pair.lower().split("=") for pair in renamed[1].split()) == RENAMED
