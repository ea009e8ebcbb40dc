"""How a run's answer holds, on its first screen and in answer.json."""

import json
import shutil
from dataclasses import replace

import pytest

from loadtests.analysis.edge import Shape
from loadtests.question import Setting
from loadtests.record import trial_folder
from loadtests.studies import answer_reliability as room
from loadtests.studies import parameters
from loadtests.studies.answer_reliability import answer_reliability, answer_trials
from loadtests.studies.manifest import REPEAT, Manifest, read_manifest, write_manifest
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import Parameters
from loadtests.studies.study import read_study
from loadtests.studies.study_report import (
    card,
    edge_sentences,
    margins_table,
    spread_of_answer,
    write_answer,
)
from tests.analysis.records import QUESTION, evidence, growing_ms, steady_ms, write
from tests.studies.test_study import TARGET, search_ended, write_table

LEAST = Setting(0.5, 300)
LOST = {"latency": growing_ms(4, 200), "throttled": 0.9, "cpu_share": 1.0}
VERTICAL = [(LEAST, {}), (Setting(0.4, 300), LOST), (Setting(0.5, 100), {"oom_s": 5.0})]


@pytest.fixture(scope="module")
def bracketed(tmp_path_factory):
    """What `run` is a copy of."""
    folder = tmp_path_factory.mktemp("bracketed")
    write_table(folder, "vertical", VERTICAL)
    write_table(folder, "scale_out", [(LEAST, {}), (Setting(0.25, 300, 2), {**LOST})])
    return folder


@pytest.fixture
def run(bracketed, tmp_path):
    """A run whose answer has a failing neighbour on each side."""
    return shutil.copytree(bracketed, tmp_path, dirs_exist_ok=True)


def repeat(run, **given):
    """Measure the answer once more."""
    first = read_manifest(run, "vertical").trials[0]
    more = "again".ljust(32, "0")
    write(evidence(setting=LEAST, key=more, **given), trial_folder(run, more))
    write_manifest(run, Manifest(REPEAT, QUESTION, TARGET, (LEAST,), (first, more)))
    return [first, more]


def test_edge_and_binding_follow_from_the_rows_of_a_run(run):
    found = answer_reliability(read_study(run))
    assert found.edge.shape is Shape.CLIFF
    assert [constraint.value for constraint in found.binding.constraints] == ["cpu", "memory"]


def test_settings_given_by_name_have_no_band_and_the_first_screen_says_so(run):
    found = read_study(run)
    assert answer_reliability(found).band is None
    assert (
        "How reliably it holds is not known: the settings were given by name." in card(found).data
    )


def test_a_search_states_its_reliability_on_the_first_screen_and_in_the_answer(run):
    search_ended(run, "0.5 CPU / 300 MiB is the least.", cpu_steps=(0.4, 0.5))
    found = read_study(run)
    band = answer_reliability(found).band
    assert band == found.search.band
    line = answer_reliability(found).line
    assert line.startswith("By a model of all trials it is expected to hold in ")
    assert line in card(found).data
    assert edge_sentences(found)[0] == line
    answer = json.loads(write_answer(found).read_text())["reliability"]
    assert (answer["stated"], answer["asked"]) == (band.reliability, band.asked)
    assert (answer["edge"], answer["binds"]) == ("cliff", ["cpu", "memory"])
    assert answer["why_ended"] == "0.5 CPU / 300 MiB is the least."


def test_a_trial_after_the_end_of_the_search_counts_for_its_reliability(run):
    """One that fails makes it less than the search had said, one that holds makes it more."""
    search_ended(run, "It is over.", cpu_steps=(0.4, 0.5))
    searched = answer_reliability(read_study(run)).band.reliability
    repeat(run)
    held = answer_reliability(read_study(run)).band.reliability
    repeat(run, latency=steady_ms(5.0, 0.4))
    failed = answer_reliability(read_study(run)).band.reliability
    assert failed < searched < held


def test_an_answer_of_several_replicas_has_no_band_of_the_search(run):
    """The search repeats settings of one replica only."""
    search_ended(run, "It is over.", cpu_steps=(0.4, 0.5))
    write_table(run, "scale_out", [(Setting(0.1, 100, 2), {})])
    found = read_study(run)
    assert found.minimum.setting.replicas == 2
    assert answer_reliability(found).band is None
    assert "only settings of one replica are repeated for it" in card(found).data


def test_where_nothing_holds_nothing_is_told_of_an_edge(run):
    write_table(run, "vertical", [(LEAST, LOST)])
    write_table(run, "scale_out", [(LEAST, LOST)])
    found = read_study(run)
    assert answer_reliability(found) is None
    assert edge_sentences(found) == ["Nothing holds, so there is no edge to tell of."]
    assert "nothing holds" in margins_table(found).data
    assert json.loads(write_answer(found).read_text())["reliability"] is None


def test_the_report_tells_margins_of_the_answer_and_of_its_failing_neighbours(run):
    shown = margins_table(read_study(run)).data.replace("\xa0", " ")
    for setting, _ in VERTICAL:
        assert setting.label in shown
    said = edge_sentences(read_study(run))
    assert [sentence.split(" ")[0] for sentence in said] == ["How", "The", "CPU", "Between"]


def test_the_spread_of_the_answer_counts_its_repeat(run):
    assert len(spread_of_answer(read_study(run)).trials) == 1
    repeat(run, latency=steady_ms(9.0))
    assert len(spread_of_answer(read_study(run)).trials) == 2


@pytest.fixture
def asked(run, monkeypatch):
    """Parameters of that run; there is no example."""
    monkeypatch.setattr(parameters, "RUNS", run.parent)
    monkeypatch.setattr(room, "EXAMPLE", run / "nothing")
    return Parameters(run=run.name)


def test_notebook_03_shows_all_trials_of_what_it_measured_again(run, asked):
    keys = repeat(run)
    trials = answer_trials(read_minimum_search(run), asked)
    assert [given.trial.key for given, _ in trials] == keys


def test_a_repeat_of_other_trials_is_not_taken_for_its_own(run, asked):
    repeat(run)
    again = read_manifest(run, REPEAT)
    other = read_manifest(run, "scale_out").trials[0]
    write_manifest(run, replace(again, trials=(other, again.trials[1])))
    assert answer_trials(read_minimum_search(run), asked) == []


def test_what_an_example_recorded_is_shown_with_the_examples_repeat(run, asked, monkeypatch):
    """Where no engine answers the example is what was found, whatever run was asked for."""
    keys = repeat(run)
    monkeypatch.setattr(room, "EXAMPLE", run)
    elsewhere = replace(asked, run="elsewhere")
    trials = answer_trials(read_minimum_search(run), elsewhere)
    assert [given.trial.key for given, _ in trials] == keys
