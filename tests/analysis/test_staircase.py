"""A live staircase, level by level."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.calibration import calibrate
from loadtests.analysis.staircase import at_level, level_rows
from loadtests.question import SLO
from loadtests.record import dump_trial, read_trial
from loadtests.report.plots.staircase import staircase_figure, staircase_figure_alt
from tests.analysis.records import write
from tests.analysis.staircases import USERS, staircase


def test_each_level_is_judged_by_its_own_seconds():
    rows = level_rows(staircase(slow_level=2))
    assert [row.cpus for row in rows] == [1.0, 0.4, 0.3, 0.25]
    assert [row.passes for row in rows] == [True, True, False, False]
    assert rows[1].p95_ms < 20
    assert rows[2].p95_ms > 1000
    assert rows[0].slow_share == 0
    assert rows[3].slow_share > 0.9


def test_levels_told_while_running_and_rows_read_afterwards_agree():
    given = staircase()
    for seen, row in zip(given.trial.steps, level_rows(given), strict=True):
        assert seen.passes(SLO()) is row.passes
        assert seen.requests == pytest.approx(
            (row.rps or 0) * (row.steady_end_s - row.steady_start_s), rel=0.02
        )


def test_a_level_is_a_trial_of_its_own_setting():
    given = staircase()
    at = at_level(given, given.trial.steps[2])
    assert at.trial.setting.cpus == 0.3
    assert at.trial.phases.steady_start_s == given.trial.steps[2].steady_start_s


def test_a_staircase_is_written_and_read_like_a_trial(tmp_path):
    given = staircase()
    read = read_trial(write(given, tmp_path))
    assert read == given.trial
    assert dump_trial(read) == dump_trial(given.trial)


def test_the_figure_says_where_the_knee_is_and_names_every_level():
    given = staircase(slow_level=2)
    figure = staircase_figure(given)
    texts = [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]
    assert any("0.4 CPU was the least that met the SLO" in text for text in texts)
    for limit in ("✓ 1 CPU", "✓ 0.4 CPU", "✗ 0.3 CPU", "✗ 0.25 CPU"):
        assert limit in texts
    described = staircase_figure_alt(given)
    assert "0.3 CPU: p95" in described
    assert "fails" in described


def test_a_staircase_of_users_is_told_in_users():
    given = staircase(slow_level=9)
    steps = [
        replace(step, cpus=1.0, users=USERS // 4 * number)
        for number, step in enumerate(given.trial.steps, 1)
    ]
    given = replace(given, trial=replace(given.trial, steps=tuple(steps)))
    assert "1,000 users were the most that met the SLO" in staircase_figure_alt(given)
    assert staircase_figure(given).axes


def test_a_staircase_that_failed_at_once_is_drawn_too():
    given = staircase(cpus=(1.0,), slow_level=0)
    assert "Not even the first level" in staircase_figure_alt(given)
    assert staircase_figure(given).axes
    assert math.isfinite(calibrate(given).peak_mib)
