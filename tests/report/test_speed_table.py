"""A figure beside its limit, and two commits compared within rounds."""

import pytest

from loadtests.report.speed_table import Speed, speed_table

SPEEDS = (Speed("cpu_ms", "CPU of a request", "ms", 0.2), Speed("mib", "memory", "MiB", 200))


def rounds(*values, key="cpu_ms"):
    """Return a round for each value."""
    return [{key: value} for value in values]


def test_the_median_of_the_rounds_stands_beside_its_limit():
    (row,) = speed_table(SPEEDS, rounds(0.1, 0.15, 0.9)).to_dict("records")
    assert row == {
        "figure": "CPU of a request",
        "unit": "ms",
        "now": "0.15",
        "limit": "0.2",
        "of the limit": "0.75",
    }


def test_a_figure_that_was_not_measured_has_no_row():
    assert len(speed_table(SPEEDS, [{}])) == 0
    assert [*speed_table(SPEEDS, rounds(1.0, key="mib"))["figure"]] == ["memory"]


def test_two_commits_are_compared_round_by_round_whatever_the_machine_did_between():
    """Twice as slow in the second round, both of them: the ratio does not know."""
    table = speed_table(SPEEDS, rounds(0.2, 0.4, 0.21), rounds(0.1, 0.2, 0.1))
    (row,) = table.to_dict("records")
    assert row["base"] == "0.1"
    estimate, bounds = row["now / base"].split(" ")
    assert float(estimate) == pytest.approx(2.03, abs=0.01)
    low, high = (float(bound) for bound in bounds.strip("()").split("-"))
    assert 1.8 < low < 2.03 < high < 2.3


@pytest.mark.parametrize(
    ("now", "base", "shown"),
    [
        (rounds(0.2), rounds(0.1), "2.00"),
        (rounds(0.2, 0.3), [{"cpu_ms": 0.1}, {}], "2.00"),
        (rounds(0.2), [{}], ""),
        (rounds(0.0, 0.0), rounds(0.1, 0.1), ""),
    ],
    ids=["one round", "one round of both", "none of both", "nothing to divide"],
)
def test_one_round_of_both_has_no_bounds_and_none_no_ratio(now, base, shown):
    assert [*speed_table(SPEEDS, now, base)["now / base"]] == [shown]


def test_large_numbers_are_shown_whole():
    (row,) = speed_table(SPEEDS, rounds(1234.5, key="mib")).to_dict("records")
    assert row["now"] == "1,234"
