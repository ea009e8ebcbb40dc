"""The log of forecasts, read from runs."""

from dataclasses import replace

import pytest

from loadtests.question import Setting
from loadtests.record import TRIAL_JSON, trial_folder
from loadtests.studies.forecast_log import read_forecasts
from loadtests.studies.manifest import Manifest, write_manifest
from loadtests.studies.minimum_search import read_minimum_search
from tests.analysis.records import QUESTION, evidence, steady_ms, write
from tests.analysis.staircases import staircase
from tests.told import TARGET, notes

LEAST, LESS = Setting(0.3, 300), Setting(0.25, 500)
SLOW = {"latency": steady_ms(5.0, 0.4)}


def write_run(run, less=SLOW, stairs="stairs", started_at="2026-11-26T07:34:41+00:00"):
    """Write a run whose staircase passes at 0.3 CPU, and whose trials say the same."""
    trials = {"held": (LEAST, {})} | ({} if less is None else {"less": (LESS, less)})
    for key, (setting, given) in trials.items():
        write(evidence(setting=setting, key=key, **given), trial_folder(run, key))
    climbed = staircase()
    trial = replace(climbed.trial, key=stairs, started_at=started_at)
    write(replace(climbed, trial=trial), trial_folder(run, stairs))
    search = replace(notes((0.25, 0.3, 1.0), (300, 500)), staircase=stairs)
    settings = tuple(setting for setting, _ in trials.values())
    part = Manifest("vertical", QUESTION, TARGET, settings, tuple(trials), search=search)
    write_manifest(run, part)


@pytest.fixture
def runs(tmp_path):
    """An empty folder of runs."""
    return tmp_path / "runs"


def test_every_run_is_compared_the_oldest_first(tmp_path, runs):
    write_run(runs / "later", stairs="b", started_at="2026-11-27T07:00:00+00:00")
    write_run(tmp_path / "example", stairs="a")
    log = read_forecasts(runs, tmp_path / "example")
    assert [run for run, _ in log.made] == ["example", "later"]
    made = log.made[0][1]
    assert (made.found_cpus, made.failing_cpus) == (0.3, 0.25)
    assert (made.error, made.inside) == (0.0, True)
    assert made.law_cpus == pytest.approx(100 * 0.0003 / 0.8, rel=0.05)
    assert log.left_out == ()


def test_a_run_that_the_example_was_made_of_is_counted_once(tmp_path, runs):
    write_run(runs / "report")
    write_run(tmp_path / "example")
    log = read_forecasts(runs, tmp_path / "example")
    assert [run for run, _ in log.made] == ["example"]
    assert log.left_out == (("report", "the same as example"),)


def test_what_cannot_be_compared_is_left_out_and_said_so(tmp_path, runs):
    (runs / "model").mkdir(parents=True)
    write_run(runs / "open", less=None)  # nothing below the least is known to fail
    write_run(runs / "torn")
    (trial_folder(runs / "torn", "held") / TRIAL_JSON).write_text("{")
    log = read_forecasts(runs, tmp_path / "example")
    assert log.made == ()
    said = dict(log.left_out)
    assert said["example"] == "no search for the least"
    assert said["model"] == "no search for the least"
    assert "not a whole record" in said["torn"]
    assert [*said] == ["example", "model", "open", "torn"]


def test_without_a_folder_of_runs_there_is_the_example(tmp_path, runs):
    write_run(tmp_path / "example")
    assert len(read_forecasts(runs, tmp_path / "example").made) == 1


def test_a_search_tells_its_forecast_and_how_far_off_it_was(runs):
    write_run(runs / "mine")
    said = read_minimum_search(runs / "mine").calibration_sentences()
    assert said[2].startswith("The least CPU is forecast to be 0.2")
    assert said[3].startswith(
        "Trials found 0.3 CPU (0.25 fails): the forecast was right to the step"
    )
    assert said[4].startswith("The line through the ramp-up said")
