"""The size to deploy within a run: derived from its answer, measured, shown and written out."""

import json
from dataclasses import replace
from typing import ClassVar

import pytest
import yaml

from loadtests.analysis.deployment import Headroom, size_to_deploy
from loadtests.question import Setting
from loadtests.report.deployment import COMPOSE_ENV, KUBERNETES_YAML
from loadtests.studies import measure
from loadtests.studies.manifest import DEPLOY, read_manifest, write_manifest
from loadtests.studies.measure import measure_deployment
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import read_table
from loadtests.studies.study import read_study
from loadtests.studies.study_report import card, sentences, write_answer, write_deployment
from tests.studies.test_study import SLOW, write_table

HEADROOM = Headroom(cpu=0.5)
ASKED = Parameters(run="mine", cpu_headroom=0.5)


def derived(run):
    """Return the size that follows from the run's answer."""
    return size_to_deploy(read_study(run).minimum, HEADROOM)


def write_deploy(run, setting, given):
    """Write the trial of a size to deploy as an experiment does."""
    write_table(run, DEPLOY, [(setting, given)])
    write_manifest(run, replace(read_manifest(run, DEPLOY), headroom=HEADROOM))


class FakeExperiment:
    """Writes invented trials where an experiment would measure."""

    given: ClassVar = {}

    def __init__(self, asked, _client, _progress):
        self.run = asked.folder

    def table(self, name, settings):
        write_table(self.run, name, [(setting, self.given) for setting in settings])
        return read_table(self.run, name)


@pytest.fixture
def engine(monkeypatch):
    """An engine that answers, and experiments whose trials hold."""
    monkeypatch.setattr(measure, "ensure_engine", lambda _note: object())
    monkeypatch.setattr(measure, "Experiment", FakeExperiment)


def test_the_size_is_derived_from_the_answer_measured_and_kept_with_its_headroom(run, engine):
    size = derived(run)
    said = measure_deployment(ASKED)
    assert said.startswith(f"To deploy: {size.label}, which leaves 50% of the CPU free")
    assert "It holds: p95" in said
    assert read_manifest(run, DEPLOY).headroom == HEADROOM
    assert read_study(run).deployment.setting == size
    assert size.cpus > read_study(run).minimum.setting.cpus


def test_a_size_that_does_not_hold_is_told_and_written_nowhere(run, engine, monkeypatch):
    monkeypatch.setattr(FakeExperiment, "given", SLOW)
    assert "; but measured, it fails: " in measure_deployment(ASKED)
    assert write_deployment(read_study(run)) == []
    assert not (run / KUBERNETES_YAML).exists()


def test_without_an_answer_there_is_nothing_to_deploy(run, engine):
    write_table(run, "vertical", [(Setting(1, 300), SLOW)])
    write_table(run, "scale_out", [])
    assert measure_deployment(ASKED) == "Nothing holds, so there is no size to deploy."


def test_without_the_search_it_says_what_to_run_first(run, engine):
    (run / "parts" / "vertical.json").unlink()
    assert "run notebooks 03_find_minimum and 04_scale_out" in measure_deployment(ASKED)


def test_the_report_shows_it_on_its_first_screen_and_among_its_sentences(run):
    write_deploy(run, derived(run), {})
    found = read_study(run)
    assert "With headroom" in str(card(found).data)
    assert sentences(found)[1] == found.deployment.sentence
    assert found.deployment.setting in [trial[0].trial.setting for trial in found.trials]
    answer = json.loads(write_answer(found).read_text())
    assert answer["deploy"]["cpus"] == found.deployment.setting.cpus
    assert answer["minimum"]["cpus"] == 1


def test_what_people_apply_is_written_beside_the_answer(run):
    write_deploy(run, derived(run), {})
    assert [path.name for path in write_deployment(read_study(run))] == [
        COMPOSE_ENV, KUBERNETES_YAML,
    ]  # fmt: skip
    kinds = [each["kind"] for each in yaml.safe_load_all((run / KUBERNETES_YAML).read_text())]
    assert kinds == ["Deployment", "Service", "HorizontalPodAutoscaler"]


def test_a_size_for_another_answer_is_not_shown(run):
    write_deploy(run, Setting(4.0, 4000), {})
    found = read_study(run)
    assert found.deployment is None
    assert "With headroom" not in str(card(found).data)
    assert write_deployment(found) == []


def test_a_run_from_before_shows_none(run):
    found = read_study(run)
    assert found.deployment is None
    assert json.loads(write_answer(found).read_text())["deploy"] is None


def test_the_example_is_only_looked_at(run, monkeypatch):
    write_deploy(run, derived(run), {})
    monkeypatch.setattr("loadtests.studies.study_report.EXAMPLE", run)
    assert write_deployment(read_study(run)) == []
    assert not (run / COMPOSE_ENV).exists()
