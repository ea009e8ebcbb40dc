"""What is said of a trial in which a node of the Swarm went away: no word of the service."""

from dataclasses import replace

import pytest

from loadtests.analysis import causes
from loadtests.analysis.evidence import Reading, Voids
from loadtests.analysis.hosts import crowded_ratio
from loadtests.analysis.judge import judge
from loadtests.analysis.node_health import nodes
from loadtests.analysis.speed import relative_speed
from loadtests.verdicts import Verdict
from tests.analysis.on_nodes import on_nodes
from tests.analysis.records import dead_from, evidence
from tests.analysis.several_workers import worker
from tests.analysis.test_validity import told
from tests.evidence_log import log_case

LOST = "the node node-2 went away 30 s after the first user, and with it 2 of 6 replicas"

MISHAPS = [
    ({}, "nothing else was seen"),
    ({"latency": dead_from(30.0)}, "no answers from then on"),
    ({"failures": {"timeout": 0.3}}, "failures"),
    ({"died_s": 31.0}, "another replica ended too"),
    ({"oom_s": 31.0}, "another was OOM-killed, perhaps by the users of the lost ones"),
    ({"latency": dead_from(30.0), "steady_s": 13.0}, "the load was ended early"),
]


@pytest.mark.parametrize(("mishap", "what"), MISHAPS)
def test_a_trial_that_lost_a_node_is_invalid_and_says_so_first(mishap, what):
    given = on_nodes(lost_s=30.0, **mishap)
    found, judgement = nodes(given), judge(given)
    log_case("check", "nodes", f"a node of three went away; {what}", told(found), not found.ok)
    assert judgement.verdict is Verdict.INVALID, what
    assert judgement.reasons[0].startswith(f"{LOST}. The machine is no part of the service"), what
    assert judgement.cause is None, what
    assert not judgement.is_sound


@pytest.mark.parametrize(
    ("mishap", "verdict"),
    [({}, Verdict.HOLDS), ({"died_s": 31.0}, Verdict.FAILS), ({"oom_s": 31.0}, Verdict.FAILS)],
)
def test_where_all_nodes_stay_a_trial_is_judged_as_on_one_engine(mishap, verdict):
    assert judge(on_nodes(**mishap)).verdict is verdict
    assert judge(evidence(**mishap)).verdict is verdict


def test_a_node_that_took_a_worker_of_the_load_with_it_is_told_with_that():
    given = on_nodes(lost_s=30.0)
    sent = (worker(1, node="node-2", lost="its node went away"), worker(2, node="node-3"))
    found = nodes(replace(given, trial=replace(given.trial, workers=sent)))
    assert found.seen == f"{LOST} and worker 1 of the load"


def test_the_check_counts_the_nodes():
    stayed, lost = nodes(on_nodes()), nodes(on_nodes(lost_s=30.0))
    log_case("check", "nodes", "allowed: all nodes stayed", told(stayed), stayed.ok)
    assert (stayed.ok, stayed.reading) == (True, Reading("0"))
    assert (lost.ok, lost.reading, lost.voids) == (False, Reading("1"), Voids.BOTH)
    assert nodes(evidence()) is None, "without a Swarm there is nothing to check"


def test_of_replicas_of_a_lost_node_it_is_not_said_that_they_ended():
    assert causes.died(on_nodes(lost_s=30.0)) is None
    other = causes.died(on_nodes(lost_s=30.0, died_s=31.0))
    assert other is not None
    assert other.node == "node-1"


def test_a_speed_gauge_tells_nothing_of_another_machine():
    gauge = {"work_us": 330.0, "reference_us": 300.0}
    assert relative_speed(on_nodes(**gauge)) == pytest.approx(300 / 330)
    assert relative_speed(on_nodes(is_here=False, **gauge)) is None
    given = on_nodes(is_here=False, **gauge)
    here = replace(given.trial, replicas=given.trial.replicas[:2])
    assert relative_speed(replace(given, trial=here)) == pytest.approx(300 / 330)
    sent = replace(here, workers=(worker(1, node="node-1"), worker(2, node="node-2")))
    assert relative_speed(replace(given, trial=sent)) is None


def test_what_replicas_use_on_other_machines_is_not_taken_off_what_this_one_is_busy_with():
    """Else a crowded machine would look idle, and its doing would be called the service's."""
    here, elsewhere = (
        crowded_ratio(on_nodes(is_here=is_here, busy=0.99)) for is_here in (True, False)
    )
    assert here is not None
    assert elsewhere is not None
    # Six replicas at 0.6 of 0.5 cores, or two; the generator takes 0.3; of two CPUs.
    assert here == pytest.approx(max(0.0, 0.99 - (6 * 0.3 + 0.3) / 2))
    assert elsewhere == pytest.approx(0.99 - (2 * 0.3 + 0.3) / 2)


def test_a_replica_has_the_machine_of_its_node():
    trial = on_nodes().trial
    odd = replace(trial.nodes[2], host=replace(trial.host, cgroup_version="2"))
    mixed = replace(trial, nodes=(*trial.nodes[:2], odd))
    assert [mixed.machine_of(r).cgroup_version for r in mixed.replicas] == ["1"] * 4 + ["2"] * 2
