"""How reliably several replicas hold, from trials of one and of several."""

from dataclasses import replace

import pytest

from loadtests.question import Setting
from loadtests.search.reliability import Goal, Reliability
from loadtests.search.replica_reliability import ReplicaReliability
from loadtests.verdicts import Finding, Verdict
from tests.search.replicated import PLANE, SPACE, Replicated

SERVICE = Replicated()
TWO = Setting(0.1, 200, 2)


def says(*more: Finding) -> ReplicaReliability:
    """Return what the plane's trials say, and some of several replicas."""
    findings = (*SERVICE.plane(), *more)
    return ReplicaReliability(SPACE, findings, Goal(), SERVICE.forecast, SERVICE.memory)


def of(setting: Setting, verdict: Verdict) -> Finding:
    """Return a trial far on its side of the edge."""
    slow = 0.0 if verdict is Verdict.HOLDS else 0.97
    return Finding(setting, verdict, own=verdict, slow_share=slow, load_s=60.0)


def test_one_replica_is_as_its_own_trials_say_whatever_several_do():
    alone = Reliability(PLANE, tuple(SERVICE.plane()), Goal(), SERVICE.forecast)
    with_several = says(of(TWO, Verdict.FAILS), of(replace(TWO, replicas=4), Verdict.HOLDS))
    for cell in PLANE.cells:
        assert with_several.stated(cell) == alone.stated(cell)
        assert with_several.sure(cell) == alone.sure(cell)


def test_more_cpu_memory_or_replicas_of_a_size_are_never_less_reliable_by_the_law():
    """Before any trial of several, as far as a replica adds more than it costs."""
    told = says()
    for replicas in (2, 3, 4, 5):
        by_cpu = [told.stated(Setting(c, 200, replicas)) for c in PLANE.cpus]
        by_memory = [told.stated(Setting(0.15, m, replicas)) for m in PLANE.memory_mib]
        assert by_cpu == sorted(by_cpu)
        assert by_memory == pytest.approx(sorted(by_memory), abs=1e-9)


@pytest.mark.parametrize("replicas", [2, 5])
def test_a_trial_of_several_moves_what_is_believed_of_its_count_and_of_others(replicas: int):
    """Its own count by much, others by what it tells of the law."""
    tried = Setting(0.1 if replicas == 2 else 0.05, 200, replicas)
    other = Setting(0.08, 200, 3)
    before, held, failed = (
        says(),
        says(of(tried, Verdict.HOLDS)),
        says(of(tried, Verdict.FAILS)),
    )
    for at in (tried, other):
        assert failed.stated(at) < before.stated(at) < held.stated(at)


def test_what_another_replica_costs_is_learned():
    before = says().overhead(200)
    dear = says(of(TWO, Verdict.FAILS)).overhead(200)
    cheap = says(of(TWO, Verdict.HOLDS)).overhead(200)
    assert cheap[0] < before[0] < dear[0]
    for mean, low, high in (before, dear, cheap):
        assert low <= mean <= high


def test_a_kill_tells_of_memory_and_of_no_cpu():
    killed = replace(of(Setting(0.15, 150, 3), Verdict.FAILS), oom_killed=True)
    with_kill, without = says(killed), says()
    assert with_kill.stated(Setting(0.15, 150, 3)) < 0.5 * without.stated(Setting(0.15, 150, 3))
    assert with_kill.stated(Setting(0.15, 400, 3)) == pytest.approx(
        without.stated(Setting(0.15, 400, 3)), abs=0.02
    )


def test_no_replicas_serve_a_load_with_less_than_one_ever_took():
    """0.95 of 0.17 cores were in use; less what may be misread."""
    assert says().least_demand == pytest.approx(0.85 * 0.95 * 0.17)
    nothing = ReplicaReliability(SPACE, (), Goal(), SERVICE.forecast, SERVICE.memory)
    assert nothing.least_demand is None
