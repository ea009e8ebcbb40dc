"""The figure and the tables of a plan: measured solid, extrapolated dashed, the unknown named."""

from functools import cache

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from loadtests.analysis.arrival_simulation import simulate_arrivals
from loadtests.analysis.planning import NoPlan
from loadtests.report import figures
from loadtests.report.plan_table import arrivals_table, plan_table, runners_up_table
from loadtests.report.plots.plan import (
    DASHED,
    PALE_BAND,
    SOLID,
    plan_figure,
    plan_figure_alt,
    plan_message,
)
from tests.analysis.plans import basis, plan
from tests.report.test_plots import texts

WHY = NoPlan("There is no plan: nothing holds.")


@cache
def figure():
    """Draw a plan once for all tests."""
    return plan_figure(plan())


def curves(axes, style):
    """Return the curves of a panel that are drawn in one of the two ways."""
    return [
        line
        for line in axes.get_lines()
        if line.get_linewidth() == style["linewidth"] and len(line.get_xdata()) > 2
    ]


def test_what_was_measured_is_solid_and_what_was_not_is_dashed():
    """10,000 users were measured: the one curve ends there, and the other begins."""
    for axes in figure().axes:
        (solid,), (dashed,) = curves(axes, SOLID), curves(axes, DASHED)
        assert solid.get_linestyle() == "-"
        assert dashed.get_linestyle() == "--"
        assert max(solid.get_xdata()) == 10_000 == min(dashed.get_xdata())
        assert max(dashed.get_xdata()) > 10_000_000


def test_the_band_beyond_is_paler_and_widens():
    axes = figure().axes[0]
    inside, outside = axes.collections[:2]
    assert inside.get_facecolor()[0][3] > outside.get_facecolor()[0][3] == PALE_BAND["alpha"]
    x, y = outside.get_paths()[0].vertices.T
    widths = [np.ptp(np.log(y[np.isclose(x, users)])) for users in (100_000, 1_000_000, 10_000_000)]
    assert widths == sorted(widths)
    assert widths[0] > 0


def test_where_the_error_is_not_known_there_is_no_band_and_the_legend_says_so():
    drawn = plan_figure(plan(beyond=None))
    for axes in drawn.axes:
        outside = axes.collections[1]
        assert all(path.vertices[:, 0].max() <= 10_000 for path in outside.get_paths())
    assert "its error is not known" in texts(drawn)
    assert "with the error of held-out trials" not in texts(drawn)


def test_the_targets_are_marked_and_labelled():
    found = plan()
    top, bottom = figure().axes
    for axes, of in ((top, "replicas"), (bottom, "cost_hour")):
        marks = [line for line in axes.get_lines() if line.get_marker() == "o"]
        assert [line.get_xdata()[0] for line in marks] == [t.users for t in found.targets]
        assert [line.get_ydata()[0] for line in marks] == pytest.approx(
            [getattr(t.best, of) for t in found.targets]
        )
    written = texts(figure())
    for target in found.targets:
        assert f"{target.best.replicas:,}" in written
        assert f"{target.best.machines:,} x {target.best.machine.name}" in written


def test_axes_are_logarithmic_and_have_units():
    top, bottom = figure().axes
    assert {axes.get_xscale() for axes in (top, bottom)} == {"log"}
    assert {axes.get_yscale() for axes in (top, bottom)} == {"log"}
    assert top.get_ylabel() == "replicas (log)"
    assert bottom.get_ylabel() == "cost an hour (USD, log)"
    assert bottom.get_xlabel() == "concurrent users (log)"


def test_the_title_says_what_the_largest_target_takes():
    title = " ".join(figure().get_suptitle().replace("\xa0", " ").split())
    assert title == plan_message(plan())
    assert title.startswith("10,000,000 users take ")


def test_the_alternative_text_has_every_target_and_what_is_not_known():
    told = plan_figure_alt(plan())
    for target in plan().targets:
        assert f"Extrapolated for {target.users:,} users: {target.best.replicas:,} rep" in told
    assert "interval not known" in plan_figure_alt(plan(beyond=None))
    assert "Measured for 5,000 users" in plan_figure_alt(plan(targets=(5_000,)))


def test_a_target_within_what_was_measured_is_drawn_too():
    axes = plan_figure(plan(targets=(5_000,))).axes[0]
    assert curves(axes, SOLID)
    assert curves(axes, DASHED)


def test_one_trial_is_drawn_without_any_band():
    drawn = plan_figure(plan(on=basis(cpu_ms=(0.2,))))
    assert all(
        sum(len(path.vertices) for path in band.get_paths()) == 0
        for axes in drawn.axes
        for band in axes.collections[:2]
    )
    assert to_rgba(SOLID["color"]) == to_rgba(curves(drawn.axes[0], SOLID)[0].get_color())


def test_without_a_plan_its_sentences_say_why_and_neither_figure_nor_tables_do_again():
    assert (figures.plan(WHY), plan_table(WHY), runners_up_table(WHY)) == (None, None, None)
    assert "there is no plan" in str(arrivals_table([]).data), "a section of its own"


def test_the_table_has_each_target_with_its_interval():
    found = plan()
    html = str(plan_table(found).data)
    for target in found.targets:
        assert f"{target.users:,}" in html
        assert f"{target.low.replicas:,} to {target.high.replicas:,}" in html
        assert f"{target.best.cost_month:,.0f}" in html
    assert html.count("extrapolated") == 3
    assert "interval not known" in str(plan_table(plan(beyond=None)).data)
    unknown = str(plan_table(plan(on=basis(cpu_ms=(0.2,), base_mib=None))).data)
    assert "not measured" in unknown


def test_other_machines_stand_beside_the_cheapest_with_price_and_source():
    found = plan()
    html = str(runners_up_table(found).data)
    assert html.count("the cheapest</td>") == 3
    assert html.count("a list") == 3 * 3
    assert "2026-01-19" in html


def test_crowded_moments_are_told_for_both_ways_to_share_out():
    workload = plan().basis.workload_of(100_000)
    pair = tuple(
        simulate_arrivals(workload, 10, np.random.default_rng(1), evenly=evenly)
        for evenly in (True, False)
    )
    html = str(arrivals_table([pair]).data)
    assert "fullest second, evenly" in html
    assert f"{pair[1].replica_peak:.2f}" in html
    assert "1,00" in html or "99" in html, "requests a second of one replica"
