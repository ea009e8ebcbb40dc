"""What the analysis says to hold, plain loops over the raw requests do not reject."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, growing_ms, slow_until, steady_ms, write
from tests.truth.brute_force import objections

EXAMPLE = Path(__file__).parents[2] / "data" / "example" / "trials"


def by_hand(*requests: tuple[float, float, str]) -> Evidence:
    """Return a trial (hold from 20 s to 50 s) with these requests and no others."""
    table = pd.DataFrame(requests, columns=["start_s", "latency_ms", "outcome"])
    given = evidence()
    return replace(given, requests=table.assign(replica="", name="/predict/"))


QUICK = [(21.0 + 0.1 * n, 5.0, "ok") for n in range(19)]


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        pytest.param([*QUICK, (30.0, 5.0, "ok")], [], id="twenty quick answers"),
        pytest.param([*QUICK, (30.0, 900.0, "ok")], [], id="one of twenty slow is 5%"),
        pytest.param(
            [*QUICK[1:], (30.0, 900.0, "ok"), (31.0, 800.0, "ok")],
            ["p95 was 800 ms, above 500 ms"],
            id="two of twenty slow",
        ),
        pytest.param(
            [*QUICK[1:], (30.0, 900.0, "ok"), (49.0, 1000.0, "in_flight")],
            ["p95 was 900 ms, above 500 ms"],
            id="unanswered for a second is slow",
        ),
        pytest.param(
            [*QUICK[1:], (30.0, 900.0, "ok"), (49.9, 100.0, "in_flight")],
            ["p95 was 900 ms, above 500 ms"],
            id="unanswered for a moment is left out: one of nineteen is more than 5%",
        ),
        pytest.param(
            [*QUICK, *[(5.0, 900.0, "ok")] * 9],
            [],
            id="slow in the ramp-up, answered before the steady state",
        ),
        pytest.param(
            [*QUICK, *[(15.0, 9000.0, "ok")] * 9],
            [],
            id="asked in the ramp-up, waited for in the steady state: none of its requests",
        ),
        pytest.param(
            [*QUICK, (2.0, 3.0, "refused")],
            ["1 of 20 requests failed"],
            id="a failure in the ramp-up counts among the failures, not in the steady state",
        ),
        pytest.param(
            [*QUICK, (30.0, 3.0, "http_500")],
            ["1 of 20 requests failed"],
            id="a quick failure is infinitely slow, and one of twenty is 5%",
        ),
        pytest.param(
            [], ["nobody was answered", "nobody asked in the steady state"], id="no request"
        ),
    ],
)
def test_the_second_opinion_on_requests_counted_by_hand(requests, said, tmp_path):
    """Its own arithmetic, checked against what a person counts."""
    assert objections(write(by_hand(*requests), tmp_path)) == said


def test_the_second_opinion_sees_kills_and_deaths(tmp_path):
    """From the replicas' own account."""
    killed = write(evidence(oom_s=30.0), tmp_path / "killed")
    gone = write(evidence(died_s=30.0), tmp_path / "gone")
    assert objections(killed)[0] == "replica-1 was OOM-killed"
    assert objections(gone)[0] == "replica-1 was gone at the end"


AROUND_THE_EDGE = [
    *({"latency": steady_ms(5.0, share)} for share in (0.0, 0.02, 0.04, 0.045, 0.05, 0.055, 0.08)),
    *({"failures": {"reset": ratio}} for ratio in (0.0005, 0.0009, 0.001, 0.0011, 0.01)),
    *({"latency": steady_ms(5.0, share, 1e6)} for share in (0.0005, 0.001, 0.03)),
    *({"latency": growing_ms(30.0, per_s)} for per_s in (1.0, 20.0, 40.0)),
    *({"latency": slow_until(at_s)} for at_s in (25.0, 30.0, 35.0, 40.0)),
    {"latency": steady_ms(700.0)},
    {"oom_s": 45.0},
    {"died_s": 45.0},
]


def test_no_invented_trial_that_holds_is_rejected(tmp_path):
    """Around every edge of the SLO, ten throws of the dice each."""
    held = 0
    for number, given in enumerate(AROUND_THE_EDGE):
        for seed in range(10):
            trial = evidence(**given, seed=seed)
            if judge(trial).verdict is Verdict.HOLDS:
                held += 1
                folder = write(trial, tmp_path / f"{number}-{seed}")
                assert objections(folder) == [], (given, seed)
    assert held >= 50, "too few to say anything"


def test_no_recorded_trial_that_holds_is_rejected():
    """Those of the example in the repository."""
    for folder in EXAMPLE.glob("*"):
        if judge(Evidence.read(folder)).verdict is Verdict.HOLDS:
            assert objections(folder) == [], folder
