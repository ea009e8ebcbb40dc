"""The figure of the throttled queue beside trials."""

import math
from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.throttled_curve import ThrottledCurve
from loadtests.question import SLO
from loadtests.report.plots.throttled_curve import (
    throttled_curve_figure,
    throttled_curve_figure_alt,
    throttled_curve_message,
)
from tests.analysis.observations import seen
from tests.report.test_plots import lines_at, marks_at, texts

CPUS = np.array([0.05, 0.1, 0.2, 0.5, 1.2])


def curve(edge=Interval(0.15, 0.12, 0.18)):  # noqa: B008 - frozen
    """A curve that falls, and two trials: one it was fitted to, one it has not seen."""
    fitted, tested = seen(1.0), seen(0.1, p95_ms=Interval(900.0, 700.0, 1200.0))
    p95 = np.array([4000.0, 1000.0, 20.0, 5.0, 5.0])
    return ThrottledCurve(
        workload=fitted.workload,
        slo=SLO(),
        replicas=1,
        cpus=CPUS,
        percentiles_ms={50: p95 / 2, 95: p95, 99: 2 * p95},
        p95_low_ms=p95 / 3,
        p95_high_ms=p95 * 3,
        edge_cpus=edge,
        fitted=(fitted,),
        tested=(tested,),
    )


@pytest.fixture(scope="module")
def axes():
    """Its panel."""
    return throttled_curve_figure(curve()).axes[0]


def test_what_is_computed_is_dashed_and_each_percentile_has_its_curve(axes):
    dashed = [line for line in axes.get_lines() if len(line.get_xdata()) == len(CPUS)]
    assert len(dashed) == 3
    assert all(line.get_linestyle() == "--" for line in dashed)


def test_trials_are_marks_and_filled_where_the_queue_has_not_seen_them(axes):
    assert marks_at(axes, 0.1, "x") == [900.0]
    faces = {
        line.get_xdata()[0]: line.get_markerfacecolor()
        for line in axes.get_lines()
        if line.get_linestyle() == "None"
    }
    assert faces[1.0] == "#ffffff" != faces[0.1]


def test_the_slo_is_a_line_and_so_is_the_edge(axes):
    assert lines_at(axes, 500.0, "y") == 1
    assert lines_at(axes, 0.15, "x") == 1
    assert axes.get_xlabel() == "CPU limit of each replica (cores, log)"


def test_a_bound_that_only_failures_reach_ends_with_the_axis():
    found = curve()
    tested = replace(found.tested[0], p95_ms=Interval(900.0, 700.0, math.inf))
    axes = throttled_curve_figure(replace(found, tested=(tested,))).axes[0]
    (bar,) = (line for line in axes.get_lines() if list(line.get_xdata()) == [0.1, 0.1])
    assert bar.get_ydata()[0] == 700.0
    assert 900.0 < bar.get_ydata()[1] <= axes.get_ylim()[1]


def test_the_title_says_where_the_edge_is_expected():
    assert throttled_curve_message(curve()) == (
        "The throttled queue expects p95 ≤ 500 ms from 0.15 CPU on"
    )
    assert throttled_curve_message(curve(None)).endswith("no CPU limit to meet p95 ≤ 500 ms")
    assert "no CPU limit" in texts(throttled_curve_figure(curve(None)))


def test_it_is_told_in_words_too():
    said = throttled_curve_figure_alt(curve())
    assert "0.10 CPU: p95 1,000 ms expected" in said
    assert "0.1 CPU / 300 MiB: p95 900 ms measured" in said
    assert "1 trial with CPU to spare" in said
