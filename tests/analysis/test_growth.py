"""A time against a size: a line, a bend in it, or too little to tell."""

import numpy as np
import pytest

from loadtests.analysis.growth import Shape, growth

SIZES = [50, 100, 200, 500, 1000] * 3


def times(law, noise: float = 0.01, seed: int = 1) -> list[float]:
    """Seconds by a law of the size, each off by a share of it."""
    rng = np.random.default_rng(seed)
    return [law(size) * (1 + noise * rng.standard_normal()) for size in SIZES]


@pytest.mark.parametrize(
    ("said", "law", "shape"),
    [
        ("so much for each", lambda n: 0.03 * n, Shape.LINEAR),
        ("so much for each, and more for all", lambda n: 9 + 0.03 * n, Shape.LINEAR),
        ("each pair is compared", lambda n: 1 + 0.01 * n + 0.0001 * n**2, Shape.FASTER),
        ("a bend of 4% at the largest", lambda n: n + 0.04 * n**2 / 1000, Shape.LINEAR),
        ("the more there are the less each takes", lambda n: n**0.7, Shape.SLOWER),
    ],
)
def test_the_shape_is_that_of_the_law_behind_the_times(said, law, shape):
    assert growth(SIZES, times(law)).shape is shape, said


def test_the_line_is_found_again():
    found = growth(SIZES, times(lambda n: 9 + 0.03 * n))
    assert found.fixed_s == pytest.approx(9, rel=0.05)
    assert found.each_s == pytest.approx(0.03, rel=0.05)
    assert found.at(1000) == pytest.approx(39, rel=0.05)
    assert (found.largest, found.bend.low < 0 < found.bend.high) == (1000, True)


def test_times_that_scatter_too_much_do_not_tell():
    assert growth(SIZES, times(lambda n: 9 + 0.03 * n, noise=0.4)).shape is Shape.UNKNOWN


@pytest.mark.parametrize(
    "sizes", [[50, 100, 200] * 4, [50, 100, 200, 500]], ids=["three sizes", "four times"]
)
def test_too_few_are_refused_with_how_many_it_takes(sizes):
    with pytest.raises(ValueError, match="are too few; measure at least 4 sizes, 5 times in all"):
        growth(sizes, [float(size) for size in sizes])
