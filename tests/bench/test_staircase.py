"""The plan of a live staircase: its levels, and a key that tells it from any other."""

from dataclasses import replace

import pytest

from loadtests.bench.staircase import staircase_plan
from loadtests.question import Question, Setting, Workload
from tests.bench.idle import QUESTION, idle_bench

START, USERS, CPUS = Setting(1, 500), [100, 100, 100], (0.5, 1.0)


@pytest.fixture
def bench(tmp_path):
    """A bench without an engine."""
    return idle_bench(tmp_path)


def test_the_first_level_settles_as_long_as_a_trial_and_the_others_shorter(bench):
    bench = replace(bench, question=Question(Workload(users=100, spawn_rate=10.0, steady_s=60.0)))
    plan = staircase_plan(bench, START, USERS, CPUS)
    assert [(level.users, level.warm_up_s, level.steady_s) for level in plan.levels] == [
        (100, 10, 10), (100, 2.5, 10), (100, 2.5, 10),
    ]  # fmt: skip
    assert plan.early_stop is None, "how it gets worse is what is looked at"


def test_the_same_staircase_has_the_same_key_and_is_no_trial(bench):
    plan = staircase_plan(bench, START, USERS, CPUS)
    assert staircase_plan(bench, START, tuple(USERS), [*CPUS]).key == plan.key
    assert plan.key != bench.key(START, 0)


LONGER = Question(replace(QUESTION.workload, steady_s=60.0), QUESTION.slo)
OTHERS = [
    ({"cpus": (0.25, 1.0)}, {}, "other limits to choose from"),
    ({"cpus": (0.25, 0.5, 1.0)}, {}, "one more limit"),
    ({"users": [100, 100]}, {}, "fewer levels"),
    ({"users": [80, 90, 100]}, {}, "other users"),
    ({"start": Setting(1, 400)}, {}, "another setting to begin at"),
    ({}, {"question": LONGER}, "longer levels"),
]


@pytest.mark.parametrize(("other", "of_bench", "what"), OTHERS)
def test_another_staircase_has_another_key(bench, other, of_bench, what):
    usual = {"start": START, "users": USERS, "cpus": CPUS}
    plan = staircase_plan(replace(bench, **of_bench), **(usual | other))
    assert plan.key != staircase_plan(bench, **usual).key, what


def test_other_times_of_a_level_make_another_staircase_of_the_same_load(bench, monkeypatch):
    """The load has the same key then, so that only the levels tell."""
    before = staircase_plan(bench, START, USERS, CPUS).key
    for name in ("level_steady_s", "level_warm_up_s"):
        with monkeypatch.context() as changed:
            changed.setattr(Workload, name, 7.0)
            assert staircase_plan(bench, START, USERS, CPUS).key != before, name
