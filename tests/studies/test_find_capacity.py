"""The search for the most load with trials that never ran: a rate, and that rates stay apart."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.question import Setting
from loadtests.record import Phases
from loadtests.studies import parameters, trial_runner
from loadtests.studies.capacity_search import read_capacity_search
from loadtests.studies.experiment import Experiment
from loadtests.studies.find_capacity import find_capacity
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import PlainProgress
from loadtests.verdicts import Step, Verdict
from tests.analysis.open_load import open_evidence
from tests.analysis.records import HOST, evidence, steady_ms, write
from tests.bench.idle import idle_bench

ASKED = Parameters(
    run="mine", image="api", find="rate", rate=1500, spawn_rate=1000, steady_s=6,
    think_min=1, think_max=3, cpus=0.5, memory_mib=300,
)  # fmt: skip
SETTING = Setting(0.5, 300)


@pytest.fixture
def service(tmp_path, monkeypatch):
    """A service that is quick up to so many requests a second, and slow beyond."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    told = SimpleNamespace(holds_up_to=0.0, asked=[])
    nothing = SimpleNamespace(list=lambda **_: [])
    client = SimpleNamespace(containers=nothing, networks=nothing, volumes=nothing)
    bench = idle_bench(
        tmp_path, client=client, question=ASKED.question, target=ASKED.target,
        store=Store(ASKED.folder),
    )  # fmt: skip

    def run_trial(bench, setting, repeat, _on_tick):
        rate = bench.question.workload.rate_per_s
        told.asked.append(rate)
        latency = steady_ms(5.0, 0.0 if rate <= told.holds_up_to else 0.5)
        key = bench.key(setting, repeat)
        seen = open_evidence(bench.question, latency, setting=setting, key=key)
        return write(seen, bench.store.folder(key))

    def run_staircase(bench, plan, next_limit, _on_tick):
        """Its levels are told, not simulated: those that pass and two that do not."""
        steps, at_s = [], 0.0
        for level in plan.levels:
            slow = 0 if level.rate_per_s <= told.holds_up_to else 50
            times = at_s, at_s + 1, at_s + 6
            steps.append(Step(0.5, level.users, 100, slow, 0, 0.3, *times, level.rate_per_s))
            at_s += 6
            if next_limit(steps) is None:
                break
        seen = evidence(question=bench.question, setting=plan.setting, key=plan.key)
        phases = Phases(0.0, 1.0, 6.0)
        trial = replace(seen.trial, steps=tuple(steps), phases=phases)
        return write(replace(seen, trial=trial), bench.store.folder(plan.key))

    monkeypatch.setattr(trial_runner, "run_trial", run_trial)
    monkeypatch.setattr(trial_runner, "run_staircase", run_staircase)

    class Idle(Experiment):
        def __init__(self):
            self.asked, self.prices = ASKED, ASKED.prices
            self.run, self.runs = ASKED.folder, tmp_path
            self.progress, self.bench = PlainProgress(), bench
            self.grants = Grants(HOST, None, 100_000)

    told.experiment = Idle()
    return told


@pytest.mark.parametrize(("most", "asked"), [(900.0, [868.0, 1040.0]), (1300.0, [1250.0, 1500.0])])
def test_the_highest_rate_is_confirmed_and_the_next_refuted(service, most, asked):
    """All rates above a thousand a second have as many users ready; their rates tell them apart."""
    service.holds_up_to = most
    found = find_capacity(service.experiment, ASKED)
    assert service.asked == asked
    assert [row.verdict for row in found.rows] == [Verdict.HOLDS, Verdict.FAILS]
    assert found.ended.proven
    assert found.sentences()[0] == f"{asked[0]:,g} arrivals/s are held, {asked[1]:,g} are not."
    assert f"{SETTING.label} holds {asked[0]:,g} arrivals/s" in found.sentences()[1]


def test_what_was_found_is_read_again_and_not_measured_again(service):
    service.holds_up_to = 1300.0
    found = find_capacity(service.experiment, ASKED)
    read = read_capacity_search(ASKED.folder, of_rate=True)
    assert read.rows == found.rows
    assert read.ended == found.ended
    assert read.answers(ASKED)
    assert not read.answers(replace(ASKED, rate=1600))
    find_capacity(service.experiment, ASKED)
    assert len(service.asked) == 2


def test_where_not_even_the_lowest_is_held_that_is_said(service):
    found = find_capacity(service.experiment, ASKED)
    assert found.held is None
    assert found.sentences()[0].startswith("Not even 168 arrivals/s are shown to be held")
