"""A proxy is compared with Docker's DNS by turns, where one is asked for, and beside the answer."""

from dataclasses import replace

import pytest

from loadtests.bench.proxy import Proxy
from loadtests.errors import ProxyError
from loadtests.question import Balancing, Setting
from loadtests.studies import balancing, trial_runner
from loadtests.studies.balancing import (
    NOT_ASKED,
    NOT_COMPARED,
    measure_balancing,
    read_balancing,
    setting_to_compare,
)
from loadtests.studies.manifest import BALANCING, read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.scale_out_plan import ScaleOutPlan
from loadtests.verdicts import Verdict
from tests.analysis.proxied import behind
from tests.analysis.records import QUESTION, evidence, write
from tests.studies.test_study import TARGET
from tests.told import measured, table

ASKED = Parameters(
    run="mine",
    image=TARGET.image,
    users=QUESTION.workload.users,
    spawn_rate=QUESTION.workload.spawn_rate,
    balancing="haproxy",
)
TWO, THREE, FIVE = (Setting(0.5, 300, replicas) for replicas in (2, 3, 5))
TABLE = table(
    measured(TWO, Verdict.HOLDS), measured(THREE, Verdict.HOLDS), measured(FIVE, Verdict.FAILS)
)


@pytest.fixture
def engine(engine, monkeypatch):
    """An engine whose trials are behind a proxy where their bench has one; `comes` may refuse."""

    def run_trial(bench, setting, repeat, _on_tick):
        engine.asked.append((bench.target.balancing, setting))
        if isinstance(engine.comes, Exception):
            raise engine.comes
        key = bench.key(setting, repeat)
        seen = evidence(question=bench.question, setting=setting, key=key, seed=len(engine.asked))
        started_at = f"2026-01-01T00:{len(engine.asked):02d}:00Z"
        seen = replace(seen, trial=replace(seen.trial, started_at=started_at))
        seen = behind(seen) if bench.proxy else seen
        return write(seen, bench.store.folder(key))

    from loadtests.studies import measure

    class Proxied(measure.Experiment):
        def __init__(self, asked, client, progress):
            super().__init__(asked, client, progress)
            kind = asked.target.balancing
            self.bench = replace(
                self.bench,
                target=replace(self.bench.target, balancing=kind),
                proxy=Proxy(kind, "sha256:7"),
            )

    monkeypatch.setattr(trial_runner, "run_trial", run_trial)
    monkeypatch.setattr(balancing, "Experiment", Proxied)
    return engine


def test_the_most_replicas_that_hold_are_compared():
    assert setting_to_compare(TABLE) == THREE
    assert setting_to_compare(table(measured(Setting(1, 300), Verdict.HOLDS))) is None


def test_both_ways_are_measured_by_turns_and_kept_apart_from_the_tables(run, engine):
    found = measure_balancing(ASKED, TABLE)
    ways = [way for way, _ in engine.asked]
    assert sorted(ways) == sorted([Balancing.DNS, Balancing.LEAST_CONNECTIONS] * 3)
    assert all({*ways[n : n + 2]} == {*ways} for n in (0, 2, 4)), "one of each in every round"
    assert {setting for _, setting in engine.asked} == {THREE}
    assert (found.comparison.by_dns, found.comparison.proxied) == (3, 3)
    assert found.sentences == read_balancing(run).sentences
    assert "behind the proxy over by DNS" in str(found.table().data)
    manifest = read_manifest(run, BALANCING)
    assert manifest.effort.trials_run == 6
    assert manifest.target.balancing is Balancing.LEAST_CONNECTIONS


def test_what_was_compared_before_is_read(run, engine):
    measure_balancing(ASKED, TABLE)
    engine.comes = AssertionError("measured again")
    assert measure_balancing(ASKED, TABLE).comparison.by_dns == 3


def test_without_a_proxy_nothing_is_measured(run, engine):
    assert measure_balancing(replace(ASKED, balancing="dns"), TABLE) is NOT_ASKED
    assert engine.asked == []


def test_where_no_number_of_replicas_holds_there_is_nothing_to_compare(run, engine):
    found = measure_balancing(ASKED, table(measured(FIVE, Verdict.FAILS)))
    assert found.sentences == ["No setting of several replicas holds to compare it."]
    assert engine.asked == []
    assert read_balancing(run) is NOT_COMPARED


def test_a_proxy_that_does_not_start_is_told_and_takes_nothing_with_it(run, engine):
    engine.comes = ProxyError("the proxy ended with exit code 1")
    found = measure_balancing(ASKED, TABLE)
    assert found.sentences == [
        f"{THREE.label} was not compared with Docker's DNS: the proxy ended with exit code 1."
    ]
    assert found.comparison is None
    assert found.table() is None, "said once"


def test_its_time_is_told_before_it_begins():
    asked = replace(ASKED, sizes=[[0.5, 300]], replica_counts=[2], users_beyond=0.0)
    plan, by_dns = ScaleOutPlan(asked), ScaleOutPlan(replace(asked, balancing="dns"))
    assert plan.balancing_s > 6 * QUESTION.workload.duration_s / 2
    assert plan.expected_s == by_dns.expected_s + plan.balancing_s
    assert any("by turns" in said for said in plan.sentences)
    assert not any("by turns" in said for said in by_dns.sentences)
