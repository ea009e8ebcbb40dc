"""What analysing so many trials cost, over several processes of each size."""

import pytest

from loadtests.analysis.analysis_cost import Analysed, AnalysisCost, Goals

GOALS = Goals(trials=1000, wall_s=60.0, peak_mib=1000.0)


def one(trials: int, wall_s: float, peak_mib: float = 300.0) -> Analysed:
    """One process."""
    return Analysed(
        trials, wall_s, 0.9 * wall_s, peak_mib, {"read": wall_s - 1, "draw": 1.0}, pages=7
    )


MEASURED = AnalysisCost(
    (one(1000, 40.0, 400.0), one(50, 4.0), one(1000, 44.0, 420.0), one(1000, 41.0)), GOALS
)


def test_a_size_is_told_by_its_median_time_and_its_largest_memory():
    assert MEASURED.sizes == [50, 1000]
    assert MEASURED.cpu_s(1000) == pytest.approx(36.9)
    assert (MEASURED.wall_s(1000), MEASURED.peak_mib(1000)) == (41.0, 420.0)
    assert MEASURED.steps_s(1000) == {"read": 40.0, "draw": 1.0}


@pytest.mark.parametrize(
    ("more", "met"),
    [
        (one(1000, 59.0), True),
        (one(1000, 61.0), False),
        (one(1000, 41.0, 1001.0), False),
        (one(500, 61.0, 1001.0), True),
    ],
    ids=["all within", "one too slow", "one too large", "another size"],
)
def test_the_goals_are_met_when_every_process_of_their_size_kept_them(more, met):
    assert AnalysisCost((*MEASURED.measured, more), GOALS).met is met


def test_without_the_goals_own_size_nothing_is_said_of_them():
    assert AnalysisCost((one(50, 4.0),), GOALS).met is None


def test_growth_is_of_every_process():
    sizes = (50, 100, 200, 500, 1000)
    found = AnalysisCost(tuple(one(n, 3 + 0.04 * n) for n in sizes), GOALS).growth
    assert (found.fixed_s, found.each_s) == (pytest.approx(2.7), pytest.approx(0.036))
