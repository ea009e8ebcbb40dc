"""The figure of a setting's trials: one mark each with its interval, against the SLO."""

import math

import numpy as np

from loadtests.analysis.spread import Spread, SpreadTrial
from loadtests.question import SLO
from loadtests.report.plots.spread import spread_figure, spread_figure_alt, spread_message
from loadtests.verdicts import Verdict
from tests.report import plot_data as data
from tests.report.test_plots import lines_at, marks_at, texts


def trial(p95_ms: float | None, verdict: Verdict = Verdict.HOLDS, steady_s: float = 30.0):
    """A trial with that p95."""
    return SpreadTrial(data.a_row(0.4, 200, p95_ms=p95_ms, verdict=verdict, trials=1), steady_s)


FOUND = Spread((trial(44.0), trial(68.0, Verdict.UNDECIDED), trial(50.0, steady_s=120.0)))


def test_each_trial_is_one_mark_at_its_p95_with_its_own_interval():
    axes = spread_figure(FOUND, SLO()).axes[0]
    assert [marks_at(axes, place, "y") for place in range(3)] == [[44.0], [68.0], [50.0]]
    bars = [
        tuple(np.asarray(line.get_xdata()))
        for line in axes.get_lines()
        if len(line.get_xdata()) == 2 and line.get_linewidth() == 6
    ]
    assert bars == [t.row.p95_range_ms for t in FOUND.trials]


def test_the_slo_is_a_line_and_the_axis_has_its_unit():
    axes = spread_figure(FOUND, SLO()).axes[0]
    assert lines_at(axes, 500.0, "x") == 1
    assert axes.get_xlabel() == "p95 in steady state (ms, log)"


def test_the_title_tells_how_far_trials_of_each_length_lie_apart():
    figure = spread_figure(FOUND, SLO())
    said = spread_message(FOUND)
    assert (
        said
        == "p95 of 0.4 CPU / 200 MiB, 2 trials of 30 s: 44 ms to 68 ms; 1 trial of 120 s: 50 ms"
    )
    assert said in " ".join(figure.get_suptitle().replace("\xa0", " ").split())


def test_each_trial_is_named_by_number_and_length_and_has_its_verdict():
    written = texts(spread_figure(FOUND, SLO()))
    for words in ("1 (30 s)", "3 (120 s)", "? undecided", "✓ holds"):
        assert words in written


def test_an_invalid_trial_and_one_without_a_p95_are_drawn_and_counted_out():
    stopped, void = trial(None, Verdict.FAILS), trial(30.0, Verdict.INVALID)
    found = Spread((trial(44.0), stopped, void))
    axes = spread_figure(found, SLO()).axes[0]
    assert all(len(marks_at(axes, place, "y")) == 1 for place in range(3))
    assert marks_at(axes, 1, "y")[0] > 500.0, "beyond every answer"
    assert spread_message(found).endswith("2 trials of 30 s: 44 ms")
    assert spread_message(Spread((void,))).endswith("no valid trial")


def test_what_was_never_answered_lies_beyond_every_answer():
    axes = spread_figure(Spread((trial(44.0), trial(math.inf))), SLO()).axes[0]
    (beyond,) = marks_at(axes, 1, "y")
    assert 500.0 < beyond < axes.get_xlim()[1]


def test_without_a_trial_it_says_so():
    assert "no trial was measured" in texts(spread_figure(Spread(()), SLO()))
    assert spread_figure_alt(Spread(()), SLO()).endswith("Nothing measured.")


def test_it_is_told_in_words_too():
    said = spread_figure_alt(FOUND, SLO())
    assert "trial 2, 30 s: undecided, p95 68 ms (95% interval 41-129)" in said
    assert "p95 ≤ 500 ms" in said
