"""Predictions of held-out trials, as tables and as a figure."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Interval
from loadtests.analysis.held_out import HeldOut
from loadtests.analysis.held_out_sentences import nothing, sentences
from loadtests.analysis.prediction_score import Compared, Figure
from loadtests.analysis.predictors import (
    MEMORY_LINE,
    THROTTLED_QUEUE,
    UTILISATION_LAW,
    Unfitted,
)
from loadtests.report import figures
from loadtests.report.plots.predictions import (
    predictions_figure,
    predictions_figure_alt,
    predictions_message,
)
from loadtests.report.predictions import (
    latency_curve,
    latency_curve_sentences,
    predictions_table,
    scores_table,
)
from tests.analysis.observations import seen
from tests.report.test_plots import texts
from tests.report.test_throttled_curve import curve

NOTHING = HeldOut(1, (seen(),), (), {}, {})


def said(predictor, figure, measured, predicted, low=None, high=None, cpus=0.5, replicas=1):
    """One prediction of one trial."""
    bounds = Interval(predicted, low or 0.9 * predicted, high or 1.1 * predicted)
    trial = seen(cpus, replicas)
    return Compared(predictor, figure, trial, bounds, Interval(measured, measured, measured))


def held_out():
    """Seven settings, each predicted by two predictors; the last lies beyond the knee."""
    compared = []
    for replicas in range(1, 7):
        compared += [
            said(UTILISATION_LAW, Figure.P95, 5.0, 9.0, replicas=replicas),
            said(THROTTLED_QUEUE, Figure.P95, 5.0, 5.5, replicas=replicas),
            said(THROTTLED_QUEUE, Figure.CAPACITY, 1000.0, 1200.0, replicas=replicas),
            said(MEMORY_LINE, Figure.MEMORY, 100.0, 101.0, replicas=replicas),
        ]
    compared.append(said(THROTTLED_QUEUE, Figure.P95, 1200.0, 300.0, cpus=0.07))
    trials = tuple({each.trial.key: each.trial for each in compared}.values())
    return HeldOut(1, trials, tuple(compared), {}, {})


@pytest.fixture(scope="module")
def figure():
    """The figure of them."""
    return predictions_figure(held_out())


def test_scores_say_what_was_aimed_at_and_whether_it_was_missed():
    shown = scores_table(held_out())._repr_html_()
    for text in ("a factor of 1.80", "a factor of 1.50 at most", "no: missed", "yes", "20%",
                 "10% at most", "nothing"):  # fmt: skip
        assert text in shown, text


def test_each_held_out_trial_has_a_line_with_every_predictor():
    shown = predictions_table(held_out(), Figure.P95)._repr_html_()
    assert shown.count("<tr>") == 1 + 7
    for text in ("utilisation law", "throttled queue", "9 (x1.80)", "5.5 (x1.10)", "5 to 6.1",
                 "300 (x0.25)", "beyond the knee", "nothing", "1,000 users"):  # fmt: skip
        assert text in shown, text
    assert "scalability law" not in shown


def test_a_prediction_without_a_spread_says_so():
    one = said(MEMORY_LINE, Figure.MEMORY, 100.0, 101.0, math.nan, math.nan)
    shown = predictions_table(HeldOut(1, (one.trial,), (one,), {}, {}), Figure.MEMORY)
    assert "interval not known" in shown._repr_html_()


def test_a_bound_that_only_failures_reach_is_no_number():
    one = said(THROTTLED_QUEUE, Figure.P95, 100.0, 101.0)
    open_end = replace(one, measured=Interval(100.0, 90.0, math.inf))
    shown = predictions_table(HeldOut(1, (one.trial,), (open_end,), {}, {}), Figure.P95)
    assert "90 to no answer" in shown._repr_html_()


def test_too_few_are_no_median():
    one = said(THROTTLED_QUEUE, Figure.CAPACITY, 100.0, 101.0)
    shown = scores_table(HeldOut(1, (one.trial,), (one,), {}, {}))._repr_html_()
    assert "too few" in shown
    assert "not known" in shown


def test_the_figure_has_a_panel_for_each_figure_and_a_mark_for_each_prediction(figure):
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "p95 below the knee (ms)", "p95 beyond the knee (ms)", "capacity (requests/s)",
        "memory peak (MiB)",
    ]  # fmt: skip
    marks = [
        sum(line.get_marker() not in ("None", None, "") for line in axes.get_lines())
        for axes in figure.axes
    ]
    assert marks == [12, 1, 6, 6]


def test_right_predictions_lie_on_the_line_and_the_band_is_a_factor_of_one_and_a_half(figure):
    axes = figure.axes[2]
    line = axes.get_lines()[0]
    assert list(line.get_xdata()) == list(line.get_ydata())
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    ratios = {round(float(y / x), 6) for x, y in corners}
    assert ratios == {1.5, round(1 / 1.5, 6)}
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_what_lies_beyond_the_knee_is_drawn_open(figure):
    axes = figure.axes[1]
    open_marks = [
        line for line in axes.get_lines()
        if line.get_marker() not in ("None", None, "") and line.get_markerfacecolor() == "#ffffff"
    ]  # fmt: skip
    assert [list(line.get_xdata()) for line in open_marks] == [[1200.0]]
    assert "Open marks lie beyond the knee" in predictions_figure_alt(held_out())


def test_the_message_names_the_nearest_predictor_of_each_figure():
    assert predictions_message(held_out()) == (
        "Held-out trials, median error: p95 below the knee within a factor of 1.10 (throttled "
        "queue); capacity within 20% (throttled queue); memory peak within 1% (line of memory)"
    )


def test_it_is_told_in_words_too(figure):
    told = predictions_figure_alt(held_out())
    assert "p95 by throttled queue: 5.5 predicted, 5 measured" in told
    for name in (UTILISATION_LAW, THROTTLED_QUEUE, MEMORY_LINE):
        assert name in texts(figure)


def test_without_cpu_to_spare_there_is_a_sentence_and_no_curve():
    why = "Latency against the CPU limit was not computed: no trial had CPU to spare."
    none = Unfitted("no trial had CPU to spare")
    assert latency_curve(none) is None
    assert latency_curve_sentences(none) == [why]


def test_a_curve_is_shown_with_its_sentences():
    assert "<img" in latency_curve(curve())._repr_html_()
    assert latency_curve_sentences(curve()) == curve().sentences


def test_without_a_held_out_trial_sentences_alone_say_so():
    assert sentences(NOTHING) == [nothing(NOTHING)]
    shown = (figures.predictions(NOTHING), scores_table(NOTHING))
    assert not any((*shown, *(predictions_table(NOTHING, what) for what in Figure)))
