"""Measured where an engine answers; elsewhere what the run, then the example, recorded."""

import pytest

from loadtests.errors import EngineError, HostError
from loadtests.studies import measure, parameters
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.parameters import EXAMPLE, Parameters

ENGINE = object()


@pytest.fixture
def engine(monkeypatch):
    """An engine that answers, and what it was asked for."""
    asked = []
    monkeypatch.setattr(measure, "ensure_engine", lambda note: asked.append(note) or ENGINE)
    return asked


@pytest.fixture
def no_engine(monkeypatch):
    """A machine without an engine."""

    def refuse(_note):
        raise EngineError("no container engine answers")

    monkeypatch.setattr(measure, "ensure_engine", refuse)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of the run asked for."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    return tmp_path / "mine"


ASKED = Parameters(run="mine")


def asking(recorded, asked=ASKED):
    """Return what is found where only those runs have a record that answers."""
    return measured_or_recorded(asked, lambda client, _progress: client, recorded.get)


def test_where_an_engine_answers_it_measures_and_nothing_is_read(engine, own):
    assert asking({own: "own", EXAMPLE: "example"}) is ENGINE
    assert len(engine) == 1


def test_without_an_engine_the_runs_own_record_is_read_first(no_engine, own, capsys):
    assert asking({own: "own", EXAMPLE: "example"}) == "own"
    said = "Nothing is measured here: no container engine answers. Shown is what mine recorded."
    assert said in capsys.readouterr().out


def test_without_an_engine_and_a_record_the_example_is_read(no_engine, own, capsys):
    assert asking({EXAMPLE: "example"}) == "example"
    assert "Shown is what example recorded." in capsys.readouterr().out


def test_without_an_engine_and_any_record_it_is_refused_with_the_engines_reason(no_engine, own):
    with pytest.raises(
        EngineError, match=r"^no container engine answers; and nothing recorded answers this"
    ):
        asking({})


def test_an_example_that_is_asked_for_is_read_even_where_an_engine_answers(engine):
    assert asking({EXAMPLE: "example"}, Parameters(run="example")) == "example"
    assert engine == []


def test_what_goes_wrong_while_measuring_is_not_hidden_behind_a_record(engine, own):
    """Only a missing engine is a reason to read."""

    def fail(_client, _progress):
        raise HostError("no room")

    with pytest.raises(HostError, match="no room"):
        measured_or_recorded(ASKED, fail, {own: "own"}.get)


def test_an_engine_that_goes_away_while_measuring_is_told(engine, own):
    """Half a run is no reason to show an older one."""

    def fail(_client, _progress):
        raise EngineError("the engine went away")

    with pytest.raises(EngineError, match=r"^the engine went away$"):
        measured_or_recorded(ASKED, fail, {own: "own"}.get)


def test_a_server_that_does_nothing_is_asked_by_this_projects_script_without_anothers_options():
    """Options are for a script of one's own: with this project's they are refused."""
    mine = Parameters(
        run="mine", locustfile="loadtests/locustfile.py", script_options="--tags read"
    )
    nothing = measure.of_nothing(mine)
    assert nothing.script.is_own
    assert nothing.question == mine.question
