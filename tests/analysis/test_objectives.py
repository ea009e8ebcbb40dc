"""Objectives by endpoint: each judged by its own requests, all of which have to hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import record
from loadtests.analysis.by_objective import binding, joint, scaled_share
from loadtests.analysis.judge import judge
from loadtests.analysis.narrowing import narrowed
from loadtests.analysis.pooling import combine
from loadtests.analysis.summary import measure_row, summarise
from loadtests.question import ALL, SLO, Objective, Question
from loadtests.verdicts import Verdict
from tests.analysis.records import (
    QUESTION,
    SETTING,
    evidence,
    growing_ms,
    steady_ms,
    with_requests,
)
from tests.evidence_log import log_case

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
UNDECIDED, INVALID = Verdict.UNDECIDED, Verdict.INVALID
FAST, RARE = "/fast", "/rare"


def asked(*objectives, **slo):
    """Return the usual question with objectives."""
    return Question(QUESTION.workload, SLO(objectives=objectives, **slo))


def two_endpoints(question=QUESTION, share=0.035, rare_ms=None, rare_fails=0.0, **knobs):
    """Return a trial of two endpoints, of which one has a small share and answers by its own."""
    whole, rng = evidence(question=question, **knobs), np.random.default_rng(7)
    table = whole.requests.copy()
    rare = rng.random(len(table)) < share
    table["name"] = pd.Categorical(np.where(rare, RARE, FAST))
    ended = rare & (table["outcome"] == record.OK).to_numpy()
    if rare_ms is not None:
        table.loc[ended, "latency_ms"] = rare_ms * rng.lognormal(0.0, 0.1, ended.sum())
    table["outcome"] = table["outcome"].astype(object)
    table.loc[ended & (rng.random(len(table)) < rare_fails), "outcome"] = "http_500"
    return with_requests(whole, table)


def limit(name, percentile, ms):
    return Objective(name, percentile, ms)


SLOW = {"rare_ms": 2000.0}
TABLE = [
    ((limit(RARE, 95, 500),), SLOW, FAILS, RARE, "few requests, always slow, hide in the total"),
    ((limit(RARE, 95, 4000),), SLOW, HOLDS, ALL, "slow, and allowed to be"),
    ((limit(FAST, 95, 300),), SLOW, HOLDS, ALL, "nobody asked about the slow one"),
    ((limit(FAST, 95, 300), limit(RARE, 95, 500)), SLOW, FAILS, RARE, "one of two fails"),
    ((limit(FAST, 95, 2), limit(RARE, 95, 500)), SLOW, FAILS, RARE, "both fail, one always"),
    ((limit(RARE, 50, 1900),), SLOW, FAILS, RARE, "the median counts as any percentile"),
    ((limit(RARE, 99.9, 5000),), SLOW, UNDECIDED, RARE, "200 requests cannot show 99.9%"),
    ((limit(ALL, 99, 1500),), SLOW, FAILS, ALL, "3.5% slow where 1% of all may be"),
    ((limit(ALL, 50, 100),), SLOW, HOLDS, ALL, "most answers of all are quick"),
    ((limit("/none", 95, 500),), {}, UNDECIDED, "/none", "never asked for is never held"),
    ((Objective(RARE, error_rate=0.01),), {"rare_fails": 0.2}, FAILS, RARE, "a fifth of it fails"),
    ((Objective(RARE, error_rate=0.5),), {"rare_fails": 0.0}, HOLDS, ALL, "none of it fails"),
    ((limit(RARE, 95, 500),), {"rare_fails": 0.4}, FAILS, RARE, "a failure is infinitely slow"),
    ((limit(RARE, 95, 500),), {"share": 0.002}, UNDECIDED, RARE, "a handful cannot tell"),
    ((limit(RARE, 95, 500),), {"users_lost": 50}, INVALID, None, "users were missing"),
    ((limit(RARE, 95, 500),), SLOW | {"users_lost": 50}, INVALID, None, "and so no evidence"),
    ((limit(RARE, 95, 500),), SLOW | {"steal": 0.2}, INVALID, None, "slow, but CPU was stolen"),
    ((limit(RARE, 95, 4000),), SLOW | {"steal": 0.2}, HOLDS, ALL, "holds in spite of it"),
    (
        (limit(RARE, 95, 20),), {"rare_ms": 40.0, "heartbeat_lag_p99_ms": 4.0}, INVALID, None,
        "a generator late by 4 ms may be what makes 40 ms of 20",
    ),
    ((limit(RARE, 95, 4000),), {"latency": steady_ms(900.0)}, FAILS, ALL, "the total fails"),
]  # fmt: skip


@pytest.mark.parametrize(("objectives", "given", "verdict", "binds", "what"), TABLE)
def test_a_trial_fails_by_any_objective_and_holds_by_all(objectives, given, verdict, binds, what):
    # A fifth of a rare endpoint's requests is more than one in a thousand of all.
    question = asked(*objectives, error_rate=0.5 if "rare_fails" in given else 0.001)
    found = judge(two_endpoints(question, **given))
    assert found.verdict is verdict, f"{what}: {found.reasons}"
    bound = binding(found)
    assert (bound.objective.name if bound else None) == binds, what
    assert (found.cause is not None) == (verdict is FAILS)
    assert [each.objective for each in found.objectives] == [question.slo.of_all, *objectives]


def test_the_reason_begins_with_the_endpoint_that_binds():
    found = judge(two_endpoints(asked(limit(RARE, 95, 500)), **SLOW))
    assert found.reasons[0].startswith("/rare: p95 of the steady state was 2,")
    assert found.reasons[0].endswith("above 500 ms")


def test_the_cause_is_that_of_the_endpoint_that_binds():
    """Its quickest answers are slow, though those of most requests are not."""
    found = judge(two_endpoints(asked(limit(RARE, 95, 500)), **SLOW))
    assert found.cause == "slow"
    assert found.reasons[1].startswith("/rare: Latency without CPU")


def test_too_few_requests_say_so_and_how_long_would_do():
    """p95 takes 72 requests without a slow one; 30 s had a sixth of that."""
    found = judge(two_endpoints(asked(limit(RARE, 95, 500)), share=0.004))
    (few,) = [each for each in found.objectives if each.objective.name == RARE]
    assert 0 < few.requests < 36
    needed_s = 10 * int(np.ceil(72 / few.requests * 3))
    assert found.reasons[0] == (
        f"/rare: {few.requests} requests in the steady state are too few to tell p95; ask for a "
        f"steady state of {needed_s} s or longer (steady_s)"
    )


def test_so_long_a_steady_state_does_tell():
    """The length that is named is no mere word."""
    question = asked(limit(RARE, 95, 500))
    short = judge(two_endpoints(question, share=0.01))
    assert (short.verdict, "too few" in short.reasons[0]) == (UNDECIDED, True)
    needed_s = float(short.reasons[0].split("steady state of ")[1].split(" s")[0])
    longer = replace(question, workload=replace(question.workload, steady_s=needed_s + 10))
    assert judge(two_endpoints(longer, share=0.01)).verdict is HOLDS


def test_an_endpoint_that_nobody_asked_for_names_those_that_were():
    found = judge(two_endpoints(asked(limit("/prdict", 95, 500))))
    assert found.reasons[0] == (
        "/prdict: no request to /prdict was made; names seen are /fast and /rare"
    )


def test_unanswered_requests_of_no_name_may_be_of_any():
    """An endpoint that never answers leaves nothing else behind, and must not hold by that."""
    question = asked(limit(RARE, 95, 500))
    trial = two_endpoints(question)
    assert judge(trial).verdict is HOLDS
    end_s = trial.trial.phases.steady_end_s
    stuck = pd.DataFrame(
        {
            "start_s": np.linspace(end_s - 9, end_s - 1, 4),
            "latency_ms": 1000 * (end_s - np.linspace(end_s - 9, end_s - 1, 4)),
            "outcome": record.IN_FLIGHT,
            "replica": "",
            "name": np.nan,
        }
    )
    hung = with_requests(trial, pd.concat([trial.requests, stuck], ignore_index=True))
    found = judge(hung)
    assert found.objectives[0].judgement.verdict is HOLDS, "4 of 3,000"
    assert found.objectives[1].judgement.verdict is UNDECIDED


def test_a_killed_replica_fails_every_objective_and_none_binds():
    found = judge(two_endpoints(asked(limit(RARE, 95, 4000)), oom_s=25.0))
    assert (found.verdict, found.cause) == (FAILS, "out_of_memory")
    assert binding(found) is None


def test_without_objectives_a_trial_is_judged_as_ever():
    found = judge(two_endpoints())
    assert found.objectives == ()
    assert binding(found) is None


# --- what hides in the total


def test_an_endpoint_that_hides_in_the_total_is_noted_and_changes_no_verdict():
    found = judge(two_endpoints(share=0.02, **SLOW))
    noted = found.reasons[-1]
    what = "an endpoint of 2% of the requests that always takes 2 s, where p95 is to keep 500 ms"
    right = found.verdict is HOLDS and noted.startswith("Noted: /rare, 2.")
    log_case("mended", "hidden in the total", what, f"holds; {noted}", right, "holds")
    assert right
    assert "of requests: p95 2," in found.reasons[-1]
    assert "hidden in the total" in found.reasons[-1]


def test_one_that_fails_often_and_hides_is_noted_too():
    found = judge(two_endpoints(asked(error_rate=0.01), share=0.02, rare_fails=0.2))
    assert found.verdict is HOLDS
    assert "failed; hidden in the total" in found.reasons[-1]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "nothing is slow"),
        ({"share": 0.0005, **SLOW}, "two requests prove nothing"),
        (
            {"question": asked(limit(RARE, 95, 4000)), "share": 0.035, **SLOW},
            "it has an objective of its own",
        ),
        ({"latency": steady_ms(900.0)}, "the total fails, so nothing hides in it"),
    ],
)
def test_nothing_is_said_to_hide_where_nothing_does(given, what):
    found = judge(two_endpoints(**{"share": 0.02, **given}))
    assert not [reason for reason in found.reasons if "hidden" in reason], what


def test_among_a_thousand_names_none_is_picked_for_its_luck():
    """One request in a hundred is slow, whatever its name: some have three of three."""
    whole, rng = evidence(latency=steady_ms(5.0, 0.03)), np.random.default_rng(5)
    table = whole.requests.copy()
    table["name"] = pd.Categorical([f"/item/{n}" for n in rng.integers(0, 1000, len(table))])
    found = judge(with_requests(whole, table))
    assert found.verdict is HOLDS
    assert not [reason for reason in found.reasons if "hidden" in reason]


# --- narrowing is consistent

LATENCIES = st.sampled_from(
    [steady_ms(5.0), steady_ms(5.0, 0.04), steady_ms(5.0, 0.06), steady_ms(5.0, 0.3),
     steady_ms(400.0), growing_ms(20.0, 40.0)]
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    latency=LATENCIES,
    failing=st.sampled_from([0.0, 0.0005, 0.003, 0.05]),
    steady_s=st.sampled_from([None, 8.0, 3.0]),
    steal=st.sampled_from([0.01, 0.05, 0.2]),
    seed=st.integers(1, 50),
)
def test_of_one_endpoint_alone_its_objective_and_that_of_all_say_the_same(
    latency, failing, steady_s, steal, seed
):
    slo = SLO()
    given = {
        "latency": latency, "failures": {"reset": failing}, "steady_s": steady_s, "steal": steal,
        "seed": seed,
    }  # fmt: skip
    alone = Objective("/predict/", slo.percentile, slo.latency_ms, slo.error_rate)
    of_all, own = judge(evidence(question=asked(alone), **given)).objectives
    assert own.judgement.verdict is of_all.judgement.verdict
    assert own.judgement.at_its_speed is of_all.judgement.at_its_speed
    assert own.judgement.slow_share == of_all.judgement.slow_share
    assert own.judgement.error_rate == of_all.judgement.error_rate
    assert own.requests == of_all.requests
    assert own.judgement.cause == of_all.judgement.cause


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.0, 1.0), seed=st.integers(1, 20))
def test_the_parts_add_up_to_the_whole(share, seed):
    whole = two_endpoints(share=share, seed=seed)
    parts = [narrowed(whole, limit(name, 95, 500)) for name in (FAST, RARE)]
    assert sum(len(part.requests) for part in parts) == len(whole.requests)
    users = sum(part.trial.question.workload.users for part in parts)
    assert abs(users - whole.trial.question.workload.users) <= 1
    for part in parts:
        ramp_up_s = part.trial.question.workload.ramp_up_s
        assert ramp_up_s == pytest.approx(whole.trial.question.workload.ramp_up_s)


@settings(deadline=None)
@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=5))
def test_together_verdicts_are_no_better_than_any_of_them(verdicts):
    together = joint(verdicts)
    assert (together is FAILS) == (FAILS in verdicts)
    assert (together is HOLDS) == (set(verdicts) == {HOLDS})
    assert (together is INVALID) == (INVALID in verdicts and FAILS not in verdicts)


# --- several trials, and what a search sees


def test_trials_that_agree_on_a_handful_of_requests_tell_nothing_together():
    question = asked(limit(RARE, 95, 500))
    trials = [judge(two_endpoints(question, share=0.002, seed=seed)) for seed in (1, 2, 3)]
    assert [each.verdict for each in trials] == [UNDECIDED] * 3
    assert combine(trials, question.slo)[0] is UNDECIDED


def test_trials_that_are_undecided_one_by_one_may_decide_together():
    """Fifty requests each, none of them slow: 72 would do."""
    question = asked(limit(RARE, 95, 500))
    trials = [judge(two_endpoints(question, share=0.018, seed=seed)) for seed in (1, 2, 3)]
    assert [each.verdict for each in trials] == [UNDECIDED] * 3
    assert combine(trials, question.slo)[0] is HOLDS


def test_three_undecided_trials_may_fail_together_by_one_objective():
    question = asked(limit(RARE, 95, 500))
    given = {"share": 0.03, "latency": steady_ms(5.0, 0.0)}
    trials = [judge(two_endpoints(question, seed=seed, **given)) for seed in (1, 2, 3)]
    edge = [
        replace(
            trial,
            verdict=UNDECIDED,
            objectives=(
                trial.objectives[0],
                replace(
                    trial.objectives[1],
                    requests=300,
                    judgement=replace(
                        trial.objectives[1].judgement,
                        verdict=UNDECIDED,
                        slow_share=replace(trial.objectives[1].judgement.slow_share, estimate=0.1),
                    ),
                ),
            ),
        )
        for trial in trials
    ]
    assert combine(edge, question.slo)[0] is FAILS


def test_a_row_tells_which_objective_decides_and_what_was_measured():
    trial = two_endpoints(asked(limit(RARE, 95, 500)), **SLOW)
    row = summarise(SETTING, [(trial, judge(trial))])
    assert row.binding == measure_row(trial, judge(trial)).binding
    assert (row.binding.objective, row.binding.verdict) == (limit(RARE, 95, 500), FAILS)
    assert row.binding.latency_ms == pytest.approx(2000, rel=0.3)


def test_a_search_sees_the_share_of_what_binds_on_the_scale_of_the_slo():
    """As far from what may be slow, by the odds: 1% of a p99 is 5% of a p95."""
    slo = asked(limit(RARE, 95, 500)).slo
    found = judge(two_endpoints(Question(QUESTION.workload, slo), **SLOW))
    assert scaled_share(found, slo) == 1.0
    strict = asked(limit(FAST, 99, 500)).slo
    found = judge(two_endpoints(Question(QUESTION.workload, strict), latency=steady_ms(5.0, 0.01)))
    seen = found.objectives[1].judgement.slow_share.estimate
    assert seen == pytest.approx(0.01, abs=0.005)
    assert scaled_share(found, strict) == pytest.approx(5 * seen, rel=0.1)


def test_the_limits_of_a_percentile_other_than_p95_are_those_of_all_requests_too():
    slow = steady_ms(5.0, 0.03)
    for percentile, verdict in ((95, HOLDS), (99, FAILS)):
        question = Question(QUESTION.workload, SLO(percentile=percentile))
        trial = evidence(question=question, latency=slow)
        assert judge(trial).verdict is verdict
        row = measure_row(trial, judge(trial))
        assert row.slo_ms == (row.p95_ms if percentile == 95 else row.p99_ms)
