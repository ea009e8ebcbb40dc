"""A table measured from end to end: containers, load, record, verdict, and the second time none."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from loadtests import record
from loadtests.bench.store import Store
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import read_table
from loadtests.verdicts import Verdict
from tests.integration.benches import containers_of
from tests.integration.measuring import Printed

pytestmark = pytest.mark.docker

ASKED = Parameters(
    run="small", users=60, spawn_rate=60, think_min=0.5, think_max=1.5, steady_s=7, p95_ms=5000,
    error_rate=0.05,
)  # fmt: skip
AMPLE, TOO_MUCH = Setting(1, 500), Setting(4096, 500)
FILES = {
    record.TRIAL_JSON, record.REQUESTS_CSV, record.DOCKER_STATS_CSV, record.GENERATOR_CSV,
    record.HOST_CSV, record.GENERATOR_LOG, *record.LOCUST_CSVS,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(client, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """One setting that holds easily and one that no host grants, measured once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", tmp_path_factory.mktemp("runs"))
        experiment = Experiment(ASKED, client, Printed())
        table = experiment.table("vertical", [AMPLE, TOO_MUCH])
        (measured,) = table.results
        folder = record.trial_folder(ASKED.folder, measured.row.trials[-1])
        yield SimpleNamespace(
            experiment=experiment,
            table=table,
            measured=measured,
            folder=folder,
            evidence=measured.evidence,
            trial=measured.evidence.trial,
        )
        assert containers_of(client, Store(ASKED.folder)) == []


def test_a_setting_with_room_to_spare_holds(run):
    assert run.measured.row.verdict is Verdict.HOLDS, run.measured.row.reasons


def test_a_setting_that_the_host_cannot_grant_is_skipped_with_the_reason(run):
    (skipped,) = run.table.skipped
    assert skipped.setting == TOO_MUCH
    assert "4096 CPU asked, the host has" in skipped.reason


def test_a_trial_leaves_every_file_of_the_record_and_no_other(run):
    assert {path.name for path in run.folder.iterdir()} == FILES


def test_every_request_that_was_counted_is_in_the_table(run):
    """And has an outcome, a replica and a name."""
    requests = run.evidence.requests
    ended = requests[requests["outcome"] != record.IN_FLIGHT]
    assert len(ended) == run.trial.generator.requests > 100
    assert set(ended["outcome"]) == {"ok"}
    assert set(ended["name"]) == {"/predict/"}
    assert set(ended["replica"]) == {run.trial.replicas[0].address}


def test_every_user_came_and_kept_one_connection(run):
    generator = run.trial.generator
    assert (generator.users_reached, generator.users_lost) == (60, 0)
    assert generator.connects == 60
    assert generator.own_errors == {}


def test_the_phases_follow_each_other_as_asked(run):
    phases, workload = run.trial.phases, ASKED.question.workload
    assert 0 < phases.spawned_s < phases.steady_start_s
    assert phases.steady_start_s - phases.spawned_s == pytest.approx(workload.warm_up_s, abs=1)
    assert phases.steady_end_s - phases.steady_start_s == pytest.approx(workload.steady_s, abs=1)


def test_both_containers_were_sampled_and_the_replicas_limit_was_seen(run):
    stats = run.evidence.docker_stats
    assert set(stats["role"]) == {"replica", "generator"}
    replica = stats[stats["role"] == "replica"]
    assert len(replica) >= ASKED.steady_s / 2
    assert set(replica["memory_limit_mib"]) == {500.0}
    under_load = replica[replica["time_s"] > 0]  # before it, Python may still be starting
    assert (under_load["memory_mib"] > 10).all()
    assert replica["cpu_s"].is_monotonic_increasing


def test_the_replica_ran_to_the_end(run):
    (replica,) = run.trial.replicas
    assert (replica.running_at_end, replica.oom_kills, replica.restarts) == (True, 0, 0)
    assert replica.memory_peak_mib > 10
    assert replica.cpu_s > 0


def test_the_generators_seconds_are_in_its_table_and_its_log(run):
    seconds = run.evidence.generator
    assert list(seconds.columns) == record.GENERATOR_COLUMNS
    assert seconds["users"].max() == 60
    assert seconds["connects"].max() == 60
    assert (run.folder / record.GENERATOR_LOG).read_text().count('"event": "tick"') == len(seconds)


def test_the_record_says_of_what_it_is(run):
    trial = run.trial
    assert (trial.question, trial.setting, trial.target) == (ASKED.question, AMPLE, ASKED.target)
    assert trial.key.startswith(run.folder.name)
    assert trial.image_digest
    assert trial.host.cpus >= 1
    assert {"locust", "docker"} <= set(trial.versions)


def test_every_part_of_the_wall_time_is_told(run):
    timings = run.trial.timings
    assert timings.load_s >= ASKED.question.workload.steady_s
    parts = (timings.start_replicas_s, timings.ready_s, timings.collect_s)
    assert all(manifest > 0 for manifest in parts)


def test_clearing_up_is_no_event_of_the_trial(run):
    assert {event.action for event in run.trial.events}.isdisjoint({"die", "kill", "destroy"})


def test_a_table_is_kept_and_read_back_with_the_same_verdict(run):
    manifest = read_manifest(ASKED.folder, "vertical")
    assert manifest.answers(ASKED.question, ASKED.target, [AMPLE, TOO_MUCH])
    again = read_table(ASKED.folder, "vertical")
    assert again.rows == run.table.rows
    assert manifest.effort.trials_run == len(manifest.trials)


def test_what_was_measured_is_not_measured_again(run):
    """Last, since it takes the part's place: nothing is run, the row is the same."""
    again = run.experiment.table("vertical", [AMPLE])
    assert again.rows == run.table.rows
    effort = again.manifest.effort
    assert (effort.trials_run, effort.load_seconds) == (0, 0.0)
    assert effort.trials_reused == len(again.manifest.trials) >= 1
