"""A whole run, gathered from its records."""

import json
import re
import shlex
import shutil
from dataclasses import replace

import pytest

from loadtests.analysis.answer import ANSWER, Effort, to_json
from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Skipped
from loadtests.errors import RecordError
from loadtests.jobs.report import read_value
from loadtests.question import Question, Setting, Workload
from loadtests.record import TRIAL_JSON, trial_folder
from loadtests.report import trial_pages
from loadtests.studies import parameters, study, study_report
from loadtests.studies.manifest import (
    GENERATOR_CHECK,
    REPEAT,
    LogLine,
    Manifest,
    SearchRecord,
    read_manifest,
    write_manifest,
)
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.study import read_study, recorded_run
from loadtests.studies.study_report import (
    HEADLINE,
    answer_of,
    card,
    conditions_table,
    how_to_repeat,
    sentences,
    write_answer,
    write_headline,
)
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, evidence, steady_ms, write

TARGET = evidence().trial.target
SLOW = {"latency": steady_ms(5.0, 0.4)}
VERTICAL = [(Setting(1, 300), {}), (Setting(0.5, 300), SLOW), (Setting(1, 100), {"oom_s": 5.0})]
SCALE_OUT = [(Setting(0.5, 300), SLOW), (Setting(0.5, 300, 2), {})]


def write_table(run, name, measured, question=QUESTION, skipped=(), effort=None):
    """Write the trials of a table and its part, as an experiment does."""
    keys = []
    for number, (setting, given) in enumerate(measured):
        keys.append(f"{number}{name[0]}".ljust(16, "0") + name)
        found = evidence(question=question, setting=setting, key=keys[-1], **given)
        write(found, trial_folder(run, keys[-1]))
    settings = tuple(setting for setting, _ in measured)
    effort = effort or Effort(len(keys), 0, 0, 10.0, 12.0)
    write_manifest(
        run, Manifest(name, question, TARGET, settings, tuple(keys), tuple(skipped), effort)
    )


@pytest.fixture(scope="module")
def two_tables(tmp_path_factory):
    """What `run` is a copy of."""
    folder = tmp_path_factory.mktemp("two-tables")
    skipped = [Skipped(Setting(4, 500), "the host has 2 CPUs")]
    write_table(folder, "vertical", VERTICAL, skipped=skipped)
    write_table(folder, "scale_out", SCALE_OUT, skipped=skipped)
    return folder


@pytest.fixture
def run(two_tables, tmp_path):
    """A run of two small tables, one setting in both, one skipped by both."""
    return shutil.copytree(two_tables, tmp_path, dirs_exist_ok=True)


def test_a_run_is_gathered_with_every_setting_once(run):
    found = read_study(run)
    assert [row.setting for row in found.rows] == [
        Setting(1, 300), Setting(0.5, 300), Setting(1, 100), Setting(0.5, 300, 2),
    ]  # fmt: skip
    assert [row.verdict for row in found.rows] == [
        Verdict.HOLDS, Verdict.FAILS, Verdict.FAILS, Verdict.HOLDS,
    ]  # fmt: skip
    assert found.skipped == [Skipped(Setting(4, 500), "the host has 2 CPUs")]
    assert found.question == QUESTION
    assert found.effort == Effort(5, 0, 0, 20.0, 24.0)


def test_the_minimum_is_the_cheapest_that_holds(run):
    assert read_study(run).minimum.setting == Setting(1, 300)


def test_trials_are_judged_anew_when_they_are_read(run):
    """A verdict is computed from the record, never stored."""
    key = read_manifest(run, "vertical").trials[0]
    setting, given = VERTICAL[0][0], {"users_reached": 10}
    write(evidence(setting=setting, key=key, **given), trial_folder(run, key))
    assert read_study(run).rows[0].verdict is Verdict.INVALID


def test_the_answer_is_written_beside_the_trials(run):
    path = write_answer(read_study(run))
    answer = json.loads(path.read_text())
    assert path == run / "answer.json"
    assert (answer["minimum"]["cpus"], answer["minimum"]["memory_mib"]) == (1, 300)
    assert answer["question"]["users"] == QUESTION.workload.users
    assert len(answer["vertical"]) + len(answer["scale_out"]) >= 4
    assert answer["skipped"][0]["reason"] == "the host has 2 CPUs"


def test_the_recorded_example_is_only_looked_at(run, monkeypatch):
    """Opening the report on it changes no file of the checkout."""
    monkeypatch.setattr(study_report, "EXAMPLE", run)
    looked_at = read_study(run)
    assert (write_answer(looked_at), write_headline(looked_at)) == (run / ANSWER, run / HEADLINE)
    assert {path.name for path in run.iterdir()} == {"parts", "trials"}


@pytest.mark.skipif(not EXAMPLE.exists(), reason="none was recorded")
def test_todays_rules_read_the_example_as_its_answer_says():
    """Where they do not any more, it has to be recorded anew: make example RUN=…."""
    told = json.loads((EXAMPLE / ANSWER).read_text())
    told.pop("plan", None)  # it follows from parameters as well, which no record has
    assert to_json(told) == to_json(answer_of(read_study(EXAMPLE)))


@pytest.mark.parametrize("missing", ["vertical", "scale_out"])
def test_a_run_that_lacks_a_table_is_refused_and_says_which_notebooks_to_run(run, missing):
    (run / "parts" / f"{missing}.json").unlink()
    with pytest.raises(RecordError, match=r"run notebooks 03_find_minimum and 04_scale_out"):
        read_study(run)


def test_a_run_in_which_every_setting_was_skipped_has_nothing_to_report(tmp_path):
    for name in ("vertical", "scale_out"):
        write_table(tmp_path, name, [], skipped=[Skipped(Setting(64, 500), "too many")])
    with pytest.raises(RecordError, match="no measured tables yet"):
        read_study(tmp_path)


def test_tables_that_answer_different_questions_are_refused(run):
    """Rows at 1,000 and at 2,000 users side by side would be compared."""
    other = Question(Workload(users=2000, spawn_rate=100.0), QUESTION.slo)
    write_table(run, "scale_out", SCALE_OUT, question=other)
    with pytest.raises(RecordError, match="different questions"):
        read_study(run)


def test_tables_of_different_images_are_refused(run):
    manifest = read_manifest(run, "scale_out")
    write_manifest(run, replace(manifest, target=replace(manifest.target, image="other")))
    with pytest.raises(RecordError, match="different questions"):
        read_study(run)


def test_a_part_whose_trial_is_gone_is_refused(run):
    key = read_manifest(run, "vertical").trials[0]
    (trial_folder(run, key) / TRIAL_JSON).unlink()
    with pytest.raises(RecordError, match="remove the folder to measure it again"):
        read_study(run)


def test_the_command_to_repeat_asks_the_same_question_again(tmp_path):
    """Whatever was set, also a steady state, a failure ratio, sizes and counts of one's own."""
    workload = Workload(users=500, spawn_rate=50.0, think_time_s=(1.0, 2.5), steady_s=20.0)
    question = Question(workload, replace(QUESTION.slo, latency_ms=250.0, error_rate=0.01))
    write_table(tmp_path, "vertical", VERTICAL, question=question)
    write_table(tmp_path, "scale_out", SCALE_OUT, question=question)
    command = re.sub(r"```|\\\n", "", how_to_repeat(read_study(tmp_path), Parameters()))
    make, target, *given = shlex.split(command)
    assert (make, target) == ("make", "report")
    pairs = (word.split("=", 1) for word in given)
    asked = Parameters.from_mapping({name.lower(): read_value(value) for name, value in pairs})
    assert asked.question == question
    assert asked.target == TARGET
    assert set(asked.vertical_settings) == {setting for setting, _ in VERTICAL}
    assert set(asked.scale_out_settings) >= {setting for setting, _ in SCALE_OUT}


def search_ended(run, why, cpu_steps, memory_steps=(100, 300)):
    """Say of the run's first table that it was searched for in those steps, and why that ended."""
    log = (LogLine("1 CPU / 300 MiB", "It is expected.", "holds"), LogLine("", why, ""))
    notes = SearchRecord(cpu_steps, memory_steps, (), None, log)
    write_manifest(run, replace(read_manifest(run, "vertical"), search=notes))


STOPPED = (
    "Stopped with the answer open: the budget of trials, 3, is spent; 2 cheaper settings left open."
)
AT_THE_EDGE = "1 CPU / 300 MiB holds by 1 trial; one more fails"


def test_a_search_that_was_stopped_is_a_doubt_on_the_card_and_after_the_answer(run):
    search_ended(run, STOPPED, cpu_steps=(0.5, 0.75, 1))
    found = read_study(run)
    assert found.doubts == [STOPPED]
    assert STOPPED in card(found).data
    assert sentences(found)[1] == STOPPED


def test_a_search_that_was_finished_is_no_doubt(run):
    search_ended(run, "1 CPU / 300 MiB is the least.", cpu_steps=(0.5, 1))
    found = read_study(run)
    assert found.doubts == []
    assert "is the least." not in " ".join(sentences(found))


def test_a_repeat_that_differs_is_a_doubt_on_the_card_and_after_the_answer(run):
    write_table(run, REPEAT, [(Setting(1, 300), {}), (Setting(1, 300), SLOW)])
    found = read_study(run)
    assert [doubt.startswith(AT_THE_EDGE) for doubt in found.doubts] == [True]
    assert AT_THE_EDGE in card(found).data
    assert sentences(found)[1] == found.doubts[0]
    assert AT_THE_EDGE in conditions_table(found).data


def test_a_repeat_that_agrees_is_a_condition_and_no_doubt(run):
    assert read_study(run).repeat is None
    write_table(run, REPEAT, [(Setting(1, 300), {}), (Setting(1, 300), {"seed": 2})])
    found = read_study(run)
    assert found.doubts == []
    assert "1 CPU / 300 MiB holds by 1 trial and in one more" in conditions_table(found).data


def test_the_effort_counts_the_ceiling_and_the_repeat(run):
    write_table(run, GENERATOR_CHECK, [(Setting(2, 300), {})], effort=Effort(0, 0, 0, 60.0, 70.0))
    again = [(Setting(1, 300), {}), (Setting(1, 300), {})]
    write_table(run, REPEAT, again, effort=Effort(1, 1, 0, 5.0, 6.0))
    assert read_study(run).effort == Effort(6, 1, 0, 85.0, 100.0)


def test_the_answer_says_how_the_search_ended_and_what_the_repeat_said(run):
    answer = json.loads(write_answer(read_study(run)).read_text())
    assert (answer["search"], answer["repeat"]) == (None, None), "given by name, and seen once"
    search_ended(run, STOPPED, cpu_steps=(0.5, 0.75, 1))
    write_table(run, REPEAT, [(Setting(1, 300), {}), (Setting(1, 300), SLOW)])
    answer = json.loads(write_answer(read_study(run)).read_text())
    assert answer["search"] == {"proven": False, "why": STOPPED}
    assert (answer["repeat"]["cpus"], answer["repeat"]["verdict"]) == (1, "fails")


def test_conditions_and_card_show_the_question_and_the_host(run):
    found = read_study(run)
    conditions = conditions_table(found).data
    assert "1,000 users, 100/s" in conditions
    assert "ramp-up 10 s, warm-up 10 s, steady state 30 s" in conditions
    assert found.trial.host.cpu_model in conditions
    assert "1 CPU / 300 MiB" in card(found).data


def test_the_answer_and_the_conditions_name_the_reference_speed_that_all_trials_had(tmp_path):
    """So that two hosts can be compared; without one in common there is none."""
    given = {"work_us": 375.0, "reference_us": 300.0}
    write_table(tmp_path, "vertical", [(Setting(1, 300), given)])
    write_table(tmp_path, "scale_out", [(Setting(0.5, 300, 2), given)])
    found = read_study(tmp_path)
    assert "reference: 300 us of CPU for a fixed piece of work" in conditions_table(found).data
    assert answer_of(found)["reference_us"] == 300.0
    assert answer_of(found)["vertical"][0]["speed"] == pytest.approx(0.8)
    write_table(tmp_path, "scale_out", [(Setting(0.5, 300, 2), {})])
    found = read_study(tmp_path)
    assert "no reference, or more than one" in conditions_table(found).data
    assert answer_of(found)["reference_us"] is None


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """An empty folder of runs."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    monkeypatch.setattr(study, "RUNS", tmp_path)
    return tmp_path


def test_without_a_name_the_recorded_example_is_read_until_there_is_a_run(runs):
    assert recorded_run(Parameters()) == EXAMPLE
    (runs / "report").mkdir()
    assert recorded_run(Parameters()) == EXAMPLE, "a run that was begun has nothing to read yet"
    (runs / "report" / "parts").mkdir()
    assert recorded_run(Parameters()) == runs / "report"


def test_a_run_that_is_named_is_read_even_where_there_is_none(runs):
    """Its absence is then told, not hidden behind the example."""
    assert recorded_run(Parameters(run="mine")) == runs / "mine"
    assert recorded_run(Parameters(run="example")) == EXAMPLE


def test_trials_that_were_compared_at_several_speeds_are_told_to_be(run):
    """Those of an earlier day were read and not measured again."""
    given = {"work_us": 300.0, "reference_us": 300.0}
    write_table(run, "vertical", [(setting, {**told, **given}) for setting, told in VERTICAL])
    assert read_study(run).doubts == [], "of one reference, and those without"
    first, *others = VERTICAL
    old = (first[0], {**first[1], **given, "reference_us": 280.0})
    write_table(run, "vertical", [old, *((s, {**told, **given}) for s, told in others)])
    (said,) = read_study(run).doubts
    assert said.startswith("Trials were compared at 2 reference speeds (280 to 300 us of CPU")


def test_a_size_to_deploy_tells_of_itself_whatever_the_answer_is_now(run):
    """It was derived from another answer, so it is not deployed; what it did it did."""
    write_table(run, "deploy", [(Setting(0.7, 400), {})])
    part = read_manifest(run, "deploy")
    write_manifest(run, replace(part, headroom=Headroom()))
    found = read_study(run)
    assert found.deployment is None
    assert part.trials[0] in {evidence.trial.key for evidence, _ in found.every_trial}


def test_what_an_earlier_go_left_of_another_workload_is_no_trial_of_this_one(run):
    other = Question(replace(QUESTION.workload, think_time_s=(1.0, 2.0)), QUESTION.slo)
    write_table(run, "deploy", [(Setting(0.7, 400), {})], question=other)
    part = read_manifest(run, "deploy")
    write_manifest(run, replace(part, headroom=Headroom()))
    assert part.trials[0] not in {seen.trial.key for seen, _ in read_study(run).every_trial}


def test_every_trial_of_every_table_counts_once_and_a_longer_one_too(run):
    longer = Question(replace(QUESTION.workload, steady_s=120.0), QUESTION.slo)
    write_table(run, "equal_cost", [(Setting(0.25, 150, 2), {})])
    write_table(run, REPEAT, [(Setting(1, 300), {}), (Setting(1, 300), {})], question=longer)
    keys = [evidence.trial.key for evidence, _ in read_study(run).every_trial]
    parts = ("vertical", "scale_out", "equal_cost")
    told = {key for part in parts for key in read_manifest(run, part).trials}
    assert set(keys) == told | {read_manifest(run, REPEAT).trials[-1]}
    assert len(keys) == len(set(keys))


def test_what_was_found_names_the_price_of_one_replica_more_right_after_the_answer():
    """Where a search asked about several, and its answer is the report's."""
    example = read_study(EXAMPLE)
    (price,) = example.search.axis.one_more
    said = sentences(example)
    assert said[1] == price
    assert re.search(r"2 x .* at 0\.\d{4} USD per hour: \+\d+%\.$", price)
    assert price in example.search.replica_sentences()
    assert price not in sentences(replace(example, search=replace(example.search, axis=None)))


def test_the_report_draws_its_answer_and_size_to_deploy_however_many_trials_there_are(
    run, monkeypatch
):
    monkeypatch.setattr(trial_pages, "MOST", 1)
    shown = str(study_report.trial_pages(read_study(run)).data)
    assert shown.count("<summary>") == 1
    assert "<summary>1 CPU / 300 MiB: holds</summary>" in shown
