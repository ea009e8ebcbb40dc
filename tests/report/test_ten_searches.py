"""What the page says of ten whole searches, and their figure."""

import pytest

from loadtests.analysis.searches_table import (
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    write_lines,
)
from loadtests.question import Question
from loadtests.report.plots.searches import (
    band_text,
    searches_figure,
    searches_figure_alt,
    searches_message,
)
from loadtests.report.repeatability import page, read_trials
from loadtests.report.ten_searches import TenSearches, read_ten_searches, section
from loadtests.verdicts import Verdict
from tests.report.ten_searches import search, ten, trial
from tests.report.test_plots import texts
from tests.report.test_repeatability import table


def told(searches, trials=None):
    """Return the whole section on some searches."""
    return "\n\n".join(section(TenSearches(searches, trials or [trial(1)])))


def answer(text, question):
    """Return what the table of answers says to a question."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {question}")]
    return line.split("|")[2].strip()


def test_ten_searches_that_agree_are_said_to_do_so():
    found = ten()
    text = told(found.searches, found.trials)
    assert answer(text, "Do all") == "**yes**: 10 of 10 bands share 0.2 to 0.3 CPU"
    assert answer(text, "Is the least") == "**yes**, the same: 0.25 CPU / 200 MiB in 10"
    assert answer(text, "Was a disturbed").startswith("**no**: of 5 trials beside the neighbour")
    assert answer(text, "Did the size") == (
        "**10 of 10** trials of 0.4 CPU / 250 MiB held, the last begun 3 h 00 min after the first"
    )
    assert "So far" not in text


def test_each_search_and_each_trial_has_a_row():
    found = ten()
    overview, trials = told(found.searches, found.trials).split("### The trials")
    assert overview.count("\n| 1") == 2  # 1 and 10
    assert overview.count("| 0.2 to 0.3 CPU | 7 | 8 min 30 s | 0.80 1.00 1.10 | 1 |") == 10
    assert trials.count("\n| ") == 1 + 1 + len(found.trials)


def test_fewer_than_ten_are_said_to_be_so_many():
    assert "**So far 3 of 10 were made.**" in told([search(1), search(2), search(3)])


APART = [
    ({"cpu_step": 5, "least_cpus": 0.3}, "**yes**, 1 step of CPU and 0 steps of memory apart"),
    ({"cpu_step": 6, "least_cpus": 0.4}, "**no**, 2 steps of CPU and 0 steps of memory apart"),
    ({"cpu_step": None, "least_cpus": None}, "**no**, not every search found one"),
]


@pytest.mark.parametrize(("changes", "said"), APART)
def test_answers_are_the_same_or_one_step_away(changes, said):
    assert answer(told([search(1), search(2, **changes)]), "Is the least").startswith(said)


def test_bands_that_contradict_each_other_are_named():
    other = search(2, fails_to_cpus=0.3, holds_from_cpus=0.4)
    assert answer(told([search(1), other]), "Do all") == (
        "**no**: of 2 of 2 bands one says that 0.3 CPU is expected to fail nearly always, another "
        "that 0.3 CPU is to hold so"
    )


def test_a_disturbed_trial_that_was_held_against_a_setting_that_holds_alone_is_told():
    beside = trial(6, cpus=0.3, neighbour_share=1.0)
    said = answer(told([search(1), search(6)], [beside]), "Was a disturbed")
    assert said.startswith("**yes**: of 1 trial beside the neighbour")
    assert said.endswith(
        "1 of them against one that every search alone expects to hold nearly always"
    )


def test_a_size_to_deploy_that_did_not_always_hold_is_told():
    said = answer(told([search(1), search(2, deploy_verdict=Verdict.FAILS)]), "Did the size")
    assert said.startswith("**1 of 2** trials")


def test_what_is_not_known_is_left_open():
    bare = search(
        1, reliability=None, band_memory_mib=None, speed_min=None, speed_median=None,
        speed_max=None, voided_by_speed=None, deploy_verdict=None,
    )  # fmt: skip
    text = told([bare], [trial(1, speed=None)])
    assert answer(text, "Do all") == "no band is known"
    assert answer(text, "Was a disturbed") == "no trial ran beside the neighbour"
    assert answer(text, "Did the size") == "it was not measured"
    assert "| yes | - | - | 7 | 8 min 30 s | - | - | - |" in text


def test_the_page_has_the_section_only_where_searches_were_made(tmp_path):
    table().to_csv(tmp_path / "repeatability.csv", index=False)
    trials = read_trials(tmp_path / "repeatability.csv")
    assert "Ten searches" not in page(trials, table(), Question())
    assert read_ten_searches(tmp_path) is None
    found = ten()
    write_lines(tmp_path / SEARCHES_CSV, SearchLine, found.searches)
    write_lines(tmp_path / TRIALS_CSV, TrialLine, found.trials)
    read = read_ten_searches(tmp_path)
    assert (read.searches, read.trials) == (found.searches, found.trials)
    text = page(trials, table(), Question(), section(read))
    assert text.count("\n## Ten searches\n") == 1


BANDS = [
    ((0.2, 0.3), "0.2 to 0.3 CPU"),
    ((0.2, float("inf")), "0.2 CPU and more"),
    ((0.0, 0.3), "up to 0.3 CPU"),
    ((0.0, float("inf")), "any CPU"),
]


@pytest.mark.parametrize(("band", "said"), BANDS)
def test_a_band_says_which_of_its_ends_are_known(band, said):
    assert band_text(band) == said


def test_the_figure_has_a_bar_and_a_mark_a_search():
    figure = searches_figure(ten().searches)
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel()]
    bars = [line for line in axes.lines if list(line.get_xdata()) == [0.2, 0.3]]
    marks = [line for line in axes.lines if list(line.get_xdata()) == [0.25]]
    assert [bar.get_ydata()[0] for bar in bars] == list(range(1, 11))
    assert [mark.get_marker() for mark in marks] == ["o"] * 5 + ["s"] * 5
    assert axes.get_xscale() == "log"
    assert "The bands of 10 searches share 0.2 to 0.3 CPU" in texts(figure)


def test_an_open_end_of_a_band_has_an_arrow():
    lines = [search(1, fails_to_cpus=None), search(2, holds_from_cpus=None)]
    (axes,) = [axes for axes in searches_figure(lines).axes if axes.get_xlabel()]
    arrows = {(line.get_marker(), line.get_ydata()[0]) for line in axes.lines}
    assert {("<", 1), (">", 2)} <= arrows
    assert not {("<", 2), (">", 1)} & arrows


MESSAGES = [
    ([search(1)], "The bands of 1 search share 0.2 to 0.3 CPU"),
    ([search(1), search(2, fails_to_cpus=0.3)], "Two bands of 2 searches have no CPU in common"),
    ([search(1, band_memory_mib=None)], "1 search: the least CPU found is 0.25"),
    ([search(1, band_memory_mib=None, least_cpus=None)], "1 search: the least CPU found is none"),
]


@pytest.mark.parametrize(("searches", "said"), MESSAGES)
def test_the_figures_message_and_its_words_say_the_same(searches, said):
    assert searches_message(searches) == said
    assert searches_figure_alt(searches).startswith(f"{said}. search 1 (alone)")
