"""Predictors put to the test on the trials of a run."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.held_out import HeldOut
from loadtests.analysis.judge import judge
from loadtests.analysis.prediction_score import FEWEST, Compared, Figure
from loadtests.analysis.predictors import (
    SCALABILITY_LAW,
    THROTTLED_QUEUE,
    UTILISATION_LAW,
    Unfitted,
)
from loadtests.analysis.replica_capacity import Climb
from loadtests.question import Setting
from loadtests.studies.predictions import (
    capacity_error,
    latency_curve,
    predict_held_out,
    predict_trials,
)
from loadtests.studies.study import read_study
from loadtests.verdicts import Verdict
from tests.analysis.observations import seen
from tests.analysis.records import evidence
from tests.analysis.replicas import climb
from tests.studies.test_replica_search import FOUND, TWO, several
from tests.told import measured


def judged(**given):
    """A trial with its judgement."""
    found = evidence(**given)
    return found, judge(found)


def test_every_trial_of_a_study_is_predicted_from_those_of_other_settings(run):
    study = read_study(run)
    found = predict_held_out(study)
    keys = {evidence.trial.key for evidence, _ in study.every_trial}
    told = {trial.key for trial in found.trials}
    assert told <= keys
    assert len(keys) == len(told) + sum(found.left_out.values())
    assert {each.trial.key for each in found.of(Figure.MEMORY)} <= told


def test_what_a_search_measured_of_several_replicas_is_predicted_too(run):
    found = several(measured(TWO, Verdict.HOLDS))
    study = replace(read_study(run), search=FOUND.with_replicas(found))
    told = {trial.key for trial in predict_held_out(study).trials}
    assert {evidence.trial.key for evidence, _ in found.results[0].trials} <= told


def test_the_latency_curve_is_of_the_trials_of_the_study(run):
    assert latency_curve(read_study(run)) == Unfitted("no trial had CPU to spare")


def test_one_trial_counts_once_however_many_tables_have_it():
    trials = [judged(key=str(n), setting=Setting(0.1 * n, 300)) for n in (2, 4, 6)]
    assert len(predict_trials([*trials, *trials]).trials) == 3


def test_the_seed_decides_who_is_held_out_and_the_same_seed_says_the_same():
    trials = [judged(key=str(n), setting=Setting(0.1 * n, 300)) for n in range(2, 8)]
    first, again = predict_trials(trials, seed=1), predict_trials(trials, seed=1)
    assert str(first.compared) == str(again.compared)
    assert first.seed == 1


def test_what_is_no_evidence_is_counted_with_its_reason():
    trials = [judged(key="good"), judged(key="bad", users_reached=10)]
    climbs = [Climb(climb([40.0, 60.0], fails_from=2))]
    found = predict_trials(trials, climbs)
    assert found.left_out["invalid"] == 1
    assert sum(found.left_out.values()) == 2


def test_staircases_of_users_are_predicted_as_capacities():
    trials = [judged(key=str(n), setting=Setting(1.0, 300, n)) for n in (1, 2, 3)]
    climbs = [
        Climb(climb([40.0 * n, 60.0 * n, 50.0 * n], replicas=n, fails_from=2)) for n in (1, 2, 3)
    ]
    found = predict_trials(trials, climbs)
    of = {each.predictor for each in found.of(Figure.CAPACITY)}
    assert {UTILISATION_LAW, THROTTLED_QUEUE} <= of
    assert "at least 6" in found.unfitted[SCALABILITY_LAW]


def held_out(count, *ratios):
    """Capacities predicted by several predictors, each so many times what was measured."""
    compared = [
        Compared(
            name, Figure.CAPACITY, seen(), Interval(ratio, ratio, ratio), Interval(1.0, 1.0, 1.0)
        )
        for name, ratio in zip((UTILISATION_LAW, THROTTLED_QUEUE), ratios, strict=True)
        for _ in range(count)
    ]
    return HeldOut(1, (seen(),), tuple(compared), {}, {})


def test_a_plan_is_told_the_error_of_the_predictor_that_was_least_off():
    found = capacity_error(held_out(FEWEST, 0.8, 1.07))
    assert found.relative == pytest.approx(0.07)
    assert found.sentence.startswith("Throttled queue: capacity of 6 held-out trials")


def test_a_plan_is_told_nothing_of_too_few_nor_of_an_error_beyond_all_bounds():
    assert capacity_error(held_out(FEWEST - 1, 0.8, 1.07)) is None
    assert capacity_error(held_out(FEWEST, 3.0, 0.2)) is None


def test_memory_of_killed_replicas_is_not_predicted():
    killed = judged(key="killed", setting=Setting(0.5, 100), oom_s=30.0)
    trial = killed[0].trial
    assert trial.replicas[0].oom_kills > 0
    found = predict_trials([killed, judged(key="a"), judged(key="b", setting=Setting(1.0, 300))])
    assert "killed" not in {each.trial.key for each in found.of(Figure.MEMORY)}
