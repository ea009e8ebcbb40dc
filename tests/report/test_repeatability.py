"""The page on what makes trials differ, and its figure, from a table of trials."""

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.speed import FIXED_WORK, GENERATOR_CPU, explain
from loadtests.question import Question
from loadtests.report.plots.repeatability import gauges_figure
from loadtests.report.repeatability import conclusion, page, read_trials


def table(drifts_together=True):
    """Twelve trials of each of two settings on a drifting CPU."""
    rng = np.random.default_rng(3)
    rows = []
    for setting in ("1 CPU / 300 MiB", "4 x 0.3 CPU / 200 MiB"):
        for number in range(12):
            drift = np.exp(rng.normal(0, 0.2))
            seen = drift if drifts_together else np.exp(rng.normal(0, 0.2))
            rows.append(
                {
                    "started_at": f"2026-01-01T00:{number:02d}:00+00:00",
                    "cpu_model": "AMD EPYC",
                    "setting": setting,
                    "neighbour": ("nobody", "busy loop", "cache thrashing")[number % 3],
                    "verdict": "holds",
                    "p95_ms": 20.0,
                    "service_cpu_ms": 0.3 * drift,
                    "generator_cpu_ms": 0.4 * seen * np.exp(rng.normal(0, 0.1)),
                    "work_us": 350.0 * seen * np.exp(rng.normal(0, 0.03)),
                    "pinned_us": 400.0 * np.exp(rng.normal(0, 0.2)),
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture
def path(tmp_path):
    """The table as it is stored."""
    table().to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def test_the_page_names_the_gauge_that_explains_most_with_its_figures(path):
    trials = read_trials(path)
    text = page(trials, table(), Question())
    best = explain(trials, FIXED_WORK)
    assert f"The {FIXED_WORK} explains most" in text
    assert f"{best.ratio.estimate:.2f} times" in text
    assert text.count(f"\n| {FIXED_WORK} |") == 5
    assert len(text.split("## Every trial")[1].strip().splitlines()) == 2 + 24


def test_where_no_gauge_is_proven_nothing_is_scaled(tmp_path):
    table(drifts_together=False).to_csv(tmp_path / "t.csv", index=False)
    trials = read_trials(tmp_path / "t.csv")
    said = conclusion([explain(trials, gauge) for gauge in (GENERATOR_CPU, FIXED_WORK)])
    assert said.startswith("No gauge provably makes the spread smaller")


def test_a_trial_without_a_figure_is_left_out(tmp_path):
    given = table()
    given.loc[0, "service_cpu_ms"] = np.nan
    given.loc[1, "pinned_us"] = np.nan
    given.to_csv(tmp_path / "t.csv", index=False)
    trials = read_trials(tmp_path / "t.csv")
    assert len(trials) == 23
    assert sum(len(trial.gauges) for trial in trials) == 3 * 23 - 1


def test_the_figure_has_a_panel_a_gauge_and_a_mark_a_trial(path):
    figure = gauges_figure(read_trials(path))
    panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert len(panels) == 3
    assert all(len(axes.lines) == 1 + 24 for axes in panels)
