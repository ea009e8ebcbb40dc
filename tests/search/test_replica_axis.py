"""After the plane of one replica: how many? Few trials find the least, and say how it is known."""

from collections import Counter
from dataclasses import replace

import pytest

from loadtests.question import Setting, rank
from loadtests.search.replica_axis import ReplicaBudget, decide, with_spare
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Rivals, Standing
from loadtests.verdicts import Verdict
from tests.search.replicated import COST, PLENTY, SPACE, Replicated, asked_for

# 0.5 CPU is the least step of one, three times 0.15 are enough as well.
THREE = Replicated(cpus=0.41, overhead=0.0)
SERVICES = [
    (Replicated(), "one replica is the least: every other costs CPU and memory of its own"),
    (Replicated(overhead=0.0), "sharing costs no CPU, and one step is more than one needs"),
    (Replicated(cpus=0.41, overhead=0.0), "three replicas come nearer to what is needed"),
    (Replicated(cpus=0.41, overhead=0.05), "a step of a half is more than is needed"),
    (Replicated(cpus=0.21, overhead=0.6), "sharing costs more than any step saves"),
    (Replicated(cpus=0.32, overhead=-0.05), "threads of one replica stand in each other's way"),
    (Replicated(cpus=0.9, base_mib=10.0, users_mib=300.0), "memory is that of connections"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "what"), SERVICES)
def test_the_least_of_all_numbers_of_replicas_is_found(service: Replicated, what: str):
    """Without luck, with all the budget that it takes; the truth by looking at every setting."""
    found, decisions, rivals = asked_for(service)
    assert rivals.best == service.least(), what
    assert not decisions[-1].is_cut_short
    assert len(found) <= 12


def test_what_is_found_does_not_hang_on_who_asked_before():
    """A search taken up from its findings decides as one that was never stopped."""
    service = THREE
    found, decisions, _ = asked_for(service)
    findings = service.plane()
    for finding, decision in zip(found, decisions, strict=False):
        assert decide(service.rivals(findings), PLENTY) == decision
        findings.append(finding)


def test_every_trial_is_of_something_cheaper_than_the_best_known():
    """Or the long one of the best itself."""
    service = THREE
    findings = service.plane()
    _, decisions, _ = asked_for(service)
    for decision in decisions[:-1]:
        rivals = service.rivals(findings)
        assert rivals.best is not None
        if decision.is_long:
            assert decision.ask == rivals.best
        else:
            assert rank(decision.ask, COST) < rank(rivals.best, COST)
        findings.append(service.measure(decision.ask, decision.is_long))


def test_an_answer_of_several_replicas_gets_a_long_trial():
    """As that of one had; one replica is not measured again."""
    found, _, rivals = asked_for(THREE)
    assert rivals.best.replicas > 1
    assert [finding.setting for finding in found if finding.is_long] == [rivals.best]
    alone, _, _ = asked_for(Replicated())
    assert not any(finding.is_long for finding in alone)


def test_where_nothing_is_near_the_nearest_is_measured_once():
    """Else the law would be no more than a belief."""
    service = Replicated(cpus=0.185, overhead=0.6)
    found, decisions, _ = asked_for(service)
    assert len(found) == 1
    assert found[0].verdict is Verdict.FAILS
    assert "rests on one replica alone" in decisions[0].why


def test_the_budget_ends_it_and_is_told():
    """A minute is one trial."""
    service = THREE
    found, decisions, rivals = asked_for(service, ReplicaBudget(load_s=60.0))
    assert sum(finding.load_s for finding in found) <= 60
    assert decisions[-1].is_cut_short
    assert decisions[-1].why.startswith("Stopped with the answer open: the 1 minutes")
    assert rivals.best.label in decisions[-1].why


@pytest.mark.parametrize(("service", "what"), SERVICES)
@pytest.mark.parametrize("load_s", [0.0, 60.0, 210.0, 360.0])
def test_no_budget_is_ever_overdrawn(service: Replicated, what: str, load_s: float):
    found, _, _ = asked_for(service, ReplicaBudget(load_s=load_s))
    assert sum(finding.load_s for finding in found) <= load_s, what


def test_with_a_replica_to_spare_more_and_smaller_ones_are_the_least():
    """One that carries all needs a second of its size; several need one more of theirs."""
    service, cost = Replicated(overhead=0.02), with_spare(COST, 1)
    assert service.least(COST).replicas == 1
    _, _, rivals = asked_for(service, cost=cost)
    assert rivals.best == service.least(cost)
    assert rivals.best.replicas > 1
    assert cost(Setting(0.2, 200)) == pytest.approx(2 * COST(Setting(0.2, 200)))


def test_proven_inferred_and_believed_are_told_apart_and_add_up():
    service = Replicated(cpus=0.41, overhead=0.3)
    _, decisions, rivals = asked_for(service)
    counted = rivals.counted()
    cheaper = [
        cell
        for cell in SPACE.cells
        if cell.replicas > 1 and rank(cell, COST) < rank(rivals.best, COST)
    ]
    assert sum(counted.values()) == len(cheaper)
    assert counted[Standing.NEAR] == 0
    assert f"Of {len(cheaper)} cheaper settings of several replicas" in decisions[-1].why
    assert f"{counted[Standing.PROVEN]} failed in trials of their own" in decisions[-1].why
    assert f"{counted[Standing.BELIEVED]} were not shown to fail" in decisions[-1].why


def test_each_standing_rests_on_what_it_says():
    """Own trials; something larger with as many replicas; less CPU than one ever held with."""
    service = Replicated(cpus=0.41, overhead=0.3)
    found, _, rivals = asked_for(service)
    failed = [finding.setting for finding in found if finding.verdict is Verdict.FAILS]
    least_used = min(f.cpu_used * f.setting.cpus for f in service.plane() if f.verdict == "holds")
    for cell, standing in rivals.standings.items():
        if standing is Standing.PROVEN:
            assert cell in failed
        if standing is Standing.INFERRED:
            assert any(setting.grants_at_least(cell) for setting in failed)
        if standing is Standing.TOO_LITTLE:
            assert cell.total_cpus < least_used
    assert Counter(rivals.standings.values())[Standing.TOO_LITTLE] > 0


def test_who_was_killed_before_any_user_is_killed_in_any_number():
    """60 MiB are too little to start with, for two replicas as for one."""
    service = Replicated(overhead=0.0)
    never = replace(
        service.measure(Setting(1.0, 60)), died=True, oom_killed=True, load_s=0.0, own=None
    )
    rivals = service.rivals([*service.plane(), never])
    of_60 = {standing for cell, standing in rivals.standings.items() if cell.memory_mib == 60}
    assert of_60 == {Standing.INFERRED}


def test_what_the_host_cannot_grant_is_no_rival():
    service = THREE
    rivals = service.rivals(service.plane())
    only = frozenset(cell for cell in SPACE.cells if cell.replicas < 3)
    assert max(cell.replicas for cell in rivals.standings) == 5
    assert {cell.replicas for cell in replace(rivals, granted=only).standings} == {2}


def test_where_one_replica_holds_too_seldom_several_that_cost_more_are_rivals_too():
    """There is no answer yet that they would have to be cheaper than."""
    service = Replicated(cpus=0.99, overhead=-0.05)
    once = [service.measure(Setting(1.0, 200)), service.measure(Setting(0.8, 400))]
    doubtful = replace(once[0], verdict=Verdict.UNDECIDED, own=Verdict.UNDECIDED)
    rivals = service.rivals([doubtful, doubtful, once[0], once[1]])
    assert not rivals.is_reliable
    assert any(COST(cell) > COST(Setting(1.0, 400)) for cell in rivals.standings)


def test_what_is_known_of_all_of_them_alike_is_said_once():
    """Small steps of CPU alone: whatever costs less has less than the load ever took."""
    service = Replicated(cpus=0.29, overhead=0.1, base_mib=60.0, users_mib=20.0)
    says = service.rivals(service.plane()).says
    few = replace(says, space=ReplicaSpace((0.05, 0.3, 1.0), (50, 100, 150, 500), (1, 2, 3, 4)))
    held, less = service.measure(Setting(0.3, 100)), service.measure(Setting(0.05, 500))
    rivals = Rivals(replace(few, findings=(held, less, held, held)), COST)
    told = decide(rivals, PLENTY).why
    assert set(rivals.standings.values()) == {Standing.TOO_LITTLE}
    assert f"all {len(rivals.standings)} had less CPU in all than the load was ever seen" in told
