"""One user first: what is asked with it, what is refused by it, and what is read of it."""

import gzip
from dataclasses import replace

import pytest

from loadtests.errors import BrokenError, EngineError
from loadtests.question import SLO, Question, Setting, Workload
from loadtests.record import FAILURES_CSV, GENERATOR_LOG, STATS_CSV, trial_folder
from loadtests.report.smoke_table import NOT_ASKED, NOT_REACHED, what_one_user_saw
from loadtests.studies import measure, parameters
from loadtests.studies.manifest import (
    REPLICAS,
    SMOKE_TEST,
    Manifest,
    read_manifest,
    write_manifest,
)
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import read_smoke_test
from loadtests.studies.smoke import all_there_is, refuse_broken, smoke_question, smoke_test
from loadtests.studies.study import read_study
from tests.analysis.queues import queued
from tests.analysis.records import HOST, evidence, steady_ms, write
from tests.analysis.test_replica_limit import sleeps
from tests.studies.test_study import SCALE_OUT, VERTICAL, write_table

ASKED = Parameters(run="mine")
KEY = "smoke".ljust(20, "0")


def write_smoke_test(run, asked=ASKED, **knobs):
    """Write what one user saw into a run, as an experiment does."""
    question = smoke_question(asked.question)
    found = evidence(question=question, key=KEY, own_script=True, **knobs)
    folder = write(found, trial_folder(run, KEY))
    (folder / STATS_CSV).write_text(
        "Type,Name,Request Count,Average Content Size\nPOST,/predict/,9,33.5\n,Aggregated,9,33.5\n"
    )
    (folder / FAILURES_CSV).write_text(
        "Method,Name,Error,Occurrences,First Seen,Last Seen\n"
        "POST,/predict/,CatchResponseError('no <b>sex</b>'),9,0,1\n"
    )
    (folder / GENERATOR_LOG).write_text("")
    write_manifest(run, Manifest(SMOKE_TEST, question, asked.target, (Setting(2, 4000),), (KEY,)))
    return found


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run's folder, on a machine without an engine; the example is from before smoke tests."""

    def refuse(_note):
        raise EngineError("no container engine answers")

    monkeypatch.setattr(measure, "ensure_engine", refuse)
    monkeypatch.setattr(measure, "EXAMPLE", tmp_path / "example")
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    return tmp_path / "mine"


def test_one_user_of_each_kind_is_in_a_hurry_whatever_load_is_asked_for():
    asked = Question(Workload(users=9000, timeout_s=7).opened("poisson", 100.0), SLO(error_rate=0))
    alone = smoke_question(asked, 3)
    assert (alone.workload.users, alone.workload.ramp_up_s) == (3, 1)
    assert not alone.workload.is_open
    assert (alone.workload.timeout_s, alone.slo) == (7, asked.slo)
    assert alone.workload.think_mean_s < 0.1


def test_its_replica_has_all_there_is_but_what_the_load_generator_needs():
    """So the same in every notebook, whichever steps each of them searches."""
    assert all_there_is(HOST) == Setting(2, 23_500)
    assert all_there_is(HOST, workers=2) == Setting(2, 23_300)


def test_what_is_recorded_is_read_where_no_engine_answers(run):
    write_smoke_test(run)
    seen = smoke_test(ASKED)
    assert [endpoint.size for endpoint in seen.endpoints] == ["34 B"]
    refuse_broken(seen)


def test_of_a_record_from_before_there_was_a_smoke_test_that_is_said(run):
    assert smoke_test(ASKED) is None
    refuse_broken(None)
    assert NOT_ASKED in what_one_user_saw(None).data


def test_what_another_script_or_another_question_was_told_is_not_read_for_this_one(run):
    found = write_smoke_test(run)
    assert smoke_test(ASKED) is not None
    assert smoke_test(replace(ASKED, timeout_s=20)) is None
    other = replace(found.trial, own_script=False, locustfile_sha256="another")
    write(replace(found, trial=other), trial_folder(run, KEY))
    assert smoke_test(ASKED) is None


def test_what_is_broken_is_shown_first_and_refused_after(run):
    """The page is there before the refusal ends the notebook; what a script says is escaped."""
    write_smoke_test(run, failures={"wrong_answer": 1.0})
    seen = smoke_test(ASKED)
    page = what_one_user_saw(seen).data
    assert '<p class="answer-sentence">Broken, not too small.</p>' in page
    assert "no &lt;b&gt;sex&lt;/b&gt;" in page
    assert "<b>sex" not in page
    with pytest.raises(BrokenError, match=r"^Broken, not too small\. One user, alone with"):
        refuse_broken(seen)


def test_what_only_a_load_reached_is_told_as_not_reached_before(run):
    write_table(run, "vertical", VERTICAL)
    write_table(run, "scale_out", SCALE_OUT)
    write_smoke_test(run, latency=steady_ms(3.0))
    study = read_study(run)
    assert study.reached_later == []
    requests = trial_folder(run, study.trial.key) / "requests.csv.gz"
    with gzip.open(requests, "at") as more:
        more.write("1.0,5.0,ok,,/rare\n")
    study = read_study(run)
    assert study.reached_later == ["/rare"]
    page = what_one_user_saw(study.smoke_test, study.reached_later).data
    assert page.index("/rare") < page.index(NOT_REACHED)
    assert read_smoke_test(run) == study.smoke_test


def test_what_no_cpu_holds_back_is_deployed_with_a_replica_to_lose(run):
    """Two of them held; were one lost, the other could not answer all."""
    sleeper = queued(sleeps, setting=Setting(1, 300))
    write_table(run, "vertical", [(Setting(1, 300), {})], question=sleeper.trial.question)
    write(replace(sleeper, trial=replace(sleeper.trial, key="0v")), trial_folder(run, "0v"))
    write_table(run, "scale_out", [(Setting(0.5, 300, 2), {})], question=sleeper.trial.question)
    vertical = read_manifest(run, "vertical")
    assert read_study(run).carrying == 1
    write_manifest(run, replace(vertical, trials=("0v",)))
    assert read_study(run).carrying == 3


def test_replicas_that_were_measured_to_see_whether_they_help_are_among_the_answers(run):
    slow = {"latency": steady_ms(900.0), "cpu_share": 0.05}
    write_table(run, "vertical", [(Setting(1, 300), slow)])
    write_table(run, "scale_out", [(Setting(0.5, 300, 2), slow)])
    write_table(run, REPLICAS, [(Setting(0.2, 100, 3), {})])
    study = read_study(run)
    assert study.minimum.setting == Setting(0.2, 100, 3)
    assert [seen.trial.setting for seen, _ in study.answer_trials] == [Setting(0.2, 100, 3)]
