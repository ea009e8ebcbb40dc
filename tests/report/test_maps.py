"""The frontier's grid and the figure of users: each says what it shows and how that is known."""

from matplotlib.patches import Rectangle

from loadtests.analysis.frontier import Cell, Unknown
from loadtests.question import SLO, Setting
from loadtests.report.plots.cells import DASHED
from loadtests.report.plots.frontier import (
    ASSUMPTION,
    frontier_figure,
    frontier_figure_alt,
)
from loadtests.report.plots.loads import loads_figure, loads_figure_alt
from loadtests.report.style import LOOKS
from loadtests.search.capacity import RATE
from loadtests.verdicts import Verdict
from tests.analysis.cells import CELLS, LEAST
from tests.analysis.records import row

DEFAULT_SLO = SLO()


def texts(figure):
    """Return all texts on a figure."""
    found = figure.findobj(lambda a: hasattr(a, "get_text"))
    return [text.get_text().replace("\xa0", " ") for text in found]


def test_the_frontier_has_a_cell_for_each_setting_and_says_the_answer():
    figure = frontier_figure(CELLS, LEAST, DEFAULT_SLO)
    assert len(figure.axes[0].patches) == len(CELLS) + 1, "and a frame around the least"
    shown = texts(figure)
    assert any("The least that holds: 0.25 CPU / 200 MiB" in text for text in shown)
    assert {"holds\n20 ms", "fails\nCPU", "undecided"} <= set(shown)
    assert {"not needed", "holds, inferred", "fails, measured", "the least"} <= set(shown)
    assert any("6 settings: 2 " in text for text in shown)
    assert "0.2 CPU / 200 MiB fails: CPU throttled" in frontier_figure_alt(
        CELLS, LEAST, DEFAULT_SLO
    )


def test_where_nothing_holds_no_cell_is_framed():
    failing = [cell for cell in CELLS if cell.verdict is not Verdict.HOLDS]
    figure = frontier_figure(failing, None, DEFAULT_SLO)
    assert len(figure.axes[0].patches) == len(failing)
    assert any("No setting is shown to hold" in text for text in texts(figure))


def test_steps_far_from_measured_ones_are_left_out_and_said_to_be():
    cpus, memory = [n / 10 for n in range(1, 11)], [100 * n for n in range(1, 11)]
    rows = {
        Setting(0.3, 200): row(0.3, 200),
        Setting(0.3, 900): row(0.3, 900, verdict=Verdict.FAILS, cause="refused"),
    }
    cells = [
        Cell(Setting(c, m), Verdict.HOLDS, rows.get(Setting(c, m))) for c in cpus for m in memory
    ]
    figure = frontier_figure(cells, rows[Setting(0.3, 200)], DEFAULT_SLO)
    drawn = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert drawn == ["0.1", "0.2", "0.3", "0.4", "0.5"]
    drawn = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert drawn == ["100", "200", "300", "800", "900", "1,000", "⋮"], "the gap is marked"
    frames = 1 + 2  # around the least, and around two that contradict each other
    assert len(figure.axes[0].patches) == 5 * 6 + frames
    described = frontier_figure_alt(cells, rows[Setting(0.3, 200)], DEFAULT_SLO)
    assert "Only steps near measured ones are drawn" in described
    assert "from 0.1 to 1 CPU and from 100 to 1,000 MiB" in described


def test_inferred_cells_are_said_to_rest_on_an_assumption():
    assert ASSUMPTION in texts(frontier_figure(CELLS, LEAST, DEFAULT_SLO))
    assert ASSUMPTION in frontier_figure_alt(CELLS, LEAST, DEFAULT_SLO)
    measured = [cell for cell in CELLS if cell.row is not None]
    assert ASSUMPTION not in texts(frontier_figure(measured, LEAST, DEFAULT_SLO))


def test_cells_that_contradict_the_assumption_are_marked_and_named():
    larger = row(0.25, 300, verdict=Verdict.FAILS, cause="cpu_throttled")
    cells = [*CELLS, Cell(larger.setting, Verdict.FAILS, larger)]
    figure = frontier_figure(cells, None, DEFAULT_SLO)
    dashed = [
        patch.get_xy()
        for patch in figure.axes[0].patches
        if isinstance(patch, Rectangle) and patch.get_linestyle() == DASHED
    ]
    assert dashed == [(0.5, 0.5), (0.5, 1.5)], "0.25 CPU with 200 and with 300 MiB"
    shown = texts(figure)
    assert "contradicts the assumption" in shown
    said = "0.25 CPU / 200 MiB holds, yet the larger 0.25 CPU / 300 MiB fails."
    assert any(said in text.replace("\n", " ") for text in shown)
    assert said in frontier_figure_alt(cells, None, DEFAULT_SLO)
    assert "contradicts the assumption" not in texts(frontier_figure(CELLS, LEAST, DEFAULT_SLO))


def test_cells_between_two_that_contradict_each_other_are_unclear_in_figure_and_words():
    unclear = Cell(Setting(0.3, 300), None, None, Unknown.UNCLEAR)
    figure = frontier_figure([*CELLS, unclear], LEAST, DEFAULT_SLO)
    assert "unclear" in [text.get_text() for text in figure.axes[0].texts]
    assert {"unclear", "not needed"} <= {text.get_text() for text in figure.legends[0].get_texts()}
    assert "1 unclear, 1 not needed." in frontier_figure_alt([*CELLS, unclear], None, DEFAULT_SLO)
    needed = [*(cell for cell in CELLS if cell.row), unclear]
    assert "not needed" not in texts(frontier_figure(needed, LEAST, DEFAULT_SLO))
    assert "unclear" not in texts(frontier_figure(CELLS, LEAST, DEFAULT_SLO))


def legend(figure):
    return {text.get_text() for text in figure.legends[0].get_texts()}


def in_cells(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_what_is_cheaper_than_the_answer_is_never_called_needless():
    """It is ruled out by what is expected of it, or it is open: each has its word and its shade."""
    seldom = Cell(Setting(0.2, 250), None, None, Unknown.TOO_SELDOM)
    left_open = Cell(Setting(0.3, 250), None, None, Unknown.OPEN)
    figure = frontier_figure([*CELLS, seldom, left_open], LEAST, DEFAULT_SLO)
    assert {"too seldom", "open"} <= set(in_cells(figure))
    assert {"expected to hold too seldom", "left open"} <= legend(figure)
    said = "1 expected to hold too seldom, 1 left open, 1 not needed."
    assert said in frontier_figure_alt([*CELLS, seldom, left_open], LEAST, DEFAULT_SLO)
    faces = [patch.get_facecolor() for patch in figure.legends[0].get_patches()]
    assert len(set(faces)) >= len({*LOOKS}) + 1, "a shade of its own"
    without = legend(frontier_figure(CELLS, LEAST, DEFAULT_SLO))
    assert not {"expected to hold too seldom", "left open"} & without


def test_a_setting_that_held_and_is_not_shown_to_be_reliable_is_drawn_and_named_as_such():
    lucky = row(0.2, 300, reliability=0.6, is_reliable=False)
    cells = [*CELLS, Cell(lucky.setting, Verdict.HOLDS, lucky)]
    figure = frontier_figure(cells, LEAST, DEFAULT_SLO)
    assert in_cells(figure).count("held\n20 ms") == 1
    assert in_cells(figure).count("holds\n20 ms") == 1, "the answer alone"
    assert "held, not shown to be reliable" in legend(figure)
    said = "0.2 CPU / 300 MiB held, but by all trials is not shown to hold often enough."
    assert said in frontier_figure_alt(cells, LEAST, DEFAULT_SLO)


def test_what_its_own_trials_left_undecided_is_drawn_so_whatever_others_tell_of_it():
    doubtful = row(0.3, 300, verdict=Verdict.UNDECIDED)
    cells = [*CELLS, Cell(doubtful.setting, Verdict.HOLDS, doubtful)]
    assert in_cells(frontier_figure(cells, LEAST, DEFAULT_SLO)).count("undecided") == 2
    assert "2 undecided" in frontier_figure_alt(cells, LEAST, DEFAULT_SLO)


def test_a_grid_without_any_trial_is_drawn_whole():
    cells = [Cell(Setting(c / 10, m), None, None) for c in range(1, 6) for m in (100, 200)]
    assert len(frontier_figure(cells, None, DEFAULT_SLO).axes[0].patches) == 10


def test_users_are_drawn_with_the_slo_and_the_most_that_are_held():
    rows = {
        10_000: row(0.25, 200),
        12_000: row(0.25, 200, verdict=Verdict.FAILS, p95_ms=float("inf"), cause="cpu_throttled"),
    }
    figure = loads_figure(rows, Setting(0.25, 200), DEFAULT_SLO)
    shown = texts(figure)
    assert any("0.25 CPU / 200 MiB holds 10,000 users" in text for text in shown)
    assert {"10,000\n(1 trial)", "12,000\n(1 trial)", "concurrent users"} <= set(shown)
    described = loads_figure_alt(rows, Setting(0.25, 200), DEFAULT_SLO)
    assert "12,000 users: fails: CPU throttled" in described


def test_a_rate_is_drawn_in_the_unit_it_is_asked_in():
    """An arrival may make several requests, so it is not their rate."""
    figure = loads_figure({15.0: row(0.25, 200)}, Setting(0.25, 200), DEFAULT_SLO, RATE.noun)
    assert figure.axes[1].get_xlabel() == "arrivals/s"
    assert any("0.25 CPU / 200 MiB holds 15 arrivals/s" in text for text in texts(figure))


def test_a_setting_that_holds_nobody_is_told():
    assert "not shown to hold any" in loads_figure_alt({}, Setting(0.25, 200), DEFAULT_SLO)
    assert loads_figure({}, Setting(0.25, 200), DEFAULT_SLO)
