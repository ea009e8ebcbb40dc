"""A recorded grid gives back what was recorded, trial by trial."""

import math
from pathlib import Path

import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.problem import Begun, truth
from loadtests.comparison.recorded import read_grid
from loadtests.comparison.strategies import GRID, OURS
from loadtests.errors import RecordError
from loadtests.question import Setting
from loadtests.verdicts import Forecast, Verdict
from tests.comparison.problems import USUAL_ROWS, failing_row, trial_row, write_grid

LEAST = Setting(0.2, 100)


def test_a_setting_tells_after_each_trial_what_was_recorded_after_it(tmp_path: Path):
    """Undecided, undecided, holds; and the last again when asked for more."""
    grid = read_grid(write_grid(tmp_path))
    told = [grid.finding(LEAST, [Begun(0.0)] * trials).verdict for trials in (1, 2, 3, 4)]
    assert told == [Verdict.UNDECIDED, Verdict.UNDECIDED, Verdict.HOLDS, Verdict.HOLDS]


def test_repeats_are_put_in_order_whatever_the_order_of_the_lines(tmp_path: Path):
    """Lines may have been sorted by anything."""
    grid = read_grid(write_grid(tmp_path, tuple(reversed(USUAL_ROWS))))
    assert [trial.repeat for trial in grid.trials[LEAST]] == [1, 2, 3]


def test_the_truth_is_the_cheapest_that_holds_by_all_its_trials(tmp_path: Path):
    """Two cells hold in the end."""
    assert truth(read_grid(write_grid(tmp_path)), Prices().per_hour) == LEAST


def test_a_failing_trial_counts_with_the_seconds_until_it_would_have_been_stopped_early(
    tmp_path: Path,
):
    """10 s for a kill; 50 s are saved."""
    grid = read_grid(write_grid(tmp_path))
    finding = grid.finding(Setting(0.4, 50), [Begun(0.0)])
    assert (finding.load_s, finding.oom_killed) == (10.0, True)
    assert grid.trials[Setting(0.4, 50)][0].saved_s == 50.0


@pytest.mark.parametrize(
    ("ended", "own", "false"),
    [("true", "holds", True), ("true", "undecided", True), ("true", "fails", False),
     ("false", "holds", False)],
)  # fmt: skip
def test_an_early_stop_is_false_where_the_whole_trial_does_not_fail(
    tmp_path: Path, ended: str, own: str, false: bool
):
    """Undecided to its end is no failure either."""
    row = failing_row(0.1, 100, ended_early=ended, own_verdict=own)
    grid = read_grid(write_grid(tmp_path, (USUAL_ROWS[0], row, *USUAL_ROWS[2:])))
    assert grid.trials[Setting(0.1, 100)][0].falsely_ended is false


def test_the_staircase_is_replayed_as_recorded(tmp_path: Path):
    """0.2 CPU is the least level that passed, 80 MiB in use; a level may not report its CPU."""
    grid = read_grid(write_grid(tmp_path))
    screening = grid.staircase()
    assert screening.forecast == Forecast(0.2, 80.0, pytest.approx(math.sqrt(0.2 * 0.1)))
    assert screening.load_s == 58.5
    assert grid.levels[-1].cpu_cores is None


def test_a_search_finds_the_recorded_least(tmp_path: Path):
    """The full grid through two undecided trials; ours where none is in doubt."""
    clear = (*USUAL_ROWS[:3], trial_row(0.2, 100, "holds"), *USUAL_ROWS[6:])
    for strategy, rows in ((GRID, USUAL_ROWS), (OURS, clear)):
        grid = read_grid(write_grid(tmp_path, rows))
        assert strategy.run(grid, Prices().per_hour).answer == LEAST, strategy.name


def test_a_grid_with_a_hole_is_refused_by_name(tmp_path: Path):
    """A search could step into it."""
    with pytest.raises(RecordError, match=r"0\.4 CPU / 100 MiB"):
        read_grid(write_grid(tmp_path, USUAL_ROWS[:-1]))


@pytest.mark.parametrize("name", ["grid.json", "trials.csv", "staircase.csv"])
def test_a_grid_without_one_of_its_files_is_refused(tmp_path: Path, name: str):
    """They belong together."""
    write_grid(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(RecordError, match="together"):
        read_grid(tmp_path)


def test_a_word_that_is_no_truth_is_refused(tmp_path: Path):
    """It would be read as false."""
    row = failing_row(0.1, 100, short_of_memory="yes")
    with pytest.raises(RecordError, match="yes"):
        read_grid(write_grid(tmp_path, (USUAL_ROWS[0], row, *USUAL_ROWS[2:])))


def test_what_holds_below_a_setting_that_fails_is_not_taken_for_the_truth(tmp_path: Path):
    """0.2 CPU / 50 MiB holds though 0.4 CPU / 50 MiB fails: noise, or more makes it worse."""
    rows = (*USUAL_ROWS[:2], trial_row(0.2, 50, "holds"), *USUAL_ROWS[3:])
    grid = read_grid(write_grid(tmp_path, rows))
    assert grid.contradictions == [(Setting(0.2, 50), Setting(0.4, 50))]
    assert not grid.truly_holds(Setting(0.2, 50))
    assert truth(grid, Prices().per_hour) == LEAST
