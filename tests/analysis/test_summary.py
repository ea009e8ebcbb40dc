"""Trials of one setting in one row."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.judge import judge
from loadtests.analysis.pooling import combine
from loadtests.analysis.summary import by_size, measure_row, rows, summarise
from loadtests.question import SLO, Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import SETTING, evidence, growing_ms, judgement, row, steady_ms
from tests.evidence_log import log_case

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
H, F, U = judgement(HOLDS, 0.01), judgement(FAILS, 0.2), judgement(UNDECIDED, 0.05)
VOIDED = judgement(UNDECIDED, 0.01, pooled=False)
SHARE = Interval(0.14, 0.0, 0.5)
KILLED = judgement(FAILS, 0.3, "out_of_memory")
LOST = judgement(FAILS, 0.01, "reset")


@pytest.mark.parametrize(
    ("trials", "verdict", "what"),
    [
        ([H], HOLDS, "one trial speaks for itself"),
        ([U], UNDECIDED, "one trial speaks for itself"),
        ([H, H], HOLDS, "two agree"),
        ([F, F], FAILS, "two agree"),
        ([H, F], UNDECIDED, "one holds, one fails: the boundary"),
        ([U, H], UNDECIDED, "one of two decided: repeat once more"),
        ([U, H, H], HOLDS, "two of three decided, and agree"),
        ([U, F, F], FAILS, "two of three decided, and agree"),
        ([H, H, H, KILLED], FAILS, "killed once is not holding"),
        ([H, H, F], UNDECIDED, "shares 1, 1 and 20%: anything between"),
        (
            [judgement(HOLDS, 0.001)] * 2 + [judgement(FAILS, 0.12)],
            UNDECIDED,
            "4% on average, but one trial of three is far from it",
        ),
        ([judgement(UNDECIDED, 0.045)] * 2 + [judgement(HOLDS, 0.044)], HOLDS, "all near 4.5%"),
        ([judgement(UNDECIDED, 0.06)] * 2 + [judgement(FAILS, 0.061)], FAILS, "all near 6%"),
        ([VOIDED, VOIDED, VOIDED], UNDECIDED, "what was voided is no evidence, thrice neither"),
        ([VOIDED, H], HOLDS, "what was voided is as if it were not"),
        ([VOIDED, U, U], UNDECIDED, "two that may be pooled are too few"),
        ([VOIDED, U, H, F], UNDECIDED, "1, 5 and 20%"),
        ([judgement(U.verdict, 0.03, error_rate=0.002)] * 3, FAILS, "0.2% failed in each"),
        (
            [judgement(UNDECIDED, 0.03, error_rate=e) for e in (0.0, 0.0, 0.006)],
            UNDECIDED,
            "0.2% failed on average, all in one trial",
        ),
        (
            [judgement(UNDECIDED, 0.03, error_rate=e) for e in (0.0012, 0.0, 0.0)],
            HOLDS,
            "one failure too many in one trial, 0.04% in all",
        ),
        ([H, H, LOST], UNDECIDED, "failed by its failures, which the share of slow hides"),
    ],
)
def test_trials_are_combined_as_trials(trials, verdict, what):
    """Agreement, then a t interval over trials; never their requests in one pot."""
    found, said = combine(trials, SLO())
    assert found is verdict, what
    assert bool(said) == (len(trials) > 1)


@pytest.mark.parametrize(
    ("given", "what", "before"),
    [
        ({"latency": growing_ms(30.0, 40.0)}, "each undecided because a queue still grew", "fails"),
        (
            {"failures": {"timeout": 0.02}, "steal": 0.05},
            "each with 2% failures, voided by steal time",
            "holds",
        ),
        ({"latency": steady_ms(5.0, 0.2), "steal": 0.05}, "each slow, voided by steal", "fails"),
        ({"steady_s": 8.0}, "each cut short", "holds"),
    ],
)
def test_pooling_does_not_bring_back_what_was_voided(given, what, before):
    trials = [judged(**given, key=str(seed), seed=seed) for seed in range(3)]
    assert [judgement.verdict for _, judgement in trials] == [UNDECIDED] * 3, what
    said = summarise(SETTING, trials).verdict
    name = "voided trials in a pool"
    log_case("mended", name, f"three trials, {what}", said, said is UNDECIDED, before)
    assert said is UNDECIDED, what


def test_three_looks_need_a_wider_interval_than_one():
    """Whoever looks again until it holds would be right less often than it says."""
    trials = [judgement(UNDECIDED, slow) for slow in (0.044, 0.0455, 0.0465)]
    found, why = combine(trials, SLO())
    what = "trials with 4.4, 4.55 and 4.65% slow, within 5% at one look"
    said = f"{found}: {why[0]}"
    log_case("mended", "three looks", what, said, found is UNDECIDED, "holds, as of one look")
    assert found is UNDECIDED, said


def test_trials_undecided_by_their_own_interval_are_pooled():
    trials = [judged(latency=steady_ms(5.0, 0.045), key=str(s), seed=s) for s in (1, 2, 3)]
    assert all(judgement.pooled for _, judgement in trials)


def judged(**given):
    """A trial with its judgement."""
    found = evidence(**given)
    return found, judge(found)


def test_a_trial_is_a_row_of_what_was_measured():
    """Units and sums: cores over all replicas, memory of the fullest."""
    row = measure_row(*judged(setting=Setting(0.5, 300, 3), throttled=0.1))
    assert row.verdict is HOLDS
    assert row.p50_ms == pytest.approx(5.0, rel=0.1)
    assert row.p95_range_ms[0] <= row.p95_ms <= row.p95_range_ms[1] < row.p99_ms * 2
    assert row.rps == pytest.approx(100, rel=0.05)
    assert row.cpu_cores == pytest.approx(0.9)
    assert (row.memory_peak_mib, row.error_rate) == (140.0, 0.0)
    assert row.throttled_ratio == pytest.approx(0.1)


def test_failures_make_percentiles_infinite_and_what_is_not_reported_stays_blank():
    """Infinity and None are different things."""
    row = measure_row(
        *judged(failures={"reset": 0.03}, throttled=None, sampled=0.5, memory_peak_mib=None)
    )
    assert (math.isfinite(row.p95_ms), row.p99_ms) == (True, math.inf)
    assert (row.cpu_cores, row.throttled_ratio) == (None, None)


def test_invalid_trials_are_named_but_are_no_evidence():
    """Neither verdict nor figures come from them."""
    sound = judged(key="sound", seed=2)
    void = judged(key="void", users_lost=99, latency=steady_ms(900.0))
    row = summarise(SETTING, [void, sound])
    assert (row.verdict, row.trials) == (HOLDS, ("void", "sound"))
    assert row.p95_ms == measure_row(*sound).p95_ms


def test_a_setting_with_invalid_trials_only_is_invalid_and_says_why():
    """No figures that nobody should trust."""
    row = summarise(SETTING, [judged(users_lost=99)])
    assert (row.verdict, row.p95_ms, row.rps) == (Verdict.INVALID, None, None)
    assert "99 lost" in row.reasons[0]


def test_a_setting_without_trials_is_undecided():
    """Nothing is known of it."""
    assert summarise(SETTING, []).verdict is UNDECIDED


def test_figures_are_medians_and_the_range_is_the_widest():
    """Over three trials with different seeds."""
    trials = [judged(key=str(n), seed=n, latency=steady_ms(ms)) for n, ms in enumerate((4, 5, 9))]
    row, each = summarise(SETTING, trials), [measure_row(*t) for t in trials]
    assert row.p95_ms == each[1].p95_ms
    assert row.p95_range_ms == (each[0].p95_range_ms[0], each[2].p95_range_ms[1])
    assert row.reasons[0] == "3 trials: 3 holds"


def test_a_failing_row_gives_the_cause():
    """And a holding one does not."""
    slow = judged(latency=steady_ms(5.0, 0.2), throttled=0.7)
    assert summarise(SETTING, [slow, slow]).cause == "cpu_throttled"
    assert summarise(SETTING, [judged()]).cause is None


def test_trials_that_fail_only_together_have_a_cause_all_the_same():
    """Three undecided alike are a failure, and a person wants to know of what."""
    given = [evidence(latency=steady_ms(5.0, 0.14), throttled=0.9, seed=n) for n in range(3)]
    together = [(one, replace(judgement(UNDECIDED), slow_share=SHARE)) for one in given]
    found = summarise(SETTING, together)
    assert (found.verdict, found.cause) == (FAILS, "cpu_throttled")


def test_there_is_one_row_a_setting_in_order():
    """CPU, memory, replicas."""
    settings = [Setting(1.0, 300), Setting(0.5, 300, 3), Setting(0.5, 300), Setting(0.5, 300)]
    found = rows(judged(setting=s, key=str(n)) for n, s in enumerate(settings))
    assert [row.setting for row in found] == [settings[2], settings[1], settings[0]]
    assert found[0].trials == ("2", "3")


def test_rows_are_grouped_by_the_size_of_one_container():
    """Each group is a curve against replica count."""
    found = by_size([row(0.5, 300, 5), row(0.5, 300, 1), row(0.25, 200, 3)])
    assert {size: [r.setting.replicas for r in group] for size, group in found.items()} == {
        "0.25 CPU / 200 MiB": [3],
        "0.5 CPU / 300 MiB": [1, 5],
    }
