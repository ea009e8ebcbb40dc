"""One load sent by several workers, in real containers: as one process would, or invalid."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests import record
from loadtests.analysis.error_rate import failed_by_second
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.staircase import level_rows
from loadtests.analysis.validity import checks
from loadtests.bench.staircase import run_staircase, staircase_plan
from loadtests.bench.trial import run_trial
from loadtests.question import SLO, Setting
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import containers_of, ignore, part_of
from tests.integration.faults import asking, once
from tests.integration.test_early_stop import LOST, proven

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 300)
STEADY_S = 12.0
STRICT = SLO(error_rate=0.001)


def users_implied(evidence):
    """How many users the requests of the steady state imply: N = X (R + Z), Little (1961)."""
    phases, requests = evidence.trial.phases, evidence.requests
    inside = requests["start_s"].between(phases.steady_start_s, phases.steady_end_s)
    seconds = phases.steady_end_s - phases.steady_start_s
    think_s = evidence.trial.question.workload.think_mean_s
    return inside.sum() / seconds * (requests["latency_ms"][inside].mean() / 1000 + think_s)


def test_two_workers_send_what_one_process_sends(bench):
    """Within chance: a user's count in t seconds varies by cv^2 t / Z + 1/6 (Cox 1962)."""
    alone = bench(steady_s=STEADY_S)
    shared = replace(alone, workers=2)
    one, two = (Evidence.read(run_trial(here, AMPLE, 0, ignore)) for here in (alone, shared))
    chance = np.sqrt(60 * (STEADY_S / 12 + 1 / 6)) / STEADY_S
    assert users_implied(one) == pytest.approx(60, abs=5 * chance)
    assert users_implied(two) == pytest.approx(60, abs=5 * chance)
    for evidence in (one, two):
        report = evidence.trial.generator
        assert report.users_reached == report.connects == 60
        assert (report.users_lost, report.failures, report.own_errors) == (0, 0, {})
        assert report.requests == (evidence.requests["outcome"] != record.IN_FLIGHT).sum()
        tripped = {check.name for check in checks(evidence) if not check.ok}
        assert not tripped & {"workers", "users", "clock"}
    assert one.trial.workers == ()
    assert [worker.users_reached for worker in two.trial.workers] == [30, 30]
    assert sum(w.requests for w in two.trial.workers) == two.trial.generator.requests
    assert one.trial.key != two.trial.key


def test_each_second_of_each_worker_is_kept_and_the_load_s_own_is_of_all(bench):
    folder = run_trial(replace(bench(), workers=2), AMPLE, 0, ignore)
    evidence, seconds = Evidence.read(folder), record.read_workers(folder)
    assert set(seconds["worker"]) == {1, 2}
    assert evidence.generator["users"].max() == 60
    assert seconds["users"].max() == 30
    ended_s = evidence.requests["start_s"] + evidence.requests["latency_ms"] / 1000
    assert ended_s.is_monotonic_increasing, "in the order in which they ended"
    generators = set(evidence.docker_stats.query("role == 'generator'")["container"])
    assert len(generators) == 3
    assert {worker.container for worker in evidence.trial.workers} < generators


@pytest.mark.parametrize("fault", ["killed", "paused"])
def test_a_worker_that_is_lost_in_the_steady_state_makes_the_trial_invalid_by_its_name(
    bench, client, fault
):
    """Nothing of it is left over, and the rest of the record is there."""

    def lose():
        worker = part_of(here, "worker-2")
        worker.kill() if fault == "killed" else worker.pause()

    here = replace(asking(bench(), steady_s=60.0), workers=2)
    evidence = Evidence.read(run_trial(here, AMPLE, 0, once("steady state", lose)))
    found = judge(evidence)
    why = "container ended with exit code 137" if fault == "killed" else "heartbeats were missing"
    said = found.reasons[0]
    right = found.verdict is Verdict.INVALID and f"worker 2 was lost: its {why}" in said
    log_case("fault", "a worker of the load", f"{fault} in the steady state", said, right)
    assert right, found.reasons
    assert [bool(worker.lost) for worker in evidence.trial.workers] == [False, True]
    phases = evidence.trial.phases
    assert phases.steady_end_s - phases.steady_start_s < 50, "the load ended at once"
    assert len(evidence.requests) > 60
    assert containers_of(client, here.store) == []


def test_a_load_that_is_hopeless_is_stopped_early_at_all_workers(bench, tmp_path):
    script = tmp_path / "lost.py"
    script.write_text(LOST)
    here = asking(bench(locustfile=script), STRICT, steady_s=60.0)
    here = replace(here, stops_early=True, workers=2)
    evidence = Evidence.read(run_trial(here, AMPLE, 0, ignore))
    generator = evidence.trial.generator
    seen, _, rest = (generator.stopped_early or "").partition(" ")
    assert rest == "requests had failed"
    assert 0 < int(seen) <= generator.failures, "some fail before all workers hear of it"
    assert sum(failed_by_second(evidence).values()) == generator.failures
    assert proven(evidence)
    assert [worker.lost for worker in evidence.trial.workers] == ["", ""]
    assert all(worker.failures > 0 for worker in evidence.trial.workers)


def test_users_are_added_level_by_level_at_all_workers(bench):
    here = replace(bench(users=60), workers=2)
    plan = staircase_plan(here, AMPLE, [20, 40, 60], [AMPLE.cpus])
    evidence = Evidence.read(run_staircase(here, plan, lambda _seen: AMPLE.cpus, ignore))
    assert [step.users for step in evidence.trial.steps] == [20, 40, 60]
    rates = [row.rps for row in level_rows(evidence)]
    assert rates == sorted(rates)
    assert [worker.users_reached for worker in evidence.trial.workers] == [30, 30]
    generator = evidence.trial.generator
    assert (generator.users_lost, generator.failures) == (0, 0)


def test_a_staircase_of_several_workers_ends_when_it_is_told_to(bench, client):
    here = replace(bench(users=40), workers=2)
    plan = staircase_plan(here, AMPLE, [40] * 5, [1.0, 0.5])
    evidence = Evidence.read(
        run_staircase(here, plan, lambda seen: 0.5 if len(seen) < 2 else None, ignore)
    )
    assert [step.cpus for step in evidence.trial.steps] == [1.0, 0.5]
    assert [worker.lost for worker in evidence.trial.workers] == ["", ""]
    assert containers_of(client, here.store) == []
