"""A plan in words: every question has its answer, and what is not known is said."""

import re

import numpy as np
import pytest

from loadtests.analysis.arrival_simulation import simulate_arrivals
from loadtests.analysis.machines import Reserve
from loadtests.analysis.plan_sentences import plan_sentences, runner_up_sentence
from loadtests.analysis.plan_terms import arrival_sentences, assumptions
from loadtests.analysis.planning import NoPlan
from tests.analysis.plans import basis, machine, plan

WHY = NoPlan("There is no plan: nothing holds.")


def said(found):
    return " ".join(plan_sentences(found))


def test_every_target_has_its_replicas_machines_cost_and_interval():
    found = plan()
    text = said(found)
    for target in found.targets:
        best = target.best
        assert (
            f"For {target.users:,} users: {best.replicas:,} replicas of 0.3 CPU / 230 MiB on "
            f"{best.machines:,} machines of {best.machine.label}"
        ) in text
        assert f"{best.cost_hour:,.2f} USD an hour" in text
        assert f"{target.low.replicas:,} to {target.high.replicas:,} replicas" in text


def test_the_size_is_told_with_what_it_was_shown_to_carry_and_what_its_cpu_would():
    usual = said(plan())
    assert "0.3 CPU / 230 MiB, shown to carry 10,000 users with 180 MiB at its peak; none" in usual
    assert "30% of its CPU would stay free up to 11," in usual
    short = said(plan(on=basis(cpu_ms=(0.3, 0.3))))
    assert "30% of its CPU stay free with 7,000 users" in short


def test_what_twice_as_many_users_take_is_told_from_the_measured_load_and_from_a_target():
    text = said(plan())
    assert "When users double from 10,000 to 20,000, " in text
    assert "When users double from 100,000 to 200,000, 22 replicas on 2 machines of " in text


def test_a_machine_that_dies_leaves_the_others_within_what_they_are_planned_for():
    assert re.search(r"dies, up to 11 of 22 replicas are gone .* within the 10,000", said(plan()))


def test_a_machine_that_dies_where_none_is_spare_is_told_as_what_it_is():
    many = said(plan(machines_lost=0, machines=(machine(),), targets=(400_000,)))
    assert "more than the 10,000 they are planned for: the SLO may be missed" in many
    one = said(plan(machines_lost=0, machines=(machine(),), targets=(10_000,)))
    assert "When the one machine for 10,000 users dies, no replica is left" in one


def test_where_the_interval_comes_from_is_told_and_where_it_is_not_known():
    assert "held-out trials were off by 10%. Taken is 10% of capacity, anew for each" in said(
        plan()
    )
    blind = said(plan(beyond=None))
    assert "too few held-out trials tell how far off a capacity is predicted" in blind
    assert blind.count("how far off that may be is not known") == 4
    assert "1 trial, which has no spread" in said(plan(on=basis(cpu_ms=(0.2,))))


def test_without_a_plan_there_is_only_why():
    assert plan_sentences(WHY) == [WHY.why]
    assert assumptions(WHY) == []


@pytest.mark.parametrize(
    "words",
    [
        "share nothing", "balancer", "network", "a database, say", "reference speed",
        "does 1 times the work of a CPU of the measured host", "Kubernetes Engine keeps",
        "list prices on demand of 2026-01-19", "1 machine and 1 replica elsewhere",
    ],
)  # fmt: skip
def test_what_is_taken_for_granted_is_told(words):
    assert words in " ".join(assumptions(plan(reserve=Reserve())))


@pytest.mark.parametrize(
    ("cpu_ms", "says"),
    [
        ((0.1, 0.1), "within its CPU."),
        ((0.255, 0.255), "within its CPU on average, but throttled in such a moment"),
        ((0.5, 0.5), "more than its CPU: a queue forms"),
    ],
)
def test_the_fullest_moment_is_set_against_the_cpu_of_a_replica(cpu_ms, says):
    on = basis(cpu_ms=cpu_ms)
    workload = on.workload_of(100_000)
    even, random = (
        simulate_arrivals(workload, 10, np.random.default_rng(1), evenly=evenly)
        for evenly in (True, False)
    )
    told = arrival_sentences(plan(on=on), even, random)
    assert "100,000 simulated users on 10 replicas" in told[0]
    assert told[1].startswith("Shared out evenly, ")
    assert says in told[1]


def test_the_next_cheapest_machines_are_named_with_how_much_more_they_cost():
    told = runner_up_sentence(plan().at(100_000))
    assert re.search(r"Next for 100,000 users: Acme \S+ \(\+\d+%\)", told)
    alone = plan(machines=(machine(),)).at(100_000)
    assert "No other machine of the table" in runner_up_sentence(alone)


@pytest.mark.parametrize(
    ("reserve", "says"),
    [
        (Reserve(0.1, 0.2), "orchestrator keep the shares given;"),
        (Reserve(0.1), "keeps of a node of its size, but for the share given;"),
    ],
)
def test_what_is_kept_is_told_as_it_was_given(reserve, says):
    assert says in " ".join(assumptions(plan(reserve=reserve)))
