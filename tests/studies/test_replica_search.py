"""What a search found of several replicas: read, weighed, told, and asked for again only as far."""

import re
from dataclasses import replace

import pytest

from loadtests.analysis.calibration import Calibration
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Interval
from loadtests.question import Setting, rank
from loadtests.report.tables import kept_together
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Standing
from loadtests.search.space import Space
from loadtests.studies.manifest import LogLine
from loadtests.studies.minimum_search import MinimumSearch
from loadtests.studies.parameters import Parameters
from loadtests.studies.replica_search import granted_of, replica_memory
from loadtests.studies.search_result import NOT_ASKED
from loadtests.verdicts import Verdict
from tests.analysis.records import HOST
from tests.told import QUESTION, TARGET, measured, notes, table

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
CPUS, MEMORY = (0.1, 0.15, 0.2, 0.25, 0.5), (100, 200, 300)
LEAST = Setting(0.5, 300)
PLANE = table(
    measured(LEAST, HOLDS, HOLDS, HOLDS),
    measured(Setting(0.25, 300), FAILS),
    measured(Setting(0.5, 200), FAILS),
    search=notes(CPUS, MEMORY, "0.5 CPU / 300 MiB is the least of one."),
)
TWO = Setting(0.2, 300, 2)
FOUND = MinimumSearch.of(PLANE)


def several(*found, why="It is over.", cut_short=False, counts=(1, 2, 3)):
    """What a search did after one replica."""
    asked = LogLine(TWO.label, "Would it cost less?", "as told")
    search = replace(
        notes(CPUS, MEMORY), log=(asked, LogLine("", why, "")), is_cut_short=cut_short,
        replica_counts=counts,
    )  # fmt: skip
    part = table(*found, search=search)
    return replace(part, manifest=replace(part.manifest, name="replica_axis"))


def test_several_replicas_that_hold_for_less_are_the_answer_and_one_replica_stays_what_it_is():
    found = FOUND.with_replicas(several(measured(TWO, HOLDS, HOLDS, HOLDS)))
    assert found.answer.setting == TWO
    assert found.axis.best == TWO
    assert found.least.setting == LEAST, "of one replica"
    assert [row.setting for row in found.replica_rows] == [TWO]
    assert found.steps == 3 * len(CPUS) * len(MEMORY)


def test_what_fails_leaves_the_answer_of_one_replica():
    found = FOUND.with_replicas(several(measured(TWO, FAILS)))
    assert found.answer == found.least
    assert found.axis.rivals.standings[TWO] is Standing.PROVEN
    cheaper = set(found.axis.rivals.standings)
    cost = Prices().per_hour
    assert all(rank(cell, cost) < rank(LEAST, cost) for cell in cheaper)


def test_a_search_that_was_not_asked_about_several_says_so_and_is_as_before():
    assert FOUND.axis is None
    assert FOUND.with_replicas(None) is FOUND
    assert FOUND.answer == FOUND.least
    assert FOUND.steps == len(CPUS) * len(MEMORY)
    assert FOUND.replica_sentences() == [NOT_ASKED]
    assert (FOUND.replica_figure(), FOUND.replica_decisions()) == (None, None), "said once"


@pytest.mark.parametrize("cut_short", [False, True])
def test_the_end_of_the_search_is_that_of_several_replicas(cut_short):
    """Where its minutes were spent the answer is open, however well one replica is known."""
    part = several(measured(TWO, FAILS), why="One is the least.", cut_short=cut_short)
    found = FOUND.with_replicas(part)
    assert found.ended.why == "One is the least."
    assert found.ended.proven is (FOUND.ended.proven and not cut_short)


def test_the_sentences_tell_what_another_replica_costs_and_who_carries_a_loss():
    said = FOUND.with_replicas(several(measured(TWO, FAILS))).replica_sentences()
    assert said[0] == "It is over."
    assert "Each further replica adds" in said[1]
    assert "by 1 trial of several" in said[1]
    assert re.fullmatch(
        r"With one replica more, 2 x .* hold, at 0\.\d{4} USD per hour: [+-]\d+%\.", said[2]
    )
    assert "only the size to deploy has one to lose" in said[3]
    unmeasured = FOUND.with_replicas(several()).replica_sentences()
    assert "before any trial of several" in unmeasured[1]


def test_all_that_was_measured_is_shown():
    found = FOUND.with_replicas(several(measured(TWO, FAILS)))
    assert TWO in [evidence.trial.setting for evidence, _ in found.trials]
    assert len(found.to_frame()) == 3 + 1 + 1 + 1
    assert kept_together(TWO.label) in found.rows_table().data
    assert "Would it cost less?" in found.replica_decisions().data
    assert [manifest.name for manifest in found.manifests] == ["vertical", "replica_axis"]


def test_a_row_of_another_table_is_weighed_by_all_trials():
    """Of a size that could not be chosen nothing cheaper is an answer; others by what all say."""
    found = FOUND.with_replicas(several(measured(TWO, FAILS)))
    other = Setting(0.22, 300, 2)
    elsewhere = several(measured(other, HOLDS), measured(Setting(0.1, 100, 2), HOLDS))
    off_the_grid, too_small = elsewhere.rows
    assert not found.axis.weigh(off_the_grid, elsewhere).is_reliable
    assert not found.axis.weigh(too_small, elsewhere).is_reliable, "one trial, far from the law"
    dear = several(measured(Setting(0.5, 300, 3), HOLDS))
    assert found.axis.weigh(dear.rows[0], dear).is_reliable


@pytest.mark.parametrize(
    ("most", "answers"), [(3, True), (5, False), (1, False)], ids=["as asked", "more", "one only"]
)
def test_it_answers_only_as_many_replicas_as_it_was_asked_about(most, answers):
    asked = Parameters(
        image=TARGET.image, users=QUESTION.workload.users, spawn_rate=100, think_min=0.5,
        think_max=1.5, steady_s=QUESTION.workload.steady_s, replicas_at_most=most,
    )  # fmt: skip
    search = replace(PLANE.manifest.search, replica_counts=(1, 2, 3))
    part = replace(PLANE, manifest=replace(PLANE.manifest, search=search))
    assert MinimumSearch.of(part).answers(asked) is answers
    assert FOUND.answers(asked), "a record from before several were asked about"


def test_the_band_of_an_answer_of_several_is_of_as_many():
    """The chance to hold with each step of CPU of each, as all trials of both make it."""
    axis = FOUND.with_replicas(several(measured(TWO, HOLDS, HOLDS, HOLDS))).axis
    band = axis.rivals.says.band(TWO)
    assert (band.replicas, band.memory_mib) == (2, TWO.memory_mib)
    assert band.reliability == axis.rivals.says.stated(TWO)
    assert band.fails_to_cpus is None or band.fails_to_cpus < TWO.cpus


def test_a_host_grants_only_what_it_has_in_all():
    """Two CPUs, whatever their limits add up to elsewhere."""
    space = ReplicaSpace.of(Space((0.5, 1.0), (100, 4000)), 5)
    small = replace(HOST, cpus=2, memory_mib=10_000)
    granted = granted_of(space, QUESTION.workload, small)
    assert Setting(1.0, 100, 2) in granted
    assert Setting(1.0, 100, 3) not in granted
    assert Setting(0.5, 4000, 2) in granted
    assert Setting(0.5, 4000, 3) not in granted


def test_the_memory_of_a_replica_is_that_of_its_ramp_up():
    told = Calibration(
        None, Interval(97.0, 95.0, 99.0), Interval(10.24, 9.0, 11.0), 200.0, 10_000, 1000.0
    )
    memory = replica_memory(told, ())
    assert (memory.base_mib, memory.users_mib) == pytest.approx((97.0, 100.0))
    assert replica_memory(replace(told, base_mib=None), ()) is None
    assert replica_memory(None, ()) is None


@pytest.mark.parametrize("minutes", [-1, float("inf")])
def test_minutes_that_are_none_are_refused(minutes):
    with pytest.raises(Exception, match="replica_minutes_at_most"):
        _ = Parameters(replica_minutes_at_most=minutes).replica_budget


def test_the_budget_counts_trials_at_their_length():
    budget = Parameters(replica_minutes_at_most=4).replica_budget
    assert (budget.load_s, budget.trial_s, budget.long_s) == (240.0, 60.0, 150.0)
