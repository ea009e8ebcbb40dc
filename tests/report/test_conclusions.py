"""Conclusions follow the data: each sentence is there when its rows are, and only then."""

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
BESIDE = "Beside the best single replica"
TABLE = [
    ([], "Nothing was measured", "no rows"),
    ([row(1, 300, verdict=F)], "No measured setting was shown to hold 10,000 users", "none holds"),
    ([row(1, 300, verdict=F)], "(1 fails)", "and how many do not"),
    ([LEAST], "is 0.6 CPU / 300 MiB, at 0.0256 USD per hour: p95 20 ms (95% interval 16-24)", "it"),
    ([LEAST], "Nothing with less CPU alone was seen to fail", "unproven on one side"),
    (
        [LEAST, row(0.5, 300, verdict=F, p95_ms=1720.0, cause="cpu_throttled")],
        "With less CPU, 0.5 CPU / 300 MiB fails (CPU throttled): p95 1,720 ms",
        "proven by CPU",
    ),
    (
        [LEAST, row(0.6, 200, verdict=F, p95_ms=math.inf, cause="out_of_memory")],
        "With less memory, 0.6 CPU / 200 MiB fails (out of memory): p95 no answer",
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
    ([row(0.5, 300, verdict=F), row(0.3, 200, 2)], "Only several replicas were shown to hold", "!"),
    ([row(0.6, 300, p95_ms=40.0), row(0.3, 150, 2, p95_ms=10.0)], "horizontal is faster", "equal"),
    ([row(0.6, 300, p95_ms=10.0), row(0.3, 150, 2, p95_ms=40.0)], "vertical is faster", "equal"),
    ([row(0.6, 300), row(0.3, 150, 2)], "no difference beyond the intervals", "equal, alike"),
    ([row(0.6, 300, verdict=F), row(0.3, 150, 2)], "horizontal is better", "one of them holds"),
    (
        [row(0.5, 300, 1, F, 900.0), row(0.5, 300, 3, p95_ms=10.0), row(0.5, 300, 5, p95_ms=11.0)],
        "more than 3 replicas did not pay off among 1, 3 and 5",
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
    ([row(0.5, 300), row(0.6, 300, verdict=F)], "Contradiction: 0.5 CPU / 300 MiB holds", "odd"),
    ([LEAST, row(0.5, 300, verdict=U)], "neither proof nor disproof: 0.5 CPU / 300 MiB", "doubt"),
    ([LEAST, row(0.5, 300, verdict=X, p95_ms=None)], "Not measured well enough", "invalid"),
]


@pytest.mark.parametrize(("rows", "sentence", "what"), TABLE)
def test_the_rows_bear_the_sentence(rows, sentence, what):
    """With its numbers."""
    assert sentence in said(*rows), f"{what}: {said(*rows)}"


@pytest.mark.parametrize(
    "word", ["eplica", "Contradiction", "Undecided", "Not measured", "Beside the best"]
)
def test_nothing_is_said_that_one_row_cannot_bear(word):
    """A single holding setting says nothing of replicas, contradictions or doubts."""
    assert word not in said(LEAST)


PAIR = row(0.3, 150, 2)  # as dear as one of 0.6 CPU / 300 MiB
RIVALS = [
    ([row(0.6, 300, p95_ms=20.0), row(0.5, 300, p95_ms=15.0)], "0.5", "the quickest that holds"),
    ([row(0.6, 300, p95_ms=15.0), row(0.5, 300, p95_ms=15.0)], "0.5", "the cheaper of equals"),
    ([row(0.6, 300, verdict=F), row(0.5, 300)], "0.5", "what holds, not a dear one that fails"),
    ([row(0.6, 300, p95_ms=400.0), row(0.5, 300)], "0.5", "what is quick, not a dear slow one"),
    ([row(0.65, 300, p95_ms=9.0), row(0.5, 300)], "0.65", "a tenth more is about as much"),
    ([row(0.7, 300, p95_ms=1.0), row(0.5, 300)], "0.5", "more than that is not"),
    ([row(0.6, 300, 1, F), row(0.4, 300, 1, F)], "0.6", "the dearest where none holds"),
]


@pytest.mark.parametrize(("single", "cpus", "what"), RIVALS)
def test_replicas_are_compared_with_the_best_single_one_for_the_money(single, cpus, what):
    text = said(*single, PAIR)
    assert f"2 x 0.3 CPU / 150 MiB (20 ms) beside {cpus} CPU / 300 MiB (" in text, what


def test_nothing_is_compared_where_every_single_one_is_dearer():
    assert BESIDE not in said(row(1.0, 300), PAIR)


def test_dearer_replicas_are_still_compared_with_the_best_that_costs_less():
    """Three times the same container, against one of it."""
    text = said(LEAST, row(0.6, 300, 3))
    assert "3 x 0.6 CPU / 300 MiB (20 ms) beside 0.6 CPU / 300 MiB (20 ms)" in text


def test_pairs_with_one_outcome_are_told_together():
    """Each with its rival, and the outcome once."""
    text = said(LEAST, PAIR, row(0.3, 150, 3), row(0.3, 150, 4, p95_ms=1.0))
    assert text.count(BESIDE) == 2
    assert "no difference beyond the intervals, with 2 x 0.3 CPU / 150 MiB (20 ms) beside" in text
    assert "; 3 x 0.3 CPU / 150 MiB (20 ms) beside" in text
    assert "horizontal is faster, with 4 x 0.3 CPU / 150 MiB (1 ms) beside" in text


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
