"""The plan of a run: what it rests on, what is said where there is none, and what is written."""

import json
from dataclasses import replace

import pytest

from loadtests.analysis.plan_basis import HeldOutError
from loadtests.analysis.planning import NoPlan, Plan
from loadtests.errors import QuestionError
from loadtests.jobs.notebooks import REPORT, SCALE_OUT
from loadtests.jobs.plan import make_plan
from loadtests.question import Setting
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.plan import plan_basis, plan_capacity, plan_fields, simulated_arrivals
from loadtests.studies.study import read_study
from loadtests.studies.study_report import write_answer
from tests.analysis.open_load import open_evidence
from tests.studies.test_deployment import derived, write_deploy
from tests.studies.test_study import SLOW, write_table

ASKED = Parameters(plan_users=[10_000, 100_000])


@pytest.fixture
def deployed(run):
    """A run whose size to deploy holds."""
    write_deploy(run, derived(run), {})
    return run


def test_a_plan_repeats_the_size_to_deploy_with_the_users_it_carried(deployed):
    found = plan_capacity(read_study(deployed), ASKED)
    assert isinstance(found, Plan)
    size = read_study(deployed).deployment.setting
    assert (found.basis.size, found.basis.replicas) == (replace(size, replicas=1), 1)
    assert found.basis.users_shown == 1000
    assert [target.users for target in found.targets] == [10_000, 100_000]
    assert found.targets[0].best.carrying >= 10


def test_the_cpu_of_a_request_is_that_of_every_trial_alike_that_holds(deployed):
    """The answer and the size to deploy; neither what fails nor two replicas."""
    basis = plan_basis(read_study(deployed))
    assert len(basis.cpu_ms) == 2
    assert not basis.at_reference, "the invented trials had no reference speed"


def test_the_error_of_held_out_trials_is_handed_on(deployed):
    error = HeldOutError(0.1, "as seen.")
    assert plan_capacity(read_study(deployed), ASKED, error).beyond is error
    assert plan_capacity(read_study(deployed), ASKED).targets[0].high is None


def test_without_a_size_to_deploy_there_is_none_and_it_says_what_to_run(run):
    found = plan_capacity(read_study(run), ASKED)
    assert isinstance(found, NoPlan)
    assert "the size to deploy was not measured; run notebook 04_scale_out" in found.why


def test_a_size_to_deploy_that_failed_is_no_ground_for_a_plan(run):
    write_deploy(run, derived(run), SLOW)
    assert "was not shown to hold" in plan_capacity(read_study(run), ASKED).why


def test_where_nothing_holds_there_is_none(run):
    write_table(run, "vertical", [(Setting(1, 300), SLOW)])
    write_table(run, "scale_out", [])
    assert "no setting was found to hold" in plan_capacity(read_study(run), ASKED).why


def test_an_open_load_has_no_users_to_plan_for(deployed):
    study = read_study(deployed)
    question = open_evidence().trial.question
    manifest = replace(study.search.manifest, question=question)
    table = replace(study.search.table, manifest=manifest)
    search = replace(study.search, table=table)
    assert "requests came at a rate" in plan_capacity(replace(study, search=search), ASKED).why


def test_a_size_too_large_for_every_machine_is_told_and_ends_no_report(deployed, tmp_path):
    small = tmp_path / "small.csv"
    small.write_text(
        "name,provider,region,architecture,vcpus,memory_gib,price_hour,currency,date,source\n"
        "tiny,Acme,here,amd64,1,0.5,0.01,USD,2026-01,a list\n"
    )
    found = plan_capacity(read_study(deployed), replace(ASKED, machines=str(small)))
    assert isinstance(found, NoPlan)
    assert "fits on none of the 1 machines; add larger ones" in found.why


def test_a_bad_table_of_machines_is_refused_before_anything_is_measured(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("name\nbig\n")
    with pytest.raises(QuestionError, match=r"bad\.csv lacks provider"):
        make_plan({"machines": str(bad)}, (SCALE_OUT, REPORT))


def test_the_answer_has_the_plan_where_there_is_one_and_why_not_where_there_is_none(deployed):
    study = read_study(deployed)
    plan = plan_capacity(study, ASKED, HeldOutError(0.1, "as seen."))
    told = json.loads(write_answer(study, plan).read_text())["plan"]
    assert [target["users"] for target in told["targets"]] == [10_000, 100_000]
    first = told["targets"][0]
    assert first["replicas"] == plan.targets[0].best.replicas
    assert first["low"]["replicas"] <= first["replicas"] <= first["high"]["replicas"]
    assert first["extrapolated"]
    assert len(first["runners_up"]) == 3
    none = json.loads(write_answer(study, NoPlan("nothing holds")).read_text())["plan"]
    assert none == {"why_not": "nothing holds", "targets": []}
    assert "plan" not in json.loads(write_answer(study).read_text())


def test_every_target_is_simulated_on_the_replicas_that_carry_it_the_same_each_time(deployed):
    plan = plan_capacity(read_study(deployed), ASKED)
    found = simulated_arrivals(plan)
    assert [pair[0].users for pair in found] == [10_000, 100_000]
    assert [pair[1].replicas for pair in found] == [t.best.carrying for t in plan.targets]
    assert found[0][0].fullest_second == simulated_arrivals(plan)[0][0].fullest_second
    assert simulated_arrivals(NoPlan("nothing holds")) == []


@pytest.mark.skipif(not EXAMPLE.exists(), reason="none was recorded")
def test_the_recorded_example_has_a_plan():
    plan = plan_capacity(read_study(EXAMPLE), Parameters())
    assert isinstance(plan, Plan)
    assert plan_fields(plan)["targets"][2]["users"] == 10_000_000
    assert all(target.best.replicas > 1 for target in plan.targets)
