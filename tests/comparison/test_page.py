"""The page and the figure say what was found, and leave out what was not recorded."""

import re
import sys
from pathlib import Path

import pytest
from matplotlib.text import Text

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.comparison.conditions import USUAL, Conditions, simulate, summed_up
from loadtests.comparison.page import page
from loadtests.comparison.plot import strategies_figure, strategies_message
from loadtests.comparison.replay import Replay
from loadtests.comparison.score import best_rival
from loadtests.comparison.strategies import GRID, OURS, STRATEGIES
from loadtests.errors import RecordError
from loadtests.jobs.strategies import TRY_FROM, compare, main, replayed
from tests.comparison.problems import USUAL_ROWS, failing_row, trial_row, write_grid

COST = Prices().per_hour
NAMES = [strategy.name for strategy in STRATEGIES]
EVEN = Conditions(2.0, 0.0)


@pytest.fixture(scope="module")
def simulated():
    """Every search on four services, and its scores, said to be of two conditions."""
    made = simulate(STRATEGIES, range(4), USUAL, COST)
    return made, {USUAL: summed_up(made), EVEN: summed_up(made)}


@pytest.fixture(scope="module")
def scores(simulated):
    return simulated[1][USUAL]


def replay(folder: Path, rows=USUAL_ROWS) -> Replay:
    """Every search on a small recorded grid."""
    made = replayed(write_grid(folder, rows))
    assert made is not None
    return made


def test_every_table_has_a_line_for_every_search_and_as_many_cells_as_its_head(simulated, tmp_path):
    """Searches, simulated under two conditions, recorded."""
    text = page(*simulated, replay(tmp_path))
    tables = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        lines = table.strip().splitlines()
        assert len({line.count("|") for line in lines}) == 1
        assert [line.split("|")[1].strip(" *") for line in lines[2:]] == NAMES


def test_the_recorded_part_says_where_and_when_and_what_is_the_least(simulated, tmp_path):
    """As grid.json has it."""
    text = page(*simulated, replay(tmp_path))
    assert "2026-11-25 (2 cores, Linux)" in text
    assert "The least that holds is 0.2 CPU / 100 MiB" in text
    assert "6 settings (8 trials)" in text


def test_without_a_recorded_grid_the_page_says_so(simulated):
    """And has no part on stopping early, which needs it."""
    text = page(*simulated, None)
    assert "no grid is recorded" in text
    assert "stopped early" not in text


@pytest.mark.parametrize(
    ("own", "told"),
    [("fails", "**0 of these would have been stopped falsely"), ("undecided", "1 undecided"),
     ("holds", "**1 of these would have been stopped falsely"), ("holds", "1 holds")],
)  # fmt: skip
def test_false_early_stops_are_counted_and_named(simulated, tmp_path, own, told):
    """One of eight trials would have been stopped early; three more were OOM-killed."""
    row = failing_row(0.1, 100, own_verdict=own)
    text = page(*simulated, replay(tmp_path, (USUAL_ROWS[0], row, *USUAL_ROWS[2:])))
    assert "1 of 8 would have been stopped early" in text
    assert told in text


def test_the_time_saved_by_stopping_early_is_told(simulated, tmp_path):
    """One failure at 33 s, of 60 s each: 27 s of 480 s. Kills end a trial by themselves."""
    assert "Stopping early saves 27 s of 8 min 00 s" in page(*simulated, replay(tmp_path))


def test_the_figure_names_every_search_and_no_label_lies_on_another(scores):
    """One point, one label each."""
    figure = strategies_figure(scores, 4)
    labels = [text for text in figure.axes[0].texts if text.get_text().startswith(tuple(NAMES))]
    assert [text.get_text().split("\n")[0] for text in labels] == NAMES
    boxes = [Text.get_window_extent(label) for label in labels]  # without its line
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_message_compares_with_the_best_rival_and_the_full_grid(scores):
    """And with the best rival, whose share of the full grid's time stands beside ours."""
    said = strategies_message(scores)
    for name in (OURS.name, best_rival(scores)):
        assert f"in {formats.share(scores[name].share_of_grid)}" in said
    assert "of the full grid's time" in said


def test_the_share_of_the_full_grid_never_stands_alone_on_the_page(simulated, scores):
    """The best rival's stands in the same sentence."""
    (sentence,) = re.findall(r"In time, the nearest is [^\n]*", page(*simulated, None))
    for name in (OURS.name, best_rival(scores)):
        assert formats.share(scores[name].share_of_grid) in sentence


def test_the_best_rival_is_the_quickest_and_neither_ours_nor_the_grid(scores):
    rivals = {name: s for name, s in scores.items() if name not in (OURS.name, GRID.name)}
    assert rivals[best_rival(scores)].load_s == min(s.load_s for s in rivals.values())


def test_page_and_figure_are_written(tmp_path, capsys):
    """Without a recorded grid, which is said."""
    compare(range(2), tmp_path / "absent", tmp_path / "docs")
    assert (tmp_path / "docs" / "strategies.md").read_text().startswith("# Which search")
    assert (tmp_path / "docs" / "strategies.png").read_bytes().startswith(b"\x89PNG")
    assert "Without the recorded grid" in capsys.readouterr().out


def test_a_torn_recorded_grid_is_no_absent_one(tmp_path):
    """It is refused, not left out."""
    (tmp_path / "grid").mkdir()
    with pytest.raises(RecordError):
        compare(range(1), tmp_path / "grid", tmp_path / "docs")


def test_a_smaller_setting_that_holds_where_a_larger_fails_contradicts_the_assumption(
    simulated, tmp_path
):
    """It does not count as the least."""
    rows = (*USUAL_ROWS[:2], trial_row(0.2, 50, "holds"), *USUAL_ROWS[3:])
    text = page(*simulated, replay(tmp_path, rows))
    assert "contradicted:** 0.2 CPU / 50 MiB holds, though 0.4 CPU / 50 MiB fails" in text
    assert "More never makes" not in text
    assert "The least that holds is 0.2 CPU / 100 MiB" in text


def test_every_condition_has_its_part_and_says_how_much_noise_and_whether_there_is_drift(simulated):
    text = page(*simulated, None)
    assert "### Usual noise, the CPU drifts" in text
    assert "### 2 times the noise, a CPU of even speed" in text


def test_stated_and_true_reliability_stand_beside_each_other_where_one_is_stated(simulated, scores):
    """A search that states none has a dash, and its answers' true one."""
    _, part = page(*simulated, None).split(f"### {USUAL.label.capitalize()[:5]}", 1)
    rows = {line.split("|")[1].strip(" *"): line for line in part.splitlines() if "|" in line}
    mine, grid = scores[OURS.name], scores[GRID.name]
    assert f"{mine.stated:.1%}** | **{mine.reliability:.1%}" in rows[OURS.name]
    assert f"| - | {grid.reliability:.1%} |" in rows[GRID.name]


def test_one_search_can_be_tried_on_services_that_the_page_does_not_use(monkeypatch, capsys):
    """It writes nothing."""
    monkeypatch.setattr(
        sys, "argv", ["strategies", "--only", "ours", "--services", "2", "--noise", "1"]
    )
    assert main() == 0
    said = capsys.readouterr().out
    assert f"{OURS.name}, {USUAL.label}: right " in said
    assert "stated" in said
    assert TRY_FROM > 200
