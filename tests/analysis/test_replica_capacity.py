"""The highest rate that replicas hold, from staircases whose edge is known."""

from dataclasses import replace

import pytest

from loadtests.analysis.replica_capacity import Capacities, Climb
from tests.analysis.replicas import climb


def capacities(**rates):
    """Staircases of some counts, each given by what its last levels answered: the last fails."""
    return Capacities(
        tuple(
            Climb(climb(levels, replicas=int(name[1:]), fails_from=len(levels) - 1))
            for name, found in rates.items()
            for levels in found
        )
    )


def test_the_rate_of_a_staircase_is_the_most_that_was_answered_within_the_slo():
    found = Climb(climb([40.0, 60.0, 58.0, 61.0], fails_from=3))
    assert found.rate_per_s == pytest.approx(60, rel=0.03)
    assert found.best.users == 200
    assert found.failed[0].users == 400
    assert found.doubt is None


@pytest.mark.parametrize(
    ("levels", "fails_from", "cores", "doubt"),
    [
        ([40.0, 60.0], 2, 0.3, "its last level met the SLO"),
        ([40.0, 60.0], 0, 0.3, "not even its first level"),
        ([40.0, 60.0], 1, 0.9, "the load generator itself used 0.90"),
    ],
)
def test_a_staircase_that_does_not_tell_the_most_says_why(levels, fails_from, cores, doubt):
    found = Climb(climb(levels, fails_from=fails_from, generator_cores=cores))
    assert doubt in found.doubt
    assert Capacities((found,)).points == ()
    assert f"is left out: {doubt}" in " ".join(Capacities((found,)).sentences())


def test_each_count_has_one_point_with_the_interval_between_its_staircases():
    found = capacities(
        n1=[[80.0, 100.0, 90.0], [80.0, 110.0, 90.0]], n2=[[150.0, 180.0, 170.0]] * 2
    )
    one, two = found.points
    assert (one.replicas, two.replicas) == (1, 2)
    assert one.rate_per_s == pytest.approx((100 * 110) ** 0.5, rel=0.03)
    assert one.low_per_s < 100
    assert one.high_per_s > 110
    # Two that agree are no surer than the scatter within the others lets them be.
    assert two.low_per_s < 0.97 * two.rate_per_s


def test_the_upper_bound_reaches_what_the_failing_level_answered():
    """The edge lies below that level, wherever it is."""
    found = capacities(n1=[[80.0, 100.0, 140.0]] * 2)
    (one,) = found.points
    assert one.high_per_s == pytest.approx(140, rel=0.03)
    assert one.low_per_s == pytest.approx(100, rel=0.03)


def at_speeds(*pairs):
    """Staircases of one replica, each by what it held at a gauge of so many microseconds."""
    found = []
    for rate, gauge_us in pairs:
        seen = climb([0.8 * rate, rate, 0.9 * rate], fails_from=2)
        seen = replace(
            seen,
            trial=replace(seen.trial, reference_us=None if gauge_us is None else 300.0),
            generator=seen.generator.assign(work_us=gauge_us),
        )
        found.append(Climb(seen))
    return Capacities(tuple(found))


def test_what_a_fast_cpu_holds_is_told_at_the_reference_speed():
    found = at_speeds((100.0, 300.0), (125.0, 240.0))
    assert [point.rate_per_s for point in found.each] == pytest.approx([100, 100], rel=0.03)
    assert found.points[0].rate_per_s == pytest.approx(100, rel=0.03)
    assert "at the reference speed of the CPU: 1 replica" in found.sentences()[0]


def test_where_the_speed_of_one_staircase_is_not_known_all_are_told_as_measured():
    found = at_speeds((100.0, None), (125.0, 240.0))
    assert [point.rate_per_s for point in found.each] == pytest.approx([100, 125], rel=0.03)
    assert "reference speed" not in found.sentences()[0]


def test_one_staircase_each_has_no_interval_and_says_so():
    found = capacities(n1=[[80.0, 100.0, 90.0]], n2=[[150.0, 180.0, 170.0]])
    assert [(p.low_per_s, p.high_per_s) for p in found.points] == [(None, None)] * 2
    assert "without an interval" in found.sentences()[0]
