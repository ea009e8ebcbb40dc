"""The figure and the table of capacity against replicas show what was measured and by the law."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.likelihood_region import Coefficients
from loadtests.analysis.scalability import fit_scalability
from loadtests.report.capacity_table import capacity_table
from loadtests.report.plots.capacity import (
    AHEAD,
    CURVE,
    LINEAR,
    capacity_figure,
    capacity_figure_alt,
    capacity_message,
)
from tests.analysis.scaling import PEAKED, SPECSDM91, USUAL, points_of
from tests.report.test_plots import lines_at, marks_at, texts

POINTS = points_of(PEAKED, noise=0.02, repeats=3, seed=1)
LAW = fit_scalability(POINTS)
GROWING = points_of(USUAL, (2, 3, 4, 5, 6, 8), noise=0.01, seed=1, bracket=0.03)
GROWING_LAW = fit_scalability(GROWING)
FEW = POINTS[:9]  # three counts


@pytest.fixture(scope="module")
def peaked() -> Figure:
    return capacity_figure(POINTS, LAW)


@pytest.fixture(scope="module")
def growing() -> Figure:
    return capacity_figure(GROWING, GROWING_LAW)


def drawn(figure: Figure, look) -> list[tuple[np.ndarray, np.ndarray]]:
    """The lines of the upper panel that have the colour and width of that look."""
    return [
        (np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float))
        for line in figure.axes[0].get_lines()
        if (line.get_color(), line.get_linewidth()) == (look["color"], look["linewidth"])
        and len(line.get_xdata()) > 1
    ]


def test_every_point_is_one_mark_at_its_capacity(peaked):
    for count in LAW.counts:
        expected = sorted(p.rate_per_s for p in POINTS if p.replicas == count)
        assert sorted(marks_at(peaked.axes[0], count, "x")) == pytest.approx(expected)


def test_the_law_is_solid_where_it_was_measured_and_dashed_beyond(growing):
    (within,) = drawn(growing, CURVE)
    assert (within[0][0], within[0][-1]) == (2, 8)
    assert within[1][-1] == pytest.approx(GROWING_LAW.predict(8).capacity.estimate)
    ahead = sorted(drawn(growing, AHEAD), key=lambda line: line[0][0])
    assert [(places[0], places[-1]) for places, _ in ahead] == [(1, 2), (8, pytest.approx(10.8))]


def test_the_band_is_the_interval_of_the_law(peaked):
    band = peaked.axes[0].collections[0].get_paths()[0].vertices
    at = LAW.predict(8).capacity
    ends = band[np.isclose(band[:, 0], 8), 1]
    assert (ends.min(), ends.max()) == pytest.approx((at.low, at.high))


def test_linear_is_as_many_times_one_replica(peaked):
    ((places, rates),) = drawn(peaked, LINEAR)
    assert rates == pytest.approx(places * LAW.lam_per_s.estimate)


def test_a_peak_is_marked_where_it_was_measured_and_named_shown_or_not(peaked, growing):
    at = LAW.peak.replicas.estimate
    assert sum(
        np.allclose(line.get_xdata(), at) for line in peaked.axes[0].get_lines()
        if len(line.get_xdata()) == 2
    ) == 1  # fmt: skip
    assert ("peak, not shown" in texts(peaked)) == (not LAW.peak.is_shown)
    assert "peak\n" in texts(peaked)
    assert "peak" not in texts(growing).replace("peaks", "")


def test_an_interval_is_drawn_for_one_point_and_the_spread_for_several(peaked, growing):
    def bar(figure: Figure, count: int) -> list[float]:
        (found,) = [
            sorted(line.get_ydata())
            for line in figure.axes[0].get_lines()
            if list(line.get_xdata()) == [count, count] and line.get_linewidth() == 1.3
        ]
        return found

    point = GROWING[2]
    assert bar(growing, 4) == [point.low_per_s, point.high_per_s]
    rates = [p.rate_per_s for p in POINTS if p.replicas == 4]
    assert bar(peaked, 4) == [min(rates), max(rates)]


def test_counts_may_come_with_one_interval_each_beside_the_points_of_the_law():
    """As between staircases: the marks are all of them, the bar is the interval of their mean."""
    means = [CapacityPoint(n, 100.0, 90.0, 5000.0) for n in LAW.counts]
    above = capacity_figure(means, LAW).axes[0]
    assert len(marks_at(above, 4, "x")) == 3
    (bar,) = [
        sorted(line.get_ydata())
        for line in above.get_lines()
        if list(line.get_xdata()) == [4, 4] and line.get_linewidth() == 1.3
    ]
    assert bar == [90.0, 5000.0]
    assert above.get_ylim()[1] > 5000
    html = str(capacity_table(means, LAW).data)
    assert html.count("90 to 5,000") == len(LAW.counts)
    assert html.count('<td class="number">3</td>') == len(LAW.counts)


def test_residuals_lie_around_the_law_in_the_panel_below(peaked):
    below = peaked.axes[1]
    by_law = LAW.predict(4).capacity.estimate
    expected = sorted(p.rate_per_s / by_law - 1 for p in POINTS if p.replicas == 4)
    drawn_below = [
        float(y)
        for line in below.get_lines() if line.get_linestyle() == "None"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True) if x == 4
    ]  # fmt: skip
    assert sorted(drawn_below) == pytest.approx(expected)
    assert lines_at(below, 0.0, "y") == 1, "the law itself"
    low, high = below.get_ylim()
    assert low < min(expected)
    assert max(expected) < high


def test_the_axes_have_their_units_and_counts_say_what_they_add(peaked):
    above, below = peaked.axes[:2]
    assert above.get_ylabel() == "capacity (requests/s)"
    assert "share of law" in below.get_ylabel()
    names = [label.get_text() for label in below.get_xticklabels()]
    assert names[0] == "1"
    assert names[1] == f"2\n{LAW.gain(2).share.estimate:+.0%}"
    for count in LAW.counts[1:]:
        gain = LAW.gain(count)
        assert (names[count - 1] == f"{count}\nnot shown") == (not (gain.adds or gain.takes))


def test_the_title_says_how_far_from_linear_and_what_the_last_replica_adds(peaked):
    said = capacity_message(POINTS, LAW)
    assert said.startswith(f"8 replicas hold {8 * LAW.efficiency(8).estimate:.1f} times what one")
    last = [gain.replicas for gain in LAW.gains if gain.adds][-1]
    assert f"the {last}th is the last shown to add anything" in said
    assert said in " ".join(peaked.get_suptitle().split())
    assert f"still adds {GROWING_LAW.gain(8).words}" in capacity_message(GROWING, GROWING_LAW)


def test_nothing_is_claimed_where_no_replica_is_shown_to_add():
    flat = [CapacityPoint(n, 400.0) for n in range(1, 9)]
    assert "no replica after the first is shown to add" in capacity_message(
        flat, fit_scalability(flat)
    )


def test_the_same_is_told_in_words():
    said = capacity_figure_alt(POINTS, LAW)
    assert capacity_message(POINTS, LAW) in said
    assert all(sentence in said for sentence in LAW.sentences)
    assert f"1 replica: {POINTS[0].rate_per_s:,.0f} requests/s" in said


def test_points_without_a_law_stand_alone_and_say_why():
    figure = capacity_figure(FEW, None)
    assert len(figure.axes) == 1
    assert [len(marks_at(figure.axes[0], n, "x")) for n in (1, 2, 3)] == [3, 3, 3]
    assert "there are 3: 1, 2 and 3" in texts(figure).replace("\n", " ")
    assert "there are 3: 1, 2 and 3" in capacity_figure_alt(FEW, None)
    assert re.fullmatch(r"3 replicas hold the most, [\d,]+ requests/s", capacity_message(FEW, None))


def test_without_a_point_it_says_so():
    assert "no capacity was measured" in texts(capacity_figure([], None))
    assert "Nothing measured" in capacity_figure_alt([], None)
    assert "no capacity was measured" in str(capacity_table([], None).data)


def test_many_counts_far_apart_are_drawn_too():
    law = fit_scalability(SPECSDM91)
    figure = capacity_figure(SPECSDM91, law)
    assert figure.axes[0].get_xlim()[1] >= 216


def test_perfect_scaling_has_no_end_to_write():
    law = fit_scalability(points_of(Coefficients(400.0, 0.0, 0.0), noise=0.01, seed=3))
    assert "peak" not in texts(capacity_figure(law.points, law)).lower()


def test_the_table_has_a_line_for_each_count():
    html = str(capacity_table(POINTS, LAW).data)
    assert html.count('<th scope="row"') == len(LAW.counts)
    for count in LAW.counts[1:]:
        assert LAW.gain(count).words in html
    by_law = LAW.predict(4).capacity
    assert f"{by_law.estimate:,.0f} ({by_law.low:,.0f} to {by_law.high:,.0f})" in html
    rates = [p.rate_per_s for p in POINTS if p.replicas == 4]
    assert f"{min(rates):,.0f} to {max(rates):,.0f}" in html
    assert f"{sum(rates) / 3 - by_law.estimate:+,.3g}"[0] in html


def test_a_gain_that_is_not_shown_is_marked_in_the_table():
    html = str(capacity_table(POINTS, LAW).data)
    unsure = [n for n in LAW.counts[1:] if not (LAW.gain(n).adds or LAW.gain(n).takes)]
    assert html.count(", not shown") == len(unsure)


def test_the_table_without_a_law_shows_what_was_measured():
    html = str(capacity_table(FEW, None).data)
    assert html.count('<th scope="row"') == 3
    assert "by the law" not in html
    assert "one point" in str(capacity_table(points_of(USUAL), None).data)
