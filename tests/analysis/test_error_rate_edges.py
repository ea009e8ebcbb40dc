"""How wide the interval of an error rate is, and when so few requests are said to show little."""

from dataclasses import replace

import pytest

from loadtests.analysis.error_rate import error_interval, shown_only
from loadtests.analysis.evidence import Interval
from loadtests.analysis.intervals import independent_bounds
from tests.analysis.records import evidence
from tests.analysis.test_error_rate import failing


@pytest.mark.parametrize(
    ("within_s", "worth", "what"),
    [(1.0, 40, "forty failures of one second are one"), (50.0, 1, "one by one they are forty")],
)
def test_failures_in_a_burst_are_worth_one_of_so_many_fewer_requests(within_s, worth, what):
    found = error_interval(failing(5000, 40, within_s=within_s))
    bounds = independent_bounds(40 / worth, 5000 / worth)
    assert (found.low, found.high) == pytest.approx(bounds, rel=0.05), what
    assert found.estimate == pytest.approx(40 / 5000)


@pytest.mark.parametrize(("high", "said"), [(0.001, False), (0.0011, True)])
def test_what_was_shown_is_said_where_it_is_less_than_was_asked(high, said):
    found = shown_only(evidence(), Interval(0.0, 0.0, high))
    assert (found is not None) is said


def test_where_nothing_may_fail_no_number_of_requests_would_show_it():
    given = evidence()
    slo = replace(given.trial.question.slo, error_rate=0.0)
    question = replace(given.trial.question, slo=slo)
    trial = replace(given.trial, question=question)
    assert shown_only(replace(given, trial=trial), Interval(0.0, 0.0, 0.01)) is None
