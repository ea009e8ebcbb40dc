"""The live staircase with real containers: limits change under users who stay connected."""

import json
from dataclasses import replace

import pytest

from loadtests.analysis.calibration import calibrate
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.staircase import level_rows
from loadtests.bench.staircase import run_staircase, staircase_plan
from loadtests.question import Setting
from loadtests.search.staircase import MOST_LEVELS, least_passing, next_cpus
from loadtests.studies.parameters import ROOT
from tests.integration.benches import bench_at, containers_of, ignore
from tests.truth.images import ensure_truth

pytestmark = pytest.mark.docker

TRUTH_USERS = ROOT / "tests" / "truth" / "users.py"
AMPLE = Setting(1.0, 300)
LIMITS = [1.0, 0.5, 0.25]
# A ramp-up of 9 s and levels of 8 s: an engine that samples too rarely by half still says enough.
SLOWLY = {"spawn_rate": 6.0, "steady_s": 48.0}


@pytest.fixture(scope="module")
def climbed(client, tmp_path_factory, api_image, generator_image):
    """A staircase of three levels, and what the engine said the limit was at each."""
    folder = tmp_path_factory.mktemp("store")
    with bench_at(client, folder, generator_image, image=api_image, **SLOWLY) as bench:
        granted = []

        def next_limit(seen):
            (replica,) = (
                c for c in containers_of(client, bench.store) if str(c.name).endswith("api-1")
            )
            granted.append(replica.attrs["HostConfig"]["CpuQuota"] / 100_000)
            return LIMITS[len(seen)] if len(seen) < len(LIMITS) else None

        users = bench.question.workload.users
        plan = staircase_plan(bench, AMPLE, [users] * 10, LIMITS)
        record = run_staircase(bench, plan, next_limit, ignore)
        assert containers_of(client, bench.store) == [], "nothing is left running"
        yield Evidence.read(record), granted


def test_the_engine_grants_each_level_what_was_decided(climbed):
    evidence, granted = climbed
    assert granted == LIMITS
    assert [step.cpus for step in evidence.trial.steps] == LIMITS


def test_it_ends_when_it_is_told_to_with_all_levels_in_one_record(climbed):
    evidence, _ = climbed
    rows = level_rows(evidence)
    assert len(rows) == len(LIMITS)
    assert all(row.rps > 0 for row in rows)
    starts = [row.steady_start_s for row in rows]
    assert starts == sorted(starts)


def test_users_keep_their_connections_through_every_change(climbed):
    """An update of the limit is no restart."""
    evidence, _ = climbed
    generator = evidence.trial.generator
    assert generator.connects == generator.users_reached == evidence.trial.question.workload.users
    assert (generator.users_lost, generator.failures) == (0, 0)
    (replica,) = evidence.trial.replicas
    assert (replica.restarts, replica.running_at_end) == (0, True)


def test_its_ramp_and_first_level_can_be_calibrated_from(climbed):
    evidence, _ = climbed
    found = calibrate(evidence)
    assert 0 < found.cpu_ms_per_request.estimate < 50
    assert 20 < found.base_mib.estimate <= found.peak_mib * 1.2


def test_users_can_be_added_level_by_level(bench):
    bench = bench(users=60)
    plan = staircase_plan(bench, AMPLE, [20, 40, 60], [AMPLE.cpus])
    evidence = Evidence.read(run_staircase(bench, plan, lambda _seen: AMPLE.cpus, ignore))
    assert [step.users for step in evidence.trial.steps] == [20, 40, 60]
    assert evidence.trial.generator.users_reached == 60
    assert json.loads((bench.store.folder(plan.key) / "trial.json").read_text())["steps"]


@pytest.mark.alone
def test_after_a_jump_too_far_a_backlog_is_worked_off_before_the_step_above_is_looked_at(
    client, bench
):
    """What the failed level leaves waiting is no fault of the limits above it.

    By R = N D / C - Z (see tests/truth/test_edge.py) 40 users x 2.3 ms wait 8 s at 0.01 CPU and
    2 s at 0.03, of 5 s allowed; but 3 s more of work at 0.03 are left behind by 0.01.
    """
    image = ensure_truth(client, "burn2", "burn_ms=2")
    here = bench(image=image, health_path="/", locustfile=TRUTH_USERS, users=40, spawn_rate=40.0)
    slo, limits = here.question.slo, (0.01, 0.03, 0.5, 1.0)

    def next_limit(seen):
        # An engine whose samples tell of too little CPU use lets the jump go too far.
        return next_cpus([replace(seen[0], cpu_cores=0.0), *seen[1:]], limits, slo)

    plan = staircase_plan(here, AMPLE, [40] * MOST_LEVELS, limits)
    steps = Evidence.read(run_staircase(here, plan, next_limit, ignore)).trial.steps
    passed = [(step.cpus, step.passes(slo)) for step in steps]
    assert passed[:2] == [(1.0, True), (0.01, False)], steps
    assert passed[-2:] == [(1.0, True), (0.03, True)], steps
    assert {cpus for cpus, _ in passed[2:-1]} == {1.0}, "nothing else before it passes again"
    assert least_passing(steps, slo) == 0.03
