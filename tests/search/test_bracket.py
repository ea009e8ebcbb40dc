"""Which step to ask next on one axis."""

import pytest

from loadtests.search.bracket import next_step

CASES = [
    (-1, 8, 3, 3, "nothing is known: what is expected"),
    (-1, 3, 3, 2, "it is as expected: its neighbour"),
    (3, 8, 3, 4, "not yet: the next one"),
    (4, 12, 3, 5, "not there either: one more"),
    (5, 12, 3, 7, "nor there: twice as far"),
    (7, 12, 3, 11, "and again"),
    (-1, 2, 3, 1, "less than expected: one down"),
    (3, 6, 0, 4, "far from the expectation and nothing in reach: the middle"),
    (2, 4, 2, 3, "one step left"),
]


@pytest.mark.parametrize(("low", "high", "expected", "asks", "what"), CASES)
def test_the_next_step(low, high, expected, asks, what):
    assert next_step(low, high, expected) == asks, what


@pytest.mark.parametrize("edge", range(21))
@pytest.mark.parametrize("expected", range(20))
def test_every_edge_is_found_in_few_steps(edge, expected):
    low, high, asked = -1, 20, 0
    while high - low > 1:
        step = next_step(low, high, expected)
        assert low < step < high
        low, high = (low, step) if step >= edge else (step, high)
        asked += 1
    assert high == edge
    assert asked <= 9
    if edge == expected:
        assert asked <= 2
