"""Conclusions follow the data: each sentence is there when its rows are, and only then."""

import dataclasses
import math

import pytest

from loadtests.analysis.cost import Prices
from loadtests.question import Question
from loadtests.report.conclusions import conclusions
from loadtests.verdicts import Verdict
from tests.analysis.records import row

F, U, X = Verdict.FAILS, Verdict.UNDECIDED, Verdict.INVALID


def said(*rows) -> str:
    """All conclusions in one text."""
    return " ".join(conclusions(rows, Prices(), Question()))


LEAST = row(0.6, 300, p95_ms=20.0)
BESIDE = "At equal cost (within 10%): "
ALONE = "no single replica of that cost was measured"
TABLE = [
    ([], "Nothing was measured", "no rows"),
    ([row(1, 300, verdict=F)], "No measured setting was found to hold 10,000 users", "none holds"),
    ([row(1, 300, verdict=F)], "(1 fails)", "and how many do not"),
    ([LEAST], "is 0.6 CPU / 300 MiB, at 0.0256 USD per hour: p95 20 ms (95% interval 16-24)", "it"),
    ([LEAST], "Nothing with less CPU alone was seen to fail", "open on one side"),
    (
        [LEAST, row(0.5, 300, verdict=F, p95_ms=1720.0, cause="cpu_throttled")],
        "With less CPU, 0.5 CPU / 300 MiB fails (CPU throttled): p95 1,720 ms",
        "by CPU",
    ),
    (
        [LEAST, row(0.6, 200, verdict=F, p95_ms=math.inf, cause="out_of_memory")],
        "With less memory, 0.6 CPU / 200 MiB fails (OOM-killed): p95 no answer",
        "by memory",
    ),
    (
        [LEAST, row(0.25, 200, 3)],
        "Replicas allow smaller containers (CPU 0.25 instead of 0.6 and MiB 200 instead of 300 per "
        "replica); 3 x 0.25 CPU / 200 MiB costs 0.0330 USD per hour, 29% more than",
        "smaller",
    ),
    ([LEAST, row(0.6, 300, 3)], "Replicas did not allow smaller containers", "no smaller"),
    ([LEAST, row(0.2, 200, 3, verdict=F)], "No setting with several replicas (up to 3)", "none"),
    ([row(0.5, 300, verdict=F), row(0.3, 200, 2)], "Only several replicas were found to hold", "!"),
    ([row(0.6, 300, p95_ms=40.0), row(0.3, 150, 2, p95_ms=10.0)], "horizontal is faster", "equal"),
    ([row(0.6, 300, p95_ms=10.0), row(0.3, 150, 2, p95_ms=40.0)], "vertical is faster", "equal"),
    ([row(0.6, 300), row(0.3, 150, 2)], "no difference beyond the intervals", "equal, alike"),
    ([row(0.6, 300, verdict=F), row(0.3, 150, 2)], "horizontal is better", "one of them holds"),
    (
        [row(0.5, 300, 1, F, 900.0), row(0.5, 300, 3, p95_ms=10.0), row(0.5, 300, 5, p95_ms=11.0)],
        "nothing shows that more than 3 replicas pay off among 1, 3 and 5",
        "the third step is noise",
    ),
    (
        [
            row(0.5, 300, 1, p95_ms=90.0),
            row(0.5, 300, 3, p95_ms=40.0),
            row(0.5, 300, 5, p95_ms=9.0),
        ],
        "Each step in replicas of 0.5 CPU / 300 MiB (1, 3 and 5) still paid off",
        "all steps pay",
    ),
    (
        [row(0.1, 300, 1, F, math.inf), row(0.1, 300, 3, F, math.inf)],
        "neither 1 nor 3 replicas answer at p95",
        "no latency to compare",
    ),
    (
        [row(0.5, 300), row(0.6, 300, verdict=F)],
        "It is assumed that more CPU and more memory never make a service worse; checked on 1 pair "
        "of measured settings, 1 of which contradicts it.",
        "an assumption is called one, and what contradicts it is counted",
    ),
    (
        [LEAST, row(0.7, 300)],
        "on 1 pair of measured settings, none of which contradicts it",
        "fine",
    ),
    ([row(0.5, 300), row(0.6, 300, verdict=F)], "Contradiction: 0.5 CPU / 300 MiB holds", "odd"),
    ([LEAST, row(0.5, 300, verdict=U)], "Undecided by its own trials: 0.5 CPU / 300 MiB.", "doubt"),
    ([LEAST, row(0.5, 300, verdict=X, p95_ms=None)], "Not measured well enough", "invalid"),
]


@pytest.mark.parametrize(("rows", "sentence", "what"), TABLE)
def test_the_rows_bear_the_sentence(rows, sentence, what):
    """With its numbers."""
    assert sentence in said(*rows), f"{what}: {said(*rows)}"


@pytest.mark.parametrize(
    "word", ["eplica", "Contradiction", "Undecided", "Not measured", "At equal cost", "assumed"]
)
def test_nothing_is_said_that_one_row_cannot_bear(word):
    """A single holding setting says nothing of replicas, contradictions or doubts."""
    assert word not in said(LEAST)


PAIR = row(0.3, 150, 2)  # as dear as one of 0.6 CPU / 300 MiB
RIVALS = [
    ([row(0.6, 300, p95_ms=20.0), row(0.56, 300, p95_ms=15.0)], "0.56", "the quickest that holds"),
    ([row(0.6, 300, p95_ms=15.0), row(0.56, 300, p95_ms=15.0)], "0.56", "the cheaper of equals"),
    ([row(0.6, 300, verdict=F), row(0.56, 300)], "0.56", "what holds, not a dear one that fails"),
    ([row(0.65, 300, p95_ms=9.0), row(0.6, 300)], "0.65", "a tenth more is about as much"),
    ([row(0.7, 300, p95_ms=1.0), row(0.6, 300)], "0.6", "more than that is not"),
    ([row(0.5, 300, p95_ms=1.0), row(0.6, 300)], "0.6", "nor is a sixth less"),
    ([row(0.6, 300, 1, F), row(0.56, 300, 1, F)], "0.6", "the dearest where none holds"),
]


@pytest.mark.parametrize(("single", "cpus", "what"), RIVALS)
def test_replicas_are_compared_with_the_best_single_one_for_the_money(single, cpus, what):
    text = said(*single, PAIR)
    pair = f"2 x 0.3 CPU / 150 MiB (p95 20 ms, 1 trial) beside {cpus} CPU / 300 MiB (p95 "
    assert pair in text, what


@pytest.mark.parametrize(
    ("single", "several", "what"),
    [
        (row(1.0, 300), PAIR, "the only single one is dearer"),
        (row(0.5, 300), PAIR, "the only single one is cheaper by a sixth"),
        (LEAST, row(0.6, 300, 3), "three of a container are three times as dear as one"),
    ],
)
def test_what_costs_more_or_less_is_not_compared_at_equal_cost(single, several, what):
    """Three times the money buys what it buys; that says nothing of replicas."""
    text = said(single, several)
    assert BESIDE not in text, what
    assert f"nothing is compared with {several.setting.label}: {ALONE}" in text, what


def test_without_any_single_replica_there_is_no_word_of_equal_cost():
    assert "At equal cost" not in said(PAIR)


def test_pairs_with_one_outcome_are_told_together():
    """Each with its rival, and the outcome once."""
    text = said(LEAST, PAIR, row(0.2, 100, 3), row(0.15, 75, 4, p95_ms=1.0))
    assert text.count(BESIDE) == 2
    alike, faster = "no difference beyond the intervals, with 2 x 0.3 CPU", "horizontal is faster"
    assert f"{alike} / 150 MiB (p95 20 ms, 1 trial) beside" in text
    assert "; 3 x 0.2 CPU / 100 MiB (p95 20 ms, 1 trial) beside" in text
    assert f"{faster}, with 4 x 0.15 CPU / 75 MiB (p95 1 ms, 1 trial) beside" in text


def test_replicas_that_turn_fails_into_holds_pay_off_within_the_intervals():
    """The verdict is what they are paid for."""
    text = said(row(0.5, 300, 1, F, 600.0, 0.9), row(0.5, 300, 3, p95_ms=400.0, spread=0.9))
    assert "Each step in replicas of 0.5 CPU / 300 MiB (1 and 3) still paid off" in text


def test_verdicts_that_are_no_evidence_are_not_compared():
    """Undecided and invalid rows take part in no comparison at equal cost."""
    text = said(LEAST, row(0.3, 150, 2, verdict=U), row(0.3, 150, 2, verdict=X, p95_ms=None))
    assert BESIDE not in text
    doubtful = [row(0.6, 300, verdict=U, p95_ms=1.0), row(0.5, 300, verdict=X, p95_ms=None)]
    assert BESIDE not in said(*doubtful, PAIR)


def test_an_answer_says_on_how_many_trials_it_stands_and_is_never_proven():
    failing = dataclasses.replace(row(0.5, 300, verdict=F), trials=("a", "b"))
    least, fails = conclusions([LEAST, failing], Prices(), Question())[:2]
    assert least.endswith("error rate 0% of the whole trial, supported by one trial.")
    assert fails.endswith("supported by 2 trials.")
    text = said(LEAST, failing)
    assert "prove" not in text.lower()


def test_a_cause_by_cpu_sets_the_need_against_the_limit():
    """Its need is told; how often it was throttled is not, since what holds is throttled too."""
    short = row(0.5, 300, verdict=F, cause="cpu_throttled")
    short = dataclasses.replace(short, demand_cores=0.58, throttled_ratio=0.88)
    text = said(LEAST, short)
    assert "0.5 CPU / 300 MiB fails (CPU throttled: needs 0.58 cores, has 0.5)" in text
    assert "88%" not in text


def test_a_trial_stopped_in_its_ramp_up_has_no_p95_in_a_sentence():
    """And its errors are told by what they are a share of."""
    stopped = row(0.6, 200, verdict=F, p95_ms=None, cause="out_of_memory")
    stopped = dataclasses.replace(stopped, stopped_at_s=15.7, error_rate=0.014)
    text = said(LEAST, stopped)
    assert "p95 not measured (stopped at 16 s), error rate 1.4% of the whole trial" in text


def test_costs_are_said_to_be_a_proxy_where_one_is_given():
    assert "Costs are a proxy by unit price (AWS Fargate on demand" in said(LEAST)
    assert "where a provider sells no such size, the bill differs" in said(LEAST)
    assert "proxy" not in said(row(1, 300, verdict=F))


def test_where_more_replicas_pay_off_is_said_with_its_trials():
    few, more = row(0.5, 300, 1, p95_ms=90.0), row(0.5, 300, 3, p95_ms=9.0)
    assert "turning fails into holds (one trial each): 90 ms to 9 ms" in said(few, more)
    twice = dataclasses.replace(more, trials=("a", "b"))
    assert "(1 to 2 trials each)" in said(few, twice)
