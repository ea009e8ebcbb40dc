"""What an error rate of so many requests shows, and what it does not."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.error_rate import design_effect, error_interval
from loadtests.analysis.judge import judge
from loadtests.question import SLO, Question, Workload
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, with_requests
from tests.evidence_log import log_case

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


def failing(requests, failed, within_s=50.0, **given):
    """A trial of so many requests, of which so many failed, in its first within_s seconds."""
    found = evidence(**given)
    table = found.requests[found.requests["outcome"] == "ok"].sort_values("start_s").iloc[:requests]
    early = np.flatnonzero(table["start_s"].to_numpy() < within_s)
    outcome = table["outcome"].astype(object).to_numpy(copy=True)
    outcome[early[np.linspace(0, len(early) - 1, failed).astype(int)]] = "reset"
    return with_requests(found, table.assign(outcome=outcome))


NAME = "few failures of few requests"
SMALL = Question(Workload(users=74, spawn_rate=7.4), SLO())


@pytest.mark.parametrize(
    ("failed", "verdict", "what"),
    [
        (0, HOLDS, "none"),
        (1, UNDECIDED, "0.27%, and one in a thousand may well show one"),
        (2, UNDECIDED, "0.5%: its lower bound is 0.07%"),
        (3, FAILS, "0.8%, at least 0.17%"),
    ],
)
def test_few_failures_of_few_requests_prove_nothing(failed, verdict, what):
    given = failing(400, failed, question=SMALL, dropped=0.0)
    found = judge(given)
    if failed == 1:
        said, before = f"{found.verdict}: {found.reasons[0]}", "fails: above 0.1%"
        log_case(
            "mended", NAME, "one request failed, 0.1% may", said, found.verdict is verdict, before
        )
    assert found.verdict is verdict, f"{what}: {found.reasons}"


def test_a_true_half_of_what_may_fail_does_not_fail():
    """400 requests at 0.05%: 18 of 100 have a failure, and none of these may say `fails`."""
    lots = [evidence(question=SMALL, failures={"reset": 0.0005}, seed=seed) for seed in range(100)]
    found = [judge(one) for one in lots]
    assert sum(one.error_rate > 0.001 for one in found) >= 10
    fails = sum(one.verdict is FAILS for one in found)
    what = "100 trials with a true 0.05% of some 370 requests, 0.1% may"
    log_case("mended", NAME, what, f"{fails} of 100 fail", fails == 0, "17 of 100 fail")
    assert fails == 0


def test_holding_with_few_requests_says_what_was_shown_and_how_many_it_takes():
    found = judge(failing(400, 0, question=SMALL))
    said = f"{found.verdict}: {found.reasons[-1]}"
    right = found.verdict is HOLDS and "which shows an error rate below" in said
    log_case(
        "mended", NAME, "no request failed, 0.1% may", said, right, "holds, without a word of it"
    )
    assert found.verdict is HOLDS
    assert "failed, which shows an error rate below 0." in found.reasons[-1]
    assert found.reasons[-1].startswith("Noted: 0 of ")
    assert found.reasons[-1].endswith(" only; 0.1% takes 3,688 requests")


def test_the_default_workload_shows_its_error_rate():
    """54,000 requests without a failure: below 0.007%, and nothing is noted."""
    given = evidence(question=Question())
    assert error_interval(given).high < 0.0001
    found = judge(given)
    assert (found.verdict, len(found.reasons)) == (HOLDS, 1)


def test_undecided_by_failures_says_so_with_its_interval():
    first = judge(failing(400, 1, question=SMALL)).reasons[0]
    assert first.startswith("1 of ")
    assert "not clear of 0.1%; repeat" in first


def test_a_burst_is_one_event_and_failures_all_along_are_many():
    """Forty failures: of one second, and of fifty."""
    burst, spread = failing(5000, 40, within_s=1.0), failing(5000, 40)
    assert judge(burst).verdict is UNDECIDED
    assert judge(spread).verdict is FAILS


@pytest.mark.parametrize(
    ("failed", "low", "high", "what"),
    [
        ([0, 0, 0], 1, 1, "no failure"),
        ([0, 1, 0, 0, 1, 0], 1, 1, "one by one"),
        ([0, 0, 50, 0, 0], 50, 50, "all in one second"),
        ([0, 25, 25, 0, 0], 12, 13, "in two seconds"),
        (list(range(100)), 1, 1, "a steady rise"),
        ([20] * 50, 1, 1, "the same in every second"),
    ],
)
def test_the_design_effect_of_failures(failed, low, high, what):
    assert low <= design_effect(np.array(failed)) <= high, what


def test_independent_failures_have_an_effect_of_about_one():
    """A little above, as what is before the trial and after it counts as seconds without."""
    rng = np.random.default_rng(1)
    effects = [design_effect(rng.poisson(5, 50)) for _ in range(200)]
    assert np.mean(effects) == pytest.approx(1.15, abs=0.1)


def test_an_slo_without_any_failure_is_failed_by_one():
    none = replace(SMALL, slo=SLO(error_rate=0.0))
    assert judge(failing(400, 1, question=none)).verdict is FAILS
    assert judge(failing(400, 0, question=none)).verdict is HOLDS


def test_a_trial_without_requests_shows_nothing():
    given = evidence()
    found = error_interval(with_requests(given, given.requests.iloc[:0]))
    assert (found.estimate, found.low, found.high) == (0.0, 0.0, 1.0)
