"""What a record is put together from."""

import pytest

from loadtests.bench.recording import host_table


def ticks(*lines):
    """Return lines of a generator: when each was said, and the shares since the one before."""
    return [dict(zip(("time_s", "busy_ratio", "steal_ratio"), line, strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("lines", "rows", "what"),
    [
        ([], [], "no load"),
        ([(1.05, 0.5, 0.1), (2.1, 0.6, 0.0)], [(1.05, 0.5, 0.1), (2.1, 0.6, 0.0)], "each second"),
        (
            [(1.0, 0.5, 0.0), (4.0, 0.9, 0.1)],
            [(1.0, 0.5, 0.0), (2.0, 0.9, 0.1), (3.0, 0.9, 0.1), (4.0, 0.9, 0.1)],
            "a line of three seconds, in which the generator had no CPU, counts three times",
        ),
        ([(1.0, None, None), (2.0, 0.3, 0.0)], [(2.0, 0.3, 0.0)], "what is not told is no row"),
    ],
)
def test_the_host_has_a_row_for_each_second_that_the_generator_tells_of(lines, rows, what):
    table = host_table(ticks(*lines))
    assert list(table) == ["time_s", "busy_ratio", "steal_ratio"]
    assert [*table.itertuples(index=False, name=None)] == rows, what
