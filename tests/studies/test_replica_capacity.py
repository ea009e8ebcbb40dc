"""Capacity against replicas with staircases that never ran: order, edges, reading again."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.errors import NotReadyError
from loadtests.question import CLOSED, Question, Setting, Workload
from loadtests.record import Phases
from loadtests.studies import trial_runner
from loadtests.studies.experiment import Experiment
from loadtests.studies.progress import PlainProgress
from loadtests.studies.replica_capacity import (
    NO_CAPACITY,
    measure_capacity,
    read_capacity,
    saturating,
)
from loadtests.verdicts import Step
from tests.analysis.records import HOST, QUESTION, write
from tests.analysis.replicas import climb
from tests.bench.idle import idle_bench

SIZE = Setting(0.05, 100)
COUNTS = (1, 2, 3)
PAUSE_S = 1.0


@pytest.fixture
def service(tmp_path, monkeypatch):
    """Replicas each of which answers so many requests a second, and lose some for every other."""
    told = SimpleNamespace(each_per_s=50.0, lost=0.05, climbed=[], refuses=())
    nothing = SimpleNamespace(list=lambda **_: [])
    client = SimpleNamespace(**dict.fromkeys(("containers", "networks", "volumes"), nothing))

    def capacity(replicas):
        return told.each_per_s * replicas / (1 + told.lost * (replicas - 1))

    def run_staircase(bench, plan, next_limit, _on_tick):
        replicas = plan.setting.replicas
        if replicas in told.refuses:
            raise NotReadyError("no answer in 600 s")
        told.climbed.append(replicas)
        steps, rates, fails_from = [], [], None
        for level in plan.levels:
            rate = min(level.users / PAUSE_S, capacity(replicas))
            late = level.users / rate - PAUSE_S > 0.5
            rates.append(rate)
            count = round(6 * rate)
            steps.append(
                Step(0.05, level.users, count, count if late else 0, 0, None, 0.0, 0.0, 6.0)
            )
            fails_from = len(steps) - 1 if late and fails_from is None else fails_from
            if next_limit(steps) is None:
                break
        seen = climb(rates, replicas, fails_from, plan.setting.cpus)
        shown = [
            replace(step, users=mine.users)
            for step, mine in zip(seen.trial.steps, steps, strict=True)
        ]
        trial = replace(
            seen.trial, key=plan.key, setting=plan.setting, question=bench.question,
            steps=tuple(shown), phases=Phases(0.0, 1.0, 6.0),
        )  # fmt: skip
        return write(replace(seen, trial=trial), bench.store.folder(plan.key))

    class Idle(Experiment):
        def __init__(self):
            self.run, self.runs = tmp_path / "mine", tmp_path
            self.prices, self.progress = Prices(), PlainProgress()
            self.grants = Grants(HOST, None, 100_000)
            self.bench = idle_bench(
                tmp_path, client=client, question=QUESTION, store=Store(self.run)
            )

    monkeypatch.setattr(trial_runner, "run_staircase", run_staircase)
    told.begin, told.capacity = Idle, capacity
    return told


def test_each_count_has_its_highest_rate_by_several_staircases(service):
    found = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    assert [point.replicas for point in found.points] == [1, 2, 3]
    for point in found.points:
        assert point.rate_per_s == pytest.approx(service.capacity(point.replicas), rel=0.06)
    assert len(found.found.climbs) == 6


def test_counts_come_in_rounds_of_an_order_by_chance(service):
    measure_capacity(service.begin(), SIZE, COUNTS, 4)
    order = service.climbed[-9:]
    rounds = [order[n : n + 3] for n in (0, 3, 6)]
    assert all(sorted(each) == [1, 2, 3] for each in rounds)


@pytest.mark.parametrize("each_per_s", [4.0, 400.0])
def test_an_edge_far_from_what_is_expected_is_found_too(service, each_per_s):
    """A service that CPU does not hold back, or one that takes less of it than any other."""
    service.each_per_s = each_per_s
    found = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    for point in found.points:
        assert point.rate_per_s == pytest.approx(service.capacity(point.replicas), rel=0.12)


def test_what_was_climbed_is_read_and_not_climbed_again(service):
    first = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    climbed = service.climbed.copy()
    again = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    assert service.climbed == climbed
    assert again.points == first.points == read_capacity(service.begin().run).points


def test_a_count_that_is_never_ready_is_left_out_with_its_reason(service):
    service.refuses = (2,)
    found = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    assert [point.replicas for point in found.points] == [1, 3]
    assert "2 x 0.05 CPU / 100 MiB was not measured: no answer in 600 s." in found.sentences()


def test_few_counts_are_no_law_and_that_is_said(service):
    found = measure_capacity(service.begin(), SIZE, COUNTS, 2)
    assert found.law is None
    assert "at least 6" in found.law_sentences()[0]


def test_six_counts_are_fitted(service):
    found = measure_capacity(service.begin(), SIZE, (1, 2, 3, 4, 5, 6), 2)
    assert found.law is not None
    assert found.law.sigma.estimate == pytest.approx(service.lost, abs=0.03)


def test_a_run_without_any_says_so(tmp_path):
    assert read_capacity(tmp_path) is NO_CAPACITY
    assert NO_CAPACITY.sentences() == [
        "What each number of replicas holds at most was not measured."
    ]
    assert NO_CAPACITY.law_sentences() == []


def test_users_pause_twice_the_slos_latency_and_no_longer_than_asked():
    short = saturating(QUESTION, 500).workload
    assert short.think_time_s == (0.5, 1.5)
    brief = Question(Workload(users=10, spawn_rate=1.0, think_time_s=(0.1, 0.3)))
    assert saturating(brief, 10).workload.think_time_s == (0.1, 0.3)
    opened = Question(QUESTION.workload.opened("poisson", 50.0))
    assert saturating(opened, 10).workload.arrivals == CLOSED
