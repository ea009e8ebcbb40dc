"""Each search finds the least setting where there is no noise, and pays what it says."""

import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.problem import SearchRun, truth
from loadtests.comparison.strategies import GRID, OURS, STRATEGIES, Strategy
from loadtests.question import Setting
from loadtests.verdicts import Forecast
from tests.comparison.problems import SPACE, PlainProblem

COST = Prices().per_hour
BY_NAME = {strategy.name: strategy for strategy in STRATEGIES}
# Those whose trials are drawn from a model of the plane come near.
EXACT = [s for s in STRATEGIES if s.name not in ("Bayesian (Optuna)", "Gaussian process")]
# Those that go by verdicts, and make one more trial of a setting only where it is not decided.
BY_VERDICT = [BY_NAME[name] for name in ("full grid", "linear", "binary per axis", "hill climbing")]


@pytest.mark.parametrize("strategy", EXACT, ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("cpus", "memory_mib", "what"),
    [
        (0.4, 150, "within the grid"),
        (0.1, 50, "all hold, so the smallest is the least"),
        (0.8, 300, "only the largest holds"),
        (0.1, 300, "little CPU, all memory"),
        (0.8, 50, "all CPU, little memory"),
    ],
)
def test_the_least_setting_is_found_where_there_is_no_noise(
    strategy: Strategy, cpus: float, memory_mib: int, what: str
):
    """CPU and memory needed independently: the corner is the least for every search."""
    outcome = strategy.run(PlainProblem(cpus, memory_mib), COST)
    assert outcome.answer == Setting(cpus, memory_mib), what


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_where_nothing_holds_no_search_gives_an_answer(strategy: Strategy):
    """More CPU is needed than there is."""
    problem = PlainProblem(cpus=2.0)
    assert truth(problem, COST) is None
    assert strategy.run(problem, COST).answer is None


@pytest.mark.parametrize(
    "strategy", [*BY_VERDICT, BY_NAME["Bayesian (Optuna)"]], ids=lambda s: s.name
)
def test_an_undecided_setting_is_asked_three_times_and_not_more(strategy: Strategy):
    """A setting that never tells is left by every search, and is nobody's answer."""
    least = Setting(0.4, 150)
    outcome = strategy.run(PlainProblem(undecided=((least, 99),)), COST)
    assert outcome.answer != least
    search_run = SearchRun(PlainProblem(undecided=((least, 99),)))
    strategy.search(search_run, COST)
    assert search_run.known.trials(least) in (0, 3)


@pytest.mark.parametrize("strategy", BY_VERDICT, ids=lambda s: s.name)
def test_a_setting_that_tells_at_the_third_trial_is_found(strategy: Strategy):
    """Two undecided trials of the least setting cost time, and no more."""
    least = Setting(0.4, 150)
    plain = strategy.run(PlainProblem(), COST)
    outcome = strategy.run(PlainProblem(undecided=((least, 2),)), COST)
    assert outcome.answer == least
    assert outcome.trials == plain.trials + 2
    assert outcome.load_s == plain.load_s + 120


def test_the_full_grid_measures_every_setting_once():
    """35 settings: 12 hold (60 s), 23 do not (20 s)."""
    outcome = GRID.run(PlainProblem(), COST)
    assert outcome.trials == len(SPACE.cells)
    assert outcome.load_s == 12 * 60 + 23 * 20


def test_linear_goes_up_each_axis_from_its_least():
    """0.1 to 0.4 CPU with all memory, then 50 to 150 MiB: the last was not asked before."""
    search_run = SearchRun(PlainProblem())
    BY_NAME["linear"].search(search_run, COST)
    assert [finding.setting for finding in search_run.findings] == [
        Setting(0.1, 300), Setting(0.2, 300), Setting(0.3, 300), Setting(0.4, 300),
        Setting(0.4, 50), Setting(0.4, 100), Setting(0.4, 150),
    ]  # fmt: skip


def test_halving_asks_a_logarithm_of_the_steps():
    """Seven steps of CPU in three questions, five of memory in two."""
    search_run = SearchRun(PlainProblem())
    BY_NAME["binary per axis"].search(search_run, COST)
    assert [finding.setting for finding in search_run.findings] == [
        Setting(0.4, 300), Setting(0.2, 300), Setting(0.3, 300),
        Setting(0.4, 150), Setting(0.4, 100),
    ]  # fmt: skip


def test_hill_climbing_leaves_the_middle_upwards_until_something_holds():
    """The middle fails, its neighbour up both axes holds, and less memory does not."""
    search_run = SearchRun(PlainProblem(0.5, 200))
    BY_NAME["hill climbing"].search(search_run, COST)
    assert [finding.setting for finding in search_run.findings[:2]] == [
        Setting(0.4, 150), Setting(0.5, 200),
    ]  # fmt: skip
    assert search_run.least_held(COST).setting == Setting(0.5, 200)


def test_bayesian_search_is_the_same_every_time_and_asks_no_setting_twice():
    """Noise is seeded; a setting proposed again costs nothing."""
    first, second = SearchRun(PlainProblem()), SearchRun(PlainProblem())
    for search_run in (first, second):
        BY_NAME["Bayesian (Optuna)"].search(search_run, COST)
    asked = [finding.setting for finding in first.findings]
    assert first.findings == second.findings
    assert len(asked) == len(set(asked)) > 5
    assert asked[0] == SPACE.ample


def test_ours_pays_for_its_staircase():
    """Beyond its trials, the 70 s of it."""
    search_run = SearchRun(PlainProblem(), reads_speed=True)
    answer = OURS.search(search_run, COST)
    assert answer.setting == Setting(0.4, 150)
    assert search_run.load_s == 70 + sum(finding.load_s for finding in search_run.findings)


def test_only_ours_reads_the_speed_of_the_cpu_and_says_how_reliable_its_answer_is():
    """Of those that go by verdicts or by margins on one axis none can."""
    stating = {s.name for s in STRATEGIES if s.run(PlainProblem(), COST).stated is not None}
    assert [s.name for s in STRATEGIES if s.reads_speed] == [OURS.name]
    assert stating == {OURS.name, "Gaussian process"}


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        (Forecast(0.1, 50.0), "far too low"),
        (Forecast(0.8, 300.0), "far too high"),
        (Forecast(0.3, 150.0), "a step of CPU too low"),
        (Forecast(0.4, 250.0), "memory too high"),
    ],
)
def test_ours_finds_the_least_in_spite_of_a_wrong_forecast(expected: Forecast, what: str):
    """It costs trials, not the answer."""
    outcome = OURS.run(PlainProblem(expected=expected), COST)
    assert outcome.answer == Setting(0.4, 150), what
    assert outcome.trials > 3
