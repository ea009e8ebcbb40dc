"""The figure that the generator's lag is summed up in."""

import pytest

from loadtests.generator.heartbeat import quantile

HUNDRED = [float(n) for n in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("values", "share", "value", "what"),
    [
        ([], 0.99, 0.0, "nothing was late"),
        ([7.0], 0.5, 7.0, "one value is all of them"),
        (HUNDRED, 0.5, 51.0, "half lie below"),
        (HUNDRED, 0.99, 100.0, "99 lie below"),
        (HUNDRED, 1.0, 100.0, "never beyond the last"),
        (HUNDRED, 0.0, 1.0, "none lies below"),
        ([0.0] * 98 + [300.0, 400.0], 0.99, 400.0, "a pause in a hundred beats is seen"),
    ],
)
def test_a_quantile_is_a_value_that_was_seen(values, share, value, what):
    assert quantile(values, share) == value, what


def test_values_are_left_in_their_order():
    values = [3.0, 1.0, 2.0]
    quantile(values, 0.5)
    assert values == [3.0, 1.0, 2.0]
