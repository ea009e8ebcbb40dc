"""The page on what analysing many trials costs says what was measured, and no more."""

import pytest

from loadtests.analysis.analysis_cost import Analysed, AnalysisCost, Goals
from loadtests.analysis.growth import growth
from loadtests.question import Workload
from loadtests.report.analysis_cost import MadeOf, growth_sentence, page
from loadtests.report.plots.analysis_cost import analysis_cost_figure

SIZES = (50, 100, 200, 500, 1000)
MADE = MadeOf(Workload(), 7, 54_321.0, "2026-11-27", 2, "AMD EPYC")


def measured(each_s: float = 0.03, sizes: tuple[int, ...] = SIZES) -> AnalysisCost:
    """Two processes of each size."""
    found = [
        Analysed(n, s + 1, s, 250.0, {"read and judge": each_s * n, "pages": 3.5}, pages=7)
        for n in sizes
        for s in (3 + each_s * n, 3.01 + each_s * n)
    ]
    return AnalysisCost(tuple(found), Goals(1000, 60.0, 1000.0))


def test_the_page_says_what_the_most_trials_took_and_that_this_is_the_goal():
    text = page(measured(), MADE)
    assert "**1,000 trials took 34.0 s and 250 MiB**" in text
    assert "60 s and 1,000 MiB are the goal: met." in text
    assert "| 1,000 | 2 | 34.0 | 34.0 | 33.0 | 250 |" in text
    assert "54,321 requests" in text


def test_a_goal_that_is_missed_is_said_to_be():
    assert "are the goal: not met." in page(measured(each_s=0.09), MADE)


def test_a_goal_that_was_not_measured_is_said_to_be_open():
    text = page(measured(sizes=(50, 100, 200, 500)), MADE)
    assert "1,000 trials were not measured, so nothing is said of the goal." in text


def test_what_a_page_for_each_setting_costs_is_told_since_that_grows_with_settings():
    assert "0.50 s of CPU each" in page(measured(), MADE)


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (lambda n: 3 + 0.03 * n, "CPU time is linear in the number of trials: 3.0 s, and 30.0 ms"),
        (lambda n: 3 + 1e-4 * n**2, "CPU time grows faster than the number of trials"),
        (lambda n: n**0.6, "CPU time grows slower than the number of trials"),
    ],
)
def test_the_growth_is_said_with_its_bend_and_what_is_called_linear(law, says):
    sizes = SIZES * 2
    off = (1.001, 0.999)
    told = growth_sentence(growth(sizes, [law(n) * off[i % 2] for i, n in enumerate(sizes)]))
    assert told.startswith(says)
    assert "is called linear where that lies within 10%" in told


def test_the_figure_tells_time_and_memory_of_the_most_trials():
    figure = analysis_cost_figure(measured())
    (title,) = [figure.get_suptitle()]
    assert "1,000 trials are read, judged and drawn in 34 s, 33 s of CPU, with 250 MiB" in " ".join(
        title.split()
    )
    time, memory = figure.axes
    assert (time.get_ylabel(), memory.get_ylabel()) == ("CPU time (s)", "memory at most (MiB)")
    assert [len(line.get_xdata()) for line in memory.lines] == [10, 2]
