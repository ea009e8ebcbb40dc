"""Smooth or a cliff: from the settings on both sides of the edge."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.edge import Shape, edge
from loadtests.analysis.evidence import BindingObjective, CauseName, Row
from loadtests.question import SLO, Objective
from loadtests.verdicts import Verdict
from tests.analysis.records import row

CLIFF, SMOOTH, UNKNOWN = Shape.CLIFF, Shape.SMOOTH, Shape.UNKNOWN


def holds(p95_ms: float | None) -> Row:
    """The least setting with that p95; 500 ms may be."""
    return row(0.4, 200, p95_ms=p95_ms)


def fails(p95_ms: float | None, cpus: float = 0.3, error_rate: float = 0.0) -> Row:
    """A setting with less CPU with that p95."""
    return replace(
        row(cpus, 4000, verdict=Verdict.FAILS, p95_ms=p95_ms, cause=CauseName.CPU_THROTTLED),
        error_rate=error_rate,
    )


CASES = [
    (44.0, fails(math.inf), CLIFF, "at ease, and one step below never answered"),
    (250.0, fails(1000.0), CLIFF, "half of the limit, and twice the limit"),
    (251.0, fails(1000.0), SMOOTH, "above half of it at the least"),
    (44.0, fails(999.0), SMOOTH, "within twice the limit one step below"),
    (44.0, fails(520.0), SMOOTH, "just beyond the limit one step below"),
    (44.0, fails(40.0, error_rate=0.002), CLIFF, "as fast, but twice as many fail as may"),
    (44.0, fails(40.0, error_rate=0.0019), SMOOTH, "as fast, and hardly too many fail"),
    (44.0, fails(None), CLIFF, "stopped before there was a p95"),
    (44.0, fails(math.inf, 0.2666666), UNKNOWN, "more than a third of the CPU lies between"),
    (44.0, fails(math.inf, 0.4 * 2 / 3), CLIFF, "a third less is one step"),
    (400.0, fails(math.inf, 0.1), SMOOTH, "far apart, but it rises already"),
    (44.0, fails(520.0, 0.1), SMOOTH, "far apart, and hardly above the limit"),
    (None, fails(math.inf), UNKNOWN, "the least was not measured"),
]


@pytest.mark.parametrize(("least_ms", "below", "shape", "what"), CASES)
def test_the_shape_follows_from_both_sides(least_ms, below, shape, what):
    least = holds(least_ms)
    assert edge(least, [least, below], SLO()).shape is shape, what


def test_a_setting_between_that_is_half_lost_makes_it_smooth():
    """It is the warning that a cliff does not give."""
    least, below = holds(44.0), fails(math.inf, 0.3)
    between = row(0.35, 200, verdict=Verdict.UNDECIDED, p95_ms=480.0)
    found = edge(least, [least, below, between], SLO())
    assert found.shape is SMOOTH
    assert "from 44 ms at 0.4 CPU over 480 ms at 0.35 CPU to no answer at 0.3 CPU" in found.why


@pytest.mark.parametrize(
    ("between", "what"),
    [
        (row(0.35, 200, verdict=Verdict.INVALID, p95_ms=480.0), "an invalid one is no evidence"),
        (row(0.35, 150, verdict=Verdict.UNDECIDED, p95_ms=480.0), "it had less memory"),
        (row(0.35, 200, 2, verdict=Verdict.UNDECIDED, p95_ms=480.0), "it had more replicas"),
        (row(0.35, 200, verdict=Verdict.UNDECIDED, p95_ms=60.0), "it is at ease too"),
    ],
)
def test_what_lies_elsewhere_changes_nothing(between, what):
    least, below = holds(44.0), fails(math.inf)
    assert edge(least, [least, below, between], SLO()).shape is CLIFF, what


def test_without_less_cpu_that_fails_it_is_unknown():
    least = holds(44.0)
    found = edge(least, [least], SLO())
    assert found.shape is UNKNOWN
    assert found.sentence == (
        "The edge: not known whether smooth or a cliff, as nothing with less CPU was measured to "
        "fail."
    )


def test_a_kill_for_memory_is_a_cliff_by_itself_where_cpu_says_nothing():
    least = holds(44.0)
    killed = row(0.4, 150, verdict=Verdict.FAILS, cause=CauseName.OUT_OF_MEMORY)
    assert edge(least, [least, killed], SLO()).shape is CLIFF
    late = row(0.4, 150, verdict=Verdict.FAILS, cause=CauseName.QUEUEING)
    assert edge(least, [least, late], SLO()).shape is UNKNOWN


@pytest.mark.parametrize("side", ["least", "failing"])
def test_where_an_endpoint_decides_the_edge_of_all_requests_is_not_called_one(side):
    """At ease and lost it would be a cliff; but it is /rare that fails, and it may rise slowly."""
    rare = BindingObjective(Objective("/rare", 95, 300), Verdict.FAILS, 412.0, 0.0)
    below, least = fails(math.inf), holds(44.0)
    if side == "least":
        least = replace(least, binding=rare)
    else:
        below = replace(below, binding=rare)
    found = edge(least, [least, below], SLO())
    assert (found.shape, "/rare decides" in found.why) == (UNKNOWN, True)


def test_where_all_requests_decide_the_edge_is_told_though_there_are_other_objectives():
    of_all = BindingObjective(SLO().of_all, Verdict.FAILS, math.inf, 0.0)
    below = replace(fails(math.inf), binding=of_all)
    assert edge(holds(44.0), [holds(44.0), below], SLO()).shape is CLIFF


def test_the_edge_is_told_by_the_percentile_of_the_slo():
    """p95 is at ease; p99 was so already at the limit."""
    least, below = (replace(each, slo_ms=480.0) for each in (holds(44.0), fails(math.inf)))
    found = edge(least, [least, below], SLO(percentile=99))
    assert found.shape is SMOOTH
    assert found.why.startswith("p99 goes from 480 ms")


def test_both_sides_are_told_with_the_limit_between_them():
    least = holds(44.0)
    assert edge(least, [least, fails(1720.0, error_rate=0.058)], SLO()).sentence == (
        "The edge: a cliff, as p95 goes from 44 ms at 0.4 CPU to 1,720 ms (5.8% failed) at 0.3 "
        "CPU, where 500 ms may be."
    )
    apart = edge(least, [least, fails(math.inf, 0.1)], SLO()).sentence
    assert "from 44 ms at 0.4 CPU to no answer at 0.1 CPU" in apart
    assert apart.endswith("and nothing between was measured.")
