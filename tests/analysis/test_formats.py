"""Figures as a person would write them, the same everywhere."""

import pytest

from loadtests.analysis import formats


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0 replicas"), (1, "1 replica"), (12, "12 replicas"), (2_200, "2,200 replicas")],
)
def test_how_many_is_written_with_its_thousands_apart(number, written):
    assert formats.count(number, "replica") == written
