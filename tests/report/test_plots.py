"""Figures say what they show, draw the SLO, and lose nothing: infinite, blank or many."""

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from loadtests.analysis.evidence import Evidence, Interval, Row, Skipped
from loadtests.question import SLO, Setting
from loadtests.report.plots import scales
from loadtests.report.plots import vertical as vertical_plot
from loadtests.report.plots.cost import FRAME_PT, cost_figure, cost_figure_alt, cost_message
from loadtests.report.plots.loads import loads_figure
from loadtests.report.plots.plane import plane_figure, plane_figure_alt
from loadtests.report.plots.scale_out import scale_out_figure, scale_out_figure_alt
from loadtests.report.plots.trial import trial_message, trial_page, trial_page_alt
from loadtests.report.plots.vertical import vertical_figure, vertical_figure_alt
from loadtests.report.style import LOOKS, SAVE_DPI
from loadtests.verdicts import Verdict
from tests.analysis.records import row
from tests.report import plot_data as data

DEFAULT_SLO = SLO()


def texts(figure: Figure) -> str:
    """Return all text on a figure, ordinary spaces throughout."""
    found = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]  # type: ignore[attr-defined]
    return "\n".join(found).replace("\xa0", " ")


def lines_at(axes: Axes, value: float, which: str) -> int:
    """Count the lines of a panel that run along one value of an axis."""
    ends = [getattr(line, f"get_{which}data")() for line in axes.get_lines()]
    return sum(len(e) == 2 and list(e) == [value, value] for e in ends)


def marks_at(axes: Axes, at: float, which: str) -> list[float]:
    """Return where the marks of one setting lie on the latency axis."""
    other = "y" if which == "x" else "x"
    return [
        float(value)
        for line in axes.get_lines()
        for own, value in zip(
            getattr(line, f"get_{which}data")(), getattr(line, f"get_{other}data")(), strict=True
        )
        if own == at and value >= 0 and line.get_linestyle() == "None"
    ]


@cache
def vertical() -> Figure:
    """Draw the vertical table's figure once for all tests."""
    rows = data.vertical_rows()
    return vertical_figure(rows, data.skipped_settings(), DEFAULT_SLO, rows[3])


@cache
def scale_out() -> Figure:
    """Draw the curves against replica count once for all tests."""
    return scale_out_figure(data.scale_out_rows(), DEFAULT_SLO)


@cache
def cost() -> Figure:
    """Draw cost against latency once for all tests."""
    rows = data.vertical_rows()
    return cost_figure(rows, data.prices(rows), DEFAULT_SLO)


@cache
def headline() -> Figure:
    """Draw the answer's figure once for all tests."""
    rows = data.vertical_rows()
    return plane_figure(rows, rows[3], DEFAULT_SLO)


@cache
def trial() -> Figure:
    """Draw the page of a trial that holds once for all tests."""
    return trial_page(data.an_evidence(), data.a_judgement())


@pytest.mark.parametrize(
    ("draw", "title", "labels"),
    [
        (
            vertical,
            "4 of 8 settings hold; the cheapest is 0.6 CPU / 256 MiB",
            ["steady state (ms, log)", "error rate (whole trial)"],
        ),
        (
            scale_out,
            "holds with 3 replicas",
            ["(ms, log)", "(whole trial)", "replicas"],
        ),
        (cost, "is the cheapest that holds", ["(ms, log)", "cost per hour (USD, log)"]),
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


def test_the_slo_is_drawn_in_every_panel() -> None:
    """It is a line at 500 ms, and one at an error rate of 0.1%."""
    assert lines_at(vertical().axes[0], 500.0, "x") == 1
    assert lines_at(vertical().axes[1], 0.001, "x") == 1
    curves = scale_out()
    assert [lines_at(axes, 500.0, "y") for axes in curves.axes[:2]] == [1, 1]
    assert [lines_at(axes, 0.001, "y") for axes in curves.axes[2:]] == [1, 1]
    assert lines_at(cost().axes[0], 500.0, "y") == 1
    assert lines_at(trial().axes[2], 500.0, "y") == 1


def test_infinite_latency_lies_on_the_edge_named_no_answer() -> None:
    """What never answered is drawn beyond every answer, not dropped."""
    scale = scales.latency_scale([10.0, math.inf], DEFAULT_SLO)
    assert scale.high < scale.place(math.inf) < scale.top
    assert math.isnan(scale.place(None))
    for figure in (vertical(), scale_out()):
        assert "no answer" in texts(figure).replace("no\nanswer", "no answer")
        xy = [line.get_xydata() for axes in figure.axes for line in axes.get_lines()]
        assert all(np.isfinite(np.asarray(points)).all() for points in xy)


def test_settings_that_were_skipped_or_not_measured_stay_on_the_figure() -> None:
    """Missing is said, with its reason, never left out."""
    written = texts(vertical())
    assert "skipped: this host has 2 CPUs, the setting asks for 4" in written
    assert "not measured" in written
    assert "fails: OOM-killed" in written


def test_a_trial_stopped_in_its_ramp_up_is_a_mark_on_the_edge_and_has_no_percentile() -> None:
    """Only its verdict and when it was stopped are drawn: no p50, p95, p99 and no interval."""
    stopped, holds = data.stopped_row(), data.a_row(0.2, 150, 2, p95_ms=3.0)
    sides = vertical_figure([stopped, data.a_row(1, 500)], [], DEFAULT_SLO, None)
    counts = scale_out_figure({"0.2 CPU / 150 MiB": [stopped, holds]}, DEFAULT_SLO)
    users = loads_figure({9_000: holds, 10_000: stopped}, stopped.setting, DEFAULT_SLO)
    for figure, which, at in ((sides, "y", 0), (counts, "x", 1), (users, "x", 10_000)):
        edge = scales.row_scale([stopped, holds], DEFAULT_SLO).high
        drawn = marks_at(figure.axes[0], at, which)
        assert len(drawn) == 1, "its verdict alone"
        assert drawn[0] > edge
        assert "stopped at 16 s" in texts(figure)
        assert "no\nanswer" not in texts(figure)
        assert "no answer" not in texts(figure)
    described = scale_out_figure_alt({"small": [stopped]}, DEFAULT_SLO)
    assert "p95 not measured (stopped at 16 s)" in described


def test_no_line_joins_replica_counts_across_a_change_of_verdict() -> None:
    """A line from a failing count to a holding one would cross the SLO where nothing was measured.

    Between counts of one verdict there is a thin guide, and none to what was not measured.
    """
    rows = [
        data.a_row(0.2, 150, 1, Verdict.FAILS, "cpu_throttled", 900.0, 0.01),
        data.a_row(0.2, 150, 2, p95_ms=9.0),
        data.a_row(0.2, 150, 3, p95_ms=8.0),
        data.a_row(0.2, 150, 5, Verdict.UNDECIDED, None, 480.0),
    ]
    latency, errors = scale_out_figure({"small": rows}, DEFAULT_SLO).axes
    for axes in (latency, errors):
        spans = [list(np.asarray(line.get_xdata())) for line in axes.get_lines()]
        joined = [ends for ends in spans if len(ends) > 1 and len(set(ends)) > 1 and ends[0] >= 1]
        assert joined == ([[2, 3]] if axes is latency else [])


def test_each_mark_says_of_how_many_trials_it_is() -> None:
    """Once for all where the number is the same, else beside each."""
    one, three = data.a_row(0.2, 150, 1, trials=1), data.a_row(0.2, 150, 2, trials=3)
    same = texts(scale_out_figure({"small": [one]}, DEFAULT_SLO))
    assert "Each mark is the p95 of 1 trial in steady state." in same
    mixed = texts(scale_out_figure({"small": [one, three]}, DEFAULT_SLO))
    assert "2\n(3 trials)" in mixed
    assert "holds (3 trials)" in texts(vertical_figure([one, three], [], DEFAULT_SLO, None))
    assert "(3 trials)" in texts(loads_figure({10: three}, three.setting, DEFAULT_SLO))


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
    assert {"ramp-up", "warm-up", "steady state"} <= set(texts(figure).split("\n"))


def test_trial_page_marks_containers_that_died_early() -> None:
    """The kill is named where it happened, and the line ends in a cross."""
    judgement = data.a_judgement(Verdict.FAILS, "out_of_memory", 0.83)
    evidence = data.an_evidence(2, died_at_s=18)
    figure = trial_page(evidence, judgement)
    named = [text.get_text() for text in figure.axes[0].texts]
    assert "replica 1 OOM-killed" in named, "in the top panel, where no line is"
    assert "ended" not in texts(figure), "an OOM kill says that it ended"
    crosses = [line for line in figure.axes[3].get_lines() if line.get_marker() == "X"]
    assert len(crosses) == 2
    assert "replica 1 OOM-killed at 18 s" in trial_page_alt(evidence, judgement)


def stopped_early() -> Evidence:
    """Return a trial stopped early 0.4 s into its steady state, in which 90 requests failed."""
    whole = data.an_evidence()
    phases = dataclasses.replace(whole.trial.phases, steady_end_s=30.4)
    report = dataclasses.replace(
        whole.trial.generator, stopped_early="90 requests had failed", failures=90
    )
    return dataclasses.replace(
        whole,
        trial=dataclasses.replace(whole.trial, phases=phases, generator=report),
        generator=whole.generator[whole.generator.time_s <= 30],
        requests=pd.DataFrame(
            {"start_s": 20.3, "latency_ms": 10_000.0, "outcome": ["timeout"] * 90}
        ),
    )


def test_trial_page_tells_of_an_early_stop_and_of_no_share_of_its_steady_state() -> None:
    """A steady state of which nearly nothing was seen has no share of slow requests."""
    judgement = data.a_judgement(Verdict.FAILS, "cpu_throttled", 0.7)
    opening, measured = trial_message(stopped_early(), judgement)
    assert opening.endswith("fails under 10,000 users: CPU throttled; stopped early")
    assert measured == "Early stop after 30 of 60 s: 90 requests had failed."
    figure = trial_page(stopped_early(), judgement)
    assert "stopped early: 90 requests had failed" in texts(figure)
    described = trial_page_alt(stopped_early(), judgement)
    assert "slower than" not in described
    assert "In the steady state" not in described


def test_failures_that_ended_a_trial_are_drawn() -> None:
    """They came after the generator's last full second."""
    figure = trial_page(stopped_early(), data.a_judgement(Verdict.FAILS))
    failing = next(line for line in figure.axes[1].get_lines() if "failed" in line.get_label())
    assert "90 in all" in failing.get_label()
    assert list(np.asarray(failing.get_xdata())[-1:]) == [30.4]
    assert np.asarray(failing.get_ydata())[-1] == pytest.approx(90 / 0.4)


def test_samples_after_the_load_are_not_drawn() -> None:
    """The last sample of a container that is removed has no memory."""
    whole = data.an_evidence()
    phases = dataclasses.replace(whole.trial.phases, steady_end_s=59.5)
    stats = whole.docker_stats.copy()
    stats.loc[stats.time_s == 60.0, "memory_mib"] = 0.0
    trial = dataclasses.replace(whole.trial, phases=phases)
    figure = trial_page(
        dataclasses.replace(whole, trial=trial, docker_stats=stats), data.a_judgement()
    )
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[4].get_lines()]
    assert min(values.min() for values in drawn if len(values) > 10) > 0


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
    assert "ramp-up, never complete" in texts(figure)
    assert trial_message(empty, judgement)[1] == "No request fell into the steady state."
    assert "not reported" in trial_page_alt(empty, judgement)


def test_figures_of_nothing_say_so() -> None:
    """No data makes a figure that says there is none."""
    assert "no setting was measured" in texts(vertical_figure([], [], DEFAULT_SLO, None))
    assert "no replica count was measured" in texts(scale_out_figure({}, DEFAULT_SLO))
    assert "nothing was measured" in texts(plane_figure([], None, DEFAULT_SLO))
    assert "both a latency and a price" in texts(cost_figure([], {}, DEFAULT_SLO))


def test_cost_is_drawn_against_p95_for_all_that_was_measured() -> None:
    """What fails is a point like what holds; what has no latency is named under the message."""
    rows = [*data.vertical_rows(), data.a_row(0.2, 150, 3, p95_ms=8.0), data.stopped_row()]
    prices = data.prices(rows)
    figure = cost_figure(rows, prices, DEFAULT_SLO)
    axes, written = figure.axes[0], texts(figure).replace("\n", " ")
    measured = [row for row in rows if row.p95_ms is not None]
    assert [len(marks_at(axes, prices[row], "x")) for row in measured] == [1] * 7 + [2]
    framed = [line for line in axes.get_lines() if line.get_markersize() == FRAME_PT]
    assert [list(np.asarray(line.get_xdata())) for line in framed] == [[prices[rows[8]]]]
    assert "several replicas" in written
    assert "not drawn: 0.6 CPU / 128 MiB (invalid) and 0.2 CPU / 150 MiB (stopped at 16 s)" in (
        written
    )
    labels = [text.get_text() for text in axes.texts]
    assert "0.45 CPU / 256 MiB\nCPU throttled" in labels


@pytest.mark.parametrize(
    ("several_mib", "says"),
    [
        (300, "At equal cost (within 10%) both hold"),
        (340, "At equal cost (within 10%) both hold"),
        (2000, "0.5 CPU / 300 MiB (0.0213 USD/h, p95 14 ms) is the cheapest that holds"),
    ],
)
def test_equal_cost_is_said_only_within_a_tenth(several_mib: int, says: str) -> None:
    """A setting that costs more than a tenth more is not compared at equal cost."""
    rows = [data.a_row(0.5, 300), data.a_row(0.25, several_mib // 2, 2, p95_ms=3.0)]
    said = cost_message(rows, data.prices(rows), "USD")
    assert says in said
    assert ("qual cost" in said) is (several_mib < 2000)


def test_what_is_contradicted_is_named_and_not_called_the_cheapest() -> None:
    """A larger setting fails, so the smaller one's holding may be noise."""
    rows = [
        data.a_row(0.2, 200),
        data.a_row(0.25, 300, 1, Verdict.FAILS, "cpu_throttled", 900.0),
        data.a_row(1, 500),
    ]
    assert "1 CPU / 500 MiB" in cost_message(rows, data.prices(rows), "USD")
    described = cost_figure_alt(rows, data.prices(rows), DEFAULT_SLO)
    assert "Contradicted by a larger setting that fails: 0.2 CPU / 200 MiB." in described


def test_nothing_holds_is_a_message_too() -> None:
    """Without a holding setting no minimum is claimed."""
    rows = [r for r in data.vertical_rows() if r.verdict is Verdict.FAILS]
    prices = data.prices(rows)
    assert "No measured setting is shown to hold" in plane_figure_alt(rows, None, DEFAULT_SLO)
    assert "No priced setting" in cost_figure_alt(rows, prices, DEFAULT_SLO)
    assert "not shown to hold" in scale_out_figure_alt({"small": rows}, DEFAULT_SLO)
    assert "No measured setting" in vertical_figure_alt(rows, [], DEFAULT_SLO, None)


def test_headline_names_replicas_aside_and_draws_equal_points_once() -> None:
    """Settings of several replicas are listed; a row given twice is one mark."""
    single = data.a_row(0.6, 256)
    rows: list[Row] = [single, single, data.a_row(0.25, 200, 3)]
    figure = plane_figure(rows, single, DEFAULT_SLO)
    assert "3 x 0.25 CPU / 200 MiB" in texts(figure)
    assert texts(figure).count("0.6 / 256") == 1
    assert "With several replicas, 1 of 1 settings hold" in texts(figure)


def test_the_plane_says_what_is_inferred_and_names_what_contradicts_it() -> None:
    """Shaded parts rest on an assumption, which two measured settings may contradict."""
    assumed = "Shaded: inferred, assuming that more CPU or memory never makes a service worse."
    holds = data.a_row(0.2, 400, p95_ms=271.0)
    alone = plane_figure([holds], holds, DEFAULT_SLO)
    assert assumed in texts(alone).replace("\n", " ")
    assert "contradicts" not in texts(alone)
    larger = data.a_row(0.2, 500, 1, Verdict.FAILS, "cpu_throttled", 900.0)
    assert texts(plane_figure([holds, larger], None, DEFAULT_SLO)).count("contradicts") == 2
    unclear = "Where both shades lie it is unclear: a smaller setting holds, a larger one fails."
    assert unclear in plane_figure_alt([holds, larger], None, DEFAULT_SLO)
    assert unclear not in plane_figure_alt([holds], holds, DEFAULT_SLO)
    assert assumed in plane_figure_alt([holds], holds, DEFAULT_SLO)


def test_headline_has_ticks_only_where_something_was_measured() -> None:
    """A tick between steps would look like one; of those too close together the first stays."""
    rows = [data.a_row(0.2, 200), data.a_row(0.201, 400), data.a_row(0.25, 200)]
    axes = plane_figure(rows, rows[0], DEFAULT_SLO).axes[0]
    assert list(axes.get_xticks()) == [0.2, 0.25]
    assert list(axes.get_yticks()) == [200, 400]


def test_labels_of_close_points_do_not_overlap() -> None:
    """Seven settings within a hair's breadth can all be read."""
    rows = [data.a_row(0.5 + step / 100, 256 + step) for step in range(7)]
    figure = plane_figure(rows, rows[0], DEFAULT_SLO)
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
    assert "costs $5_{ or $\\frac$" in texts(vertical_figure([], skipped, DEFAULT_SLO, None))


def test_of_very_many_settings_those_at_the_edge_are_drawn_and_the_others_counted(monkeypatch):
    monkeypatch.setattr(vertical_plot, "MOST_ROWS", 10)
    rows = [row(0.01 * n, 300, p95_ms=10.0 * n) for n in range(1, 1001)]
    skipped = [Skipped(Setting(64, 300), "the host has 2 CPUs")]
    figure = vertical_figure(rows, skipped, DEFAULT_SLO, rows[0])
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(names) == 10
    assert {"0.01 CPU / 300 MiB", "0.5 CPU / 300 MiB"} <= set(names), "the answer, and the edge"
    told = "Not drawn, far from the edge or skipped: 991 settings."
    written = " ".join(texts(figure).split())
    assert told in written
    assert "1000 of 1000 settings hold" in written
    assert told in vertical_figure_alt(rows, skipped, DEFAULT_SLO, rows[0])


def test_as_many_settings_as_are_drawn_make_an_image():
    """Beyond 65,536 pixels on a side matplotlib refuses."""
    assert SAVE_DPI * vertical_plot.ROW_IN * vertical_plot.MOST_ROWS < 2**15
