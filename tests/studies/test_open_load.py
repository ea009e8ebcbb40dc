"""The answer with open arrivals within a run: measured apart, shown, or absent with the reason."""

import json
from dataclasses import replace

import pytest

from loadtests.errors import EngineError, HostError, NotReadyError, TrialError
from loadtests.question import Setting
from loadtests.studies.manifest import OPEN_ARRIVALS, read_manifest
from loadtests.studies.measure import measure_open_arrivals
from loadtests.studies.open_load import NOT_OPENED, read_open
from loadtests.studies.parameters import Parameters
from loadtests.studies.study import read_study
from loadtests.studies.study_report import write_answer
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, steady_ms
from tests.studies.test_study import SLOW, TARGET, write_table

LEAST = Setting(1, 300)
WORKLOAD = QUESTION.workload
ASKED = Parameters(
    run="mine", image=TARGET.image, users=WORKLOAD.users, spawn_rate=WORKLOAD.spawn_rate
)


def test_the_answer_is_measured_once_with_open_arrivals_and_kept_apart(run, engine):
    before = read_study(run)
    found = measure_open_arrivals(ASKED)
    ((bench, setting),) = engine.asked
    workload = bench.question.workload
    assert setting == LEAST
    assert workload.rate_per_s == pytest.approx(100, abs=2)
    assert "/s, Poisson)" in found.sentence
    *closed, opened = read_manifest(run, OPEN_ARRIVALS).trials
    assert tuple(closed) == before.minimum.trials
    assert opened not in {key for part in before.manifests for key in part.trials}
    assert read_open(run).sentence == found.sentence


def test_it_changes_neither_rows_nor_verdicts_nor_the_answer(run, engine):
    before = read_study(run)
    engine.comes = SLOW
    measure_open_arrivals(ASKED)
    after = read_study(run)
    assert after.rows == before.rows
    assert (after.minimum, after.doubts) == (before.minimum, before.doubts)
    assert after.open_arrivals.comparison.with_arrivals.verdict is Verdict.FAILS


def test_the_study_shows_it_counts_its_effort_and_answers_with_it(run, engine):
    effort = read_study(run).effort
    engine.comes = {"latency": steady_ms(50.0)}
    measure_open_arrivals(ASKED)
    study = read_study(run)
    assert study.effort.trials_run == effort.trials_run + 1
    assert "open arrivals" in study.open_arrivals.table().data
    told = json.loads(write_answer(study).read_text())["open_arrivals"]
    assert (told["cpus"], told["verdict"]) == (1, "holds")
    assert told["p95_more_ms"] == pytest.approx(told["p95_ms"] - told["closed_p95_ms"])


@pytest.mark.parametrize("why", [EngineError, HostError, TrialError, NotReadyError])
def test_what_goes_wrong_with_it_is_told_and_spoils_nothing(run, engine, why):
    engine.comes = why("it broke\nand its log")
    said = "1 CPU / 300 MiB was not measured with open arrivals: it broke."
    assert measure_open_arrivals(ASKED).sentence == said
    study = read_study(run)
    assert study.open_arrivals.sentence == said
    assert study.open_arrivals.table() is None, "said once"
    assert "open_arrivals" not in json.loads(write_answer(study).read_text())


def test_a_host_without_files_enough_says_so(run, engine):
    engine.descriptors = 900
    said = measure_open_arrivals(ASKED).sentence
    assert "not measured with open arrivals: 1,000 users need" in said


def test_of_another_answer_it_is_not_shown(run, engine):
    measure_open_arrivals(ASKED)
    write_table(run, "vertical", [(Setting(0.7, 300), {})])
    assert read_study(run).open_arrivals == NOT_OPENED


def test_nothing_is_measured_where_nothing_holds_or_the_load_is_open_already(run, engine):
    opened = replace(ASKED, arrivals="poisson", rate=50)
    assert measure_open_arrivals(opened).sentence == "The load was open to begin with."
    write_table(run, "vertical", [(Setting(0.5, 300), SLOW)])
    write_table(run, "scale_out", [(Setting(0.5, 300), SLOW)])
    assert measure_open_arrivals(ASKED).sentence.startswith("Nothing holds")
    assert engine.asked == []
