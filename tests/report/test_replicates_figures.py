"""Figures of several trials: intervals between trials, what has none, and their words."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.loss import Loss
from loadtests.analysis.replicates import Replicated
from loadtests.analysis.staircase import LevelRow
from loadtests.analysis.users_curve import UsersCurve
from loadtests.question import SLO, Setting
from loadtests.report.plots import replicates, users_curve
from loadtests.verdicts import Verdict
from tests.analysis.records import row


def measured(replicas, p95_ms, verdict=Verdict.HOLDS, size=(0.1, 250)):
    """A setting with a p95 for each trial."""
    rows = [row(*size, replicas, p95_ms=p, verdict=verdict) for p in p95_ms]
    return Replicated(row(*size, replicas, verdict=verdict, p95_ms=p95_ms[0]), tuple(rows))


GROUPS = {
    "each 0.1 CPU / 250 MiB": [
        measured(1, (7000.0, math.inf, 6500.0), Verdict.FAILS),
        measured(2, (20.0, 30.0, 25.0)),
        measured(4, (2.0, 2.1, 1.9)),
    ]
}


def bars(axes):
    """Return the ends of the interval bars drawn in a panel, by their place."""
    return [line.get_ydata() for line in axes.get_lines() if line.get_linewidth() == 6]


def test_intervals_between_trials_are_drawn_in_every_panel():
    figure = replicates.replicates_figure(GROUPS, SLO())
    latency, failed, throttled, cpu, memory = figure.axes
    # Of the count with a trial whose p95 nobody reached none is drawn for any of its percentiles.
    assert len(bars(latency)) == 6
    for low, high in bars(latency):
        assert low < high
    assert [len(bars(axes)) for axes in (failed, throttled, cpu, memory)] == [3, 0, 3, 3]


def test_an_interval_within_one_trial_is_never_drawn_in_its_place():
    once = {"each": [measured(1, (20.0,)), measured(2, (5.0,))]}
    figure = replicates.replicates_figure(once, SLO())
    assert [line for axes in figure.axes for line in bars(axes)] == []
    assert "the spread between trials is not known" in replicates.replicates_figure_alt(once, SLO())


def test_words_give_the_interval_of_each_setting():
    told = replicates.replicates_figure_alt(GROUPS, SLO())
    assert "4 x 0.1 CPU / 250 MiB holds (p95 2 ms (1.8-2.3), 0.3 (0.3-0.3) cores, 3 trials)" in told
    assert "each 0.1 CPU / 250 MiB holds with 2 replicas" in told


@pytest.mark.parametrize("groups", [{}, {"each": []}])
def test_without_any_setting_the_figure_says_so(groups):
    assert replicates.replicates_message(groups) == "No replica count was measured"
    assert replicates.replicates_figure(groups, SLO()).axes


def test_splits_of_one_total_are_drawn_below_each_other():
    parts = [measured(4, (4.0, 5.0, 6.0)), measured(1, (2.0, 2.1, 1.9), size=(0.4, 1000))]
    figure = replicates.equal_cost_figure(parts, SLO())
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["0.4 CPU / 1000 MiB", "4 x 0.1 CPU / 250 MiB"]
    assert "Of 0.4 CPU / 1000 MiB in all" in replicates.equal_cost_figure_alt(parts, SLO())
    assert replicates.equal_cost_figure(parts[:1], SLO()).axes


def levels(*rates):
    """Levels of a staircase that answered so many requests a second of the users' 100, 200 …"""
    return tuple(
        LevelRow(
            0.2, 1000 * n, 0, 1, 6, rate >= 95 * n, 2, 2.0 if rate >= 95 * n else 900.0, 0, 0, rate,
            0.1, 0, 1,
        )
        for n, rate in enumerate(rates, 1)
    )  # fmt: skip


def test_the_knee_is_drawn_where_it_is_and_told():
    curve = UsersCurve(Setting(0.2, 200), SLO(), 10.0, levels(100, 150, 150))
    figure = users_curve.users_curve_figure(curve)
    assert len(figure.axes) == 2
    assert "is saturated from about 1,500 users on" in users_curve.users_curve_figure_alt(curve)


def test_no_knee_is_drawn_where_none_was_reached():
    curve = UsersCurve(Setting(0.2, 200), SLO(), 10.0, levels(100, 200))
    users_curve.users_curve_figure(curve)
    told = users_curve.users_curve_message(curve)
    assert told == "0.2 CPU / 200 MiB met the SLO with up to 2,000 users; no knee was reached"


def test_where_a_replica_was_killed_the_figure_and_its_words_say_so():
    lost = Loss(60.0, 3000, "was OOM-killed", "its memory carries no more users")
    curve = UsersCurve(Setting(0.2, 200), SLO(), 10.0, levels(100, 200), lost)
    throughput, latency = users_curve.users_curve_figure(curve).axes
    assert [note.get_text() for note in throughput.texts] == ["OOM-killed"]
    assert [line.get_xdata()[0] for line in latency.get_lines()].count(3000) == 1
    told = users_curve.users_curve_figure_alt(curve)
    assert "met the SLO with up to 2,000 users; with 3,000 a replica was OOM-killed" in told
    assert "3,000 users: was OOM-killed" in told


def test_a_level_below_the_line_that_was_missed_says_so_on_the_figure_and_in_words():
    met, missed = levels(100, 200)
    missed = replace(missed, passes=False, error_rate=0.021)
    curve = UsersCurve(Setting(0.2, 200), SLO(), 10.0, (met, missed))
    latency = users_curve.users_curve_figure(curve).axes[1]
    assert [note.get_text() for note in latency.texts] == ["2.1% failed"]
    assert "2,000 users: 200/s, p95 2 ms, fails (2.1% failed)" in (
        users_curve.users_curve_figure_alt(curve)
    )
