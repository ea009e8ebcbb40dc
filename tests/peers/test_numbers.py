"""Figures as a person writes them."""

import pytest

from loadtests.peers.numbers import number, span


@pytest.mark.parametrize(
    ("value", "written"),
    [(7469.6, "7,470"), (58.24, "58.2"), (0.04567, "0.0457"), (100.4, "100"), (9.999, "10.00"),
     (0.0, "0")],
)  # fmt: skip
def test_a_figure_has_three_digits_and_no_more_than_whole_ones(value, written):
    assert number(value) == written


def test_a_range_whose_ends_read_alike_is_one_figure():
    assert span(0.2811, 0.2814) == "0.281"
    assert span(4.3, 14.1) == "4.30 to 14.1"
