"""Several replicas with real containers: what each is seen to do, and what they hold at most."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.replica_capacity import Climb
from loadtests.analysis.replica_load import replica_loads
from loadtests.analysis.returns import request_cost
from loadtests.bench.staircase import run_staircase, staircase_plan
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from loadtests.search.replica_capacity import climbs_on, levels
from loadtests.studies.replica_capacity import saturating
from tests.integration.benches import ignore

pytestmark = pytest.mark.docker


@pytest.fixture
def seen(bench):
    """A trial of 100 users on two replicas, who ask 100 requests a second."""
    here = bench(users=100, spawn_rate=100.0, steady_s=8.0)
    return Evidence.read(run_trial(here, Setting(0.5, 150, 2), 0, ignore))


@pytest.mark.alone
def test_each_replica_is_seen_with_its_requests_connections_network_and_wake_ups(seen):
    loads = replica_loads(seen)
    assert [load.number for load in loads] == [1, 2]
    for load in loads:
        assert load.rate_per_s == pytest.approx(50, abs=15)
        # Its users', and the socket that listens.
        assert load.connections == pytest.approx(51, abs=6)
        assert load.received_kib_s > 1
        assert load.sent_kib_s > 1
        assert load.voluntary_per_s > 10
    cost = request_cost(seen)
    assert 0.2 < cost.wakeups < 20
    assert 20 < cost.cpu_us < 20_000


def test_users_are_raised_until_two_replicas_are_saturated(bench):
    """A quota of 0.05 CPU holds few requests whatever machine it is on."""
    here, each_s = bench(users=100, spawn_rate=200.0, steady_s=30.0), 0.0005
    here = replace(here, question=saturating(here.question, 100), ready_s=120.0)
    slo = here.question.slo
    asked = levels(2 * 0.05 / each_s, here.question.workload.think_mean_s, 1000)
    here = replace(here, question=saturating(here.question, asked[-1]))
    plan = staircase_plan(here, Setting(0.05, 100, 2), asked, [0.05], repeat=1)
    evidence = Evidence.read(
        run_staircase(here, plan, lambda steps: 0.05 if climbs_on(steps, slo) else None, ignore)
    )
    found = Climb(evidence)
    assert found.rate_per_s is not None
    assert 5 < found.rate_per_s < 2000
    assert evidence.trial.repeat == 1
