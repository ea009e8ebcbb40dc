"""Figures say what they show, draw the objective, and lose nothing: infinite, blank or many."""

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from loadtests.analysis.evidence import Interval, Row
from loadtests.analysis.plots import canvas
from loadtests.analysis.plots.cost import equal_cost_figure, equal_cost_figure_alt
from loadtests.analysis.plots.headline import headline_figure, headline_figure_alt
from loadtests.analysis.plots.scale_out import scale_out_figure, scale_out_figure_alt
from loadtests.analysis.plots.trial import trial_message, trial_page, trial_page_alt
from loadtests.analysis.plots.vertical import vertical_figure, vertical_figure_alt
from loadtests.analysis.style import LOOKS
from loadtests.judged import Verdict
from loadtests.question import Objective
from tests.analysis import plot_data as data

OBJECTIVE = Objective()


def texts(figure: Figure) -> str:
    """Return all text on a figure, ordinary spaces throughout."""
    found = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]  # type: ignore[attr-defined]
    return "\n".join(found).replace("\xa0", " ")


def lines_at(axes: Axes, value: float, which: str) -> int:
    """Count the lines of a panel that run along one value of an axis."""
    ends = [getattr(line, f"get_{which}data")() for line in axes.get_lines()]
    return sum(len(e) == 2 and list(e) == [value, value] for e in ends)


@cache
def vertical() -> Figure:
    """Draw the vertical table's figure once for all tests."""
    return vertical_figure(data.vertical_rows(), data.skipped_settings(), OBJECTIVE)


@cache
def scale_out() -> Figure:
    """Draw the curves against replica count once for all tests."""
    return scale_out_figure(data.scale_out_rows(), OBJECTIVE)


@cache
def cost() -> Figure:
    """Draw the figure at equal cost once for all tests."""
    rows = data.vertical_rows()
    return equal_cost_figure(rows, data.prices(rows), OBJECTIVE)


@cache
def headline() -> Figure:
    """Draw the answer's figure once for all tests."""
    rows = data.vertical_rows()
    return headline_figure(rows, rows[3], OBJECTIVE)


@cache
def trial() -> Figure:
    """Draw the page of a trial that holds once for all tests."""
    return trial_page(data.an_evidence(), data.a_judgement())


@pytest.mark.parametrize(
    ("draw", "title", "labels"),
    [
        (vertical, "the smallest is 0.6 CPU / 256 MiB", ["(ms, log)", "(share)"]),
        (scale_out, "holds with 3 replicas", ["(ms, log)", "(share)", "replicas"]),
        (cost, "is the cheapest that holds", ["(ms, log)", "cost per hour (USD)"]),
        (headline, "The least that holds: 0.6 CPU / 256 MiB", ["(cores, log)", "(MiB, log)"]),
        (trial, "0.5 CPU / 300 MiB holds 10,000 users", ["(ms, log)", "(cores)", "(MiB)"]),
    ],
)
def test_title_is_the_message_and_axes_have_units(
    draw: Callable[[], Figure], title: str, labels: list[str]
) -> None:
    """A reader learns the message from the title, and the units from the axes."""
    figure = draw()
    written = " ".join(figure.get_suptitle().replace("\xa0", " ").split())
    assert title in written
    axis_labels = " ".join(f"{a.get_xlabel()} {a.get_ylabel()}" for a in figure.axes)
    assert [label for label in labels if label not in axis_labels] == []
    assert "500 ms" in texts(figure)


def test_objective_is_drawn_in_every_panel_of_latency() -> None:
    """The objective is a line at 500 ms, and one at 0.1% of failures."""
    assert lines_at(vertical().axes[0], 500.0, "x") == 1
    assert lines_at(vertical().axes[1], 0.001, "x") == 1
    curves = scale_out()
    assert [lines_at(axes, 500.0, "y") for axes in curves.axes[:2]] == [1, 1]
    assert [lines_at(axes, 0.001, "y") for axes in curves.axes[2:]] == [1, 1]
    assert lines_at(cost().axes[0], 500.0, "y") == 1
    assert lines_at(trial().axes[2], 500.0, "y") == 1


def test_infinite_latency_lies_on_the_edge_named_no_answer() -> None:
    """What never answered is drawn beyond every answer, not dropped."""
    scale = canvas.latency_scale([10.0, math.inf], OBJECTIVE)
    assert scale.high < scale.place(math.inf) < scale.top
    assert math.isnan(scale.place(None))
    for figure in (vertical(), scale_out(), cost()):
        assert "no answer" in texts(figure)
        xy = [line.get_xydata() for axes in figure.axes for line in axes.get_lines()]
        assert all(np.isfinite(np.asarray(points)).all() for points in xy)


def test_settings_that_were_skipped_or_not_measured_stay_on_the_figure() -> None:
    """Missing is said, with its reason, never left out."""
    written = texts(vertical())
    assert "skipped: this host has 2 CPUs, the setting asks for 4" in written
    assert "no latency was measured" in written
    assert "fails: out of memory" in written


@pytest.mark.parametrize("replicas", [5, 8])
def test_trial_page_with_any_number_of_replicas(replicas: int) -> None:
    """Every replica is a line; above five they share one name. Blank throttling says so."""
    evidence = data.an_evidence(replicas, counters=False)
    figure = trial_page(evidence, data.a_judgement())
    memory = figure.axes[4]
    solid = [line for line in memory.get_lines() if len(line.get_xdata()) > 10]  # type: ignore[arg-type]
    assert len(solid) == replicas
    assert "not reported" in texts(figure)
    assert "throttled periods: not reported" in trial_page_alt(evidence, data.a_judgement())
    assert ("each of 8 replicas" in texts(figure)) is (replicas == 8)
    assert [p for p in ("ramp", "settle", "hold") if p not in texts(figure).split("\n")] == []


def test_trial_page_marks_containers_that_died_early() -> None:
    """The kill is named where it happened, and the line ends in a cross."""
    judgement = data.a_judgement(Verdict.FAILS, "out_of_memory", 0.83)
    evidence = data.an_evidence(2, died_at_s=18)
    figure = trial_page(evidence, judgement)
    assert "oom replica 1" in texts(figure)
    crosses = [line for line in figure.axes[3].get_lines() if line.get_marker() == "X"]
    assert len(crosses) == 2
    assert "oom at 18 s" in trial_page_alt(evidence, judgement)


def test_trial_page_of_empty_tables() -> None:
    """A trial without one sample or answer still has a page."""
    whole = data.an_evidence()
    empty = dataclasses.replace(
        whole,
        generator=whole.generator.head(0),
        docker_stats=whole.docker_stats.head(0),
        trial=dataclasses.replace(
            whole.trial, phases=dataclasses.replace(whole.trial.phases, spawned_s=None)
        ),
    )
    nothing = Interval(math.nan, math.nan, math.nan)
    judgement = dataclasses.replace(data.a_judgement(Verdict.INVALID), slow_share=nothing)
    figure = trial_page(empty, judgement)
    assert "ramp, never complete" in texts(figure)
    assert trial_message(empty, judgement)[1] == "No request fell into the hold window."
    assert "not reported" in trial_page_alt(empty, judgement)


def test_figures_of_nothing_say_so() -> None:
    """No data makes a figure that says there is none."""
    assert "no setting was asked for" in texts(vertical_figure([], [], OBJECTIVE))
    assert "no replica count was measured" in texts(scale_out_figure({}, OBJECTIVE))
    assert "nothing was measured" in texts(headline_figure([], None, OBJECTIVE))
    assert "both a latency and a price" in texts(equal_cost_figure([], {}, OBJECTIVE))


def test_nothing_holds_is_a_message_too() -> None:
    """Without a holding setting no minimum is claimed."""
    rows = [r for r in data.vertical_rows() if r.verdict is Verdict.FAILS]
    prices = data.prices(rows)
    assert "No measured setting is shown to hold" in headline_figure_alt(rows, None, OBJECTIVE)
    assert "No priced setting" in equal_cost_figure_alt(rows, prices, OBJECTIVE)
    assert "not shown to hold" in scale_out_figure_alt({"small": rows}, OBJECTIVE)
    assert "No measured setting" in vertical_figure_alt(rows, [], OBJECTIVE)


def test_headline_names_replicas_aside_and_draws_equal_points_once() -> None:
    """Settings of several replicas are listed; a row given twice is one mark."""
    single = data.a_row(0.6, 256)
    rows: list[Row] = [single, single, data.a_row(0.25, 200, 3)]
    figure = headline_figure(rows, single, OBJECTIVE)
    assert "3 x 0.25 CPU / 200 MiB" in texts(figure)
    assert texts(figure).count("0.6 / 256") == 1


def test_labels_of_close_points_do_not_overlap() -> None:
    """Seven settings within a hair's breadth can all be read."""
    rows = [data.a_row(0.5 + step / 100, 256 + step) for step in range(7)]
    figure = headline_figure(rows, rows[0], OBJECTIVE)
    labels = [t for t in figure.axes[0].texts if "/" in t.get_text()]
    boxes = [Text.get_window_extent(label) for label in labels]  # the text without its line
    clashes = [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    assert len(boxes) == 7
    assert clashes == []


def test_verdicts_differ_in_shape_and_sign_not_in_colour_alone() -> None:
    """Grey print and colour blindness lose nothing."""
    looks = LOOKS.values()
    for attribute in ("colour", "marker", "hatch", "sign"):
        assert len({getattr(look, attribute) for look in looks}) == len(Verdict)


def test_dollar_signs_are_no_formula() -> None:
    """A reason with dollar signs is drawn as it is."""
    skipped = [
        dataclasses.replace(data.skipped_settings()[0], reason="costs $5_{ or $\\frac$ an hour")
    ]
    assert "costs $5_{ or $\\frac$" in texts(vertical_figure([], skipped, OBJECTIVE))
