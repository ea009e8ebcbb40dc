"""The answer without its quota within a run: measured apart, shown, or absent with the reason."""

import json
from dataclasses import replace

import pytest

from loadtests.analysis.answer import Effort
from loadtests.errors import EngineError, NotReadyError
from loadtests.question import Setting
from loadtests.studies import measure
from loadtests.studies.manifest import WITHOUT_QUOTA, read_manifest
from loadtests.studies.measure import measure_without_quota
from loadtests.studies.parameters import Parameters
from loadtests.studies.quota import NOT_MEASURED, SHORT_STEADY_S, read_quota
from loadtests.studies.study import read_study
from loadtests.studies.study_report import write_answer
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION
from tests.studies.test_study import SCALE_OUT, SLOW, TARGET, VERTICAL, write_table

LEAST = Setting(1, 300)
WORKLOAD = QUESTION.workload
ASKED = Parameters(
    run="mine", image=TARGET.image, users=WORKLOAD.users, spawn_rate=WORKLOAD.spawn_rate
)


@pytest.fixture
def engine(engine):
    """An engine whose trials without a quota tell of no throttling."""
    engine.comes = {"throttled": None}
    return engine


def test_the_answer_is_measured_once_without_its_quota_and_kept_apart(run, engine):
    before = read_study(run)
    found = measure_without_quota(ASKED)
    assert [(bench.quota, setting) for bench, setting in engine.asked] == [(False, LEAST)]
    assert found.sentence.startswith("Of 1 CPU, 0.")
    manifest = read_manifest(run, WITHOUT_QUOTA)
    *limited, free = manifest.trials
    assert tuple(limited) == before.minimum.trials
    assert free not in {key for part in before.manifests for key in part.trials}
    assert manifest.effort.trials_run == 1
    assert read_quota(run).sentence == found.sentence


def test_it_changes_neither_rows_nor_verdicts_nor_the_answer(run, engine):
    before = read_study(run)
    engine.comes = SLOW
    measure_without_quota(ASKED)
    after = read_study(run)
    assert after.rows == before.rows
    assert (after.minimum, after.doubts) == (before.minimum, before.doubts)
    assert after.quota.cost.without.verdict is Verdict.FAILS


def test_what_was_measured_without_a_quota_is_not_measured_again(run, engine):
    measure_without_quota(ASKED)
    measure_without_quota(ASKED)
    assert len(engine.asked) == 1
    assert read_manifest(run, WITHOUT_QUOTA).effort.trials_reused == 1


def test_the_study_shows_it_counts_its_effort_and_answers_with_it(run, engine):
    effort = read_study(run).effort
    measure_without_quota(ASKED)
    study = read_study(run)
    assert study.effort.trials_run == effort.trials_run + 1
    assert "with the quota" in study.quota.table().data
    told = json.loads(write_answer(study).read_text())["without_quota"]
    assert (told["cpus"], told["verdict"], told["cpusets"]) == (1, "holds", ["1"])
    assert told["demand_cores"] + told["quota_cores"] == pytest.approx(1.0)
    assert told["throttled_ratio"] is None


ABSENT = [
    ({"info": {}}, "the engine grants no CPUs of a container's own (CPUSet of `docker info`)."),
    (
        {"comes": EngineError("the engine refused to create it: Requested CPUs are not available")},
        "the engine refused to create it: Requested CPUs are not available.",
    ),
    ({"comes": NotReadyError("it never answered\nits log")}, "it never answered."),
]


@pytest.mark.parametrize(("told", "why"), ABSENT)
def test_where_it_cannot_be_had_the_part_is_absent_with_the_reason(run, engine, told, why):
    """Here, in the report, and in answer.json, where it is null."""
    vars(engine).update(told)
    found = measure_without_quota(ASKED)
    said = f"1 CPU / 300 MiB was not measured without its CPU quota: {why}"
    assert (found.cost, found.sentence) == (None, said)
    study = read_study(run)
    assert study.quota.sentence == said
    assert study.quota.table() is None, "said once"
    assert json.loads(write_answer(study).read_text())["without_quota"] is None


def test_a_run_with_a_short_steady_state_is_a_first_look_and_goes_without(
    tmp_path, engine, monkeypatch
):
    """As make demo is."""
    short = replace(QUESTION, workload=replace(WORKLOAD, steady_s=SHORT_STEADY_S - 1))
    write_table(tmp_path / "short", "vertical", VERTICAL, question=short)
    write_table(tmp_path / "short", "scale_out", SCALE_OUT, question=short)
    found = measure_without_quota(replace(ASKED, run="short", steady_s=SHORT_STEADY_S - 1))
    assert engine.asked == []
    assert found.sentence.startswith("What the CPU quota costs was not asked: a run with a steady")
    assert read_study(tmp_path / "short").quota == found


def test_where_nothing_holds_there_is_no_quota_to_do_without(run, engine):
    write_table(run, "vertical", [(LEAST, SLOW)])
    write_table(run, "scale_out", [])
    assert measure_without_quota(ASKED).sentence.startswith("Nothing holds, so there is no quota")
    assert engine.asked == []


def test_without_the_search_it_says_what_to_run_first(run, engine):
    (run / "parts" / "vertical.json").unlink()
    said = measure_without_quota(ASKED).sentence
    assert said.startswith("The answer was not measured without its CPU quota: ")
    assert "run notebooks 03_find_minimum and 04_scale_out" in said


def test_a_trial_of_another_answer_is_not_shown(run, engine):
    measure_without_quota(ASKED)
    write_table(run, "vertical", [(Setting(0.75, 300), {})])
    assert read_study(run).minimum.setting == Setting(0.75, 300)
    assert read_study(run).quota == NOT_MEASURED


def test_a_run_from_before_says_that_it_was_not_measured(run):
    assert read_study(run).quota == NOT_MEASURED
    assert read_study(run).effort == Effort(5, 0, 0, 20.0, 24.0)


def test_without_an_engine_what_the_run_recorded_is_read(run, engine, monkeypatch):
    said = measure_without_quota(ASKED).sentence

    def refuse(_note):
        raise EngineError("no container engine answers")

    monkeypatch.setattr(measure, "ensure_engine", refuse)
    assert measure_without_quota(ASKED).sentence == said
    assert len(engine.asked) == 1
