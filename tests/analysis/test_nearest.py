"""Of too many settings those at the edge are shown, and what is recommended."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.nearest import nearest
from loadtests.question import SLO, Setting
from tests.analysis.records import row

ROWS = [row(cpus, 300, p95_ms=p95_ms) for cpus, p95_ms in (
    (0.1, math.inf), (0.2, 4_000.0), (0.3, 600.0), (0.4, 400.0), (0.5, 20.0), (0.6, None),
)]  # fmt: skip
NEAR = [2, 3]  # a factor of 1.2 beyond the limit of 500 ms, and of 1.25 below


def test_where_there_is_room_all_are_shown_in_their_order():
    assert nearest(ROWS, SLO(), len(ROWS)) == nearest(ROWS, SLO(), 99) == [*range(len(ROWS))]


def test_those_nearest_to_the_limit_stay_on_either_side_of_it():
    assert nearest(ROWS, SLO(), 2) == NEAR
    assert nearest(ROWS, SLO(), 3) == [1, *NEAR], "a factor of 8 is nearer than one of 25"


def test_what_is_recommended_is_shown_however_far_it_is():
    assert nearest(ROWS, SLO(), 3, [Setting(0.5, 300)]) == [*NEAR, 4]


@pytest.mark.parametrize("p95_ms", [None, math.inf, math.nan])
def test_what_has_no_latency_goes_first(p95_ms):
    silent = [replace(ROWS[3], p95_ms=p95_ms), ROWS[4]]
    assert nearest(silent, SLO(), 1) == [1]


def test_nothing_is_nearest_of_nothing():
    assert nearest([], SLO(), 5) == []
