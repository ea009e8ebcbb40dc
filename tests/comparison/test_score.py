"""Answers are told right, near, too small, less reliable and too large; times are summed."""

from dataclasses import dataclass

import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.problem import Answer, Outcome, SearchRun
from loadtests.comparison.score import Attempt, Pairing, attempts, pair, score, wilson
from loadtests.comparison.strategies import GRID, OURS, Strategy
from loadtests.question import Cost, Setting
from tests.comparison.problems import PlainProblem

COST = Prices().per_hour
LEAST = Setting(0.4, 150)


@dataclass(frozen=True)
class NearlyProblem(PlainProblem):
    """One step of CPU below the least, three trials of four hold."""

    def reliability(self, setting: Setting) -> float:
        nearly = setting.cpus == 0.3 and setting.memory_mib >= self.memory_mib
        return 0.75 if nearly else super().reliability(setting)


def answering(setting: Setting | None, stated: float | None = None) -> Strategy:
    """A search that measures nothing and answers all the same."""

    def search(_: SearchRun, __: Cost) -> Answer:
        return Answer(setting, stated)

    return Strategy("answering", "", search)


def tried(setting: Setting | None, problem: PlainProblem, stated: float | None = None) -> Attempt:
    """Return an answer held against the truth."""
    return attempts([answering(setting, stated)], problem, COST)["answering"]


@pytest.mark.parametrize(
    ("answer", "near", "told", "what"),
    [
        (LEAST, True, "right", "the least"),
        (Setting(0.5, 200), True, "too_large", "a step more of each"),
        (Setting(0.3, 150), True, "less_reliable", "a step less of CPU: holds in three of four"),
        (Setting(0.4, 50), False, "too_small", "two steps less of memory: fails"),
        (Setting(0.8, 150), False, "too_large", "far too dear"),
        (None, False, "too_large", "no answer where there is one"),
    ],
)
def test_an_answer_is_one_of_right_too_small_less_reliable_and_too_large(answer, near, told, what):
    """0.4 CPU / 150 MiB is the least."""
    made = tried(answer, NearlyProblem())
    kinds = ("right", "too_small", "less_reliable", "too_large")
    assert [kind for kind in kinds if getattr(made, kind)] == [told], what
    assert made.near is near


def test_no_answer_is_right_where_nothing_holds_and_any_other_is_too_small():
    """More is needed than there is."""
    nothing = PlainProblem(cpus=2.0)
    assert tried(None, nothing).right
    assert tried(Setting(0.8, 300), nothing).too_small


@pytest.mark.parametrize(
    ("answer", "regret"),
    [(LEAST, 0.0), (Setting(0.8, 150), 0.9), (Setting(0.2, 150), -0.45), (None, None)],
)
def test_regret_is_what_an_answer_costs_beyond_the_truth(answer, regret):
    """Of its cost; most of the cost of these is CPU, so twice the CPU is not quite twice of it."""
    made = tried(answer, PlainProblem())
    assert made.regret == (regret if regret is None else pytest.approx(regret, abs=0.1))


def test_the_stated_reliability_is_the_mean_over_answers_beside_what_it_is_in_truth():
    """Two answers, said to hold with 0.9 and 0.8; they do with 1 and with 0.75."""
    made = [tried(LEAST, NearlyProblem(), 0.9), tried(Setting(0.3, 150), NearlyProblem(), 0.8)]
    found = score([*made, tried(None, NearlyProblem())], [one_minute()] * 3)
    assert found.stated == pytest.approx(0.85)
    assert found.reliability == pytest.approx(0.875)


def test_a_search_that_states_no_reliability_has_none():
    found = score([tried(LEAST, PlainProblem())], [one_minute()])
    assert found.stated is None
    assert found.reliability == 1.0


def one_minute() -> Attempt:
    """An attempt of one trial, right."""
    return Attempt(Outcome(LEAST, 1, 60.0), LEAST, 1.0, near=True, within=True)


def test_a_score_sums_up_over_all_problems():
    """Two attempts of a search against the full grid's on two problems without noise."""
    problems = [PlainProblem(), PlainProblem(0.2, 100)]
    both = [attempts([GRID, OURS], problem, COST) for problem in problems]
    mine, grid = ([made[s.name] for made in both] for s in (OURS, GRID))
    found = score(mine, grid)
    assert (found.right.estimate, found.near, found.regret) == (1.0, 1.0, 0.0)
    assert (found.too_small, found.less_reliable, found.too_large) == (0, 0, 0)
    assert found.trials_most == max(made.outcome.trials for made in mine)
    load_s = sum(made.outcome.load_s for made in mine)
    assert found.load_s == load_s / 2
    assert found.share_of_grid == pytest.approx(load_s / sum(a.outcome.load_s for a in grid))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_intervals_are_those_of_the_literature(hits, total, low, high):
    """81 of 263: Newcombe, Statistics in Medicine 17 (1998), table I."""
    found = wilson(hits, total)
    assert found.estimate == hits / total
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_two_searches_are_compared_problem_by_problem():
    """Right on different problems: three and one."""
    right = Attempt(Outcome(LEAST, 1, 1.0), LEAST, 1.0, near=True, within=True)
    wrong = Attempt(Outcome(None, 1, 1.0), LEAST, None, near=False, within=False)
    found = pair([right, right, right, wrong, right], [wrong, wrong, wrong, right, right])
    assert found == Pairing(3, 1)


@pytest.mark.parametrize(
    ("only_one", "only_other", "chance"),
    [(0, 0, 1.0), (1, 1, 1.0), (3, 1, 0.625), (6, 0, 0.03125), (0, 6, 0.03125)],
)
def test_chance_is_that_of_a_fair_coin(only_one, only_other, chance):
    """Two-sided: five or more of six one way, or the other."""
    assert Pairing(only_one, only_other).chance == chance


@dataclass(frozen=True)
class GradualProblem(PlainProblem):
    """Below the least CPU, one more step holds in a share of its trials."""

    below: float = 0.87
    at: float = 1.0

    def reliability(self, setting: Setting) -> float:
        if setting.memory_mib < self.memory_mib or setting.cpus < 0.3:
            return 0.0
        return self.below if setting.cpus == 0.3 else self.at if setting.cpus == 0.4 else 1.0


@pytest.mark.parametrize(
    ("answer", "problem", "within", "what"),
    [
        (LEAST, GradualProblem(), True, "right"),
        (Setting(0.3, 150), GradualProblem(), True, "the least of 85%"),
        (Setting(0.3, 150), GradualProblem(below=0.84), False, "six points too few"),
        (Setting(0.5, 150), GradualProblem(at=0.94), True, "the least of 95%"),
        (Setting(0.5, 150), GradualProblem(at=0.96), False, "what is cheaper is reliable enough"),
        (Setting(0.3, 200), GradualProblem(), False, "as reliable, and dearer than another"),
        (None, GradualProblem(), False, "there is one"),
        (None, PlainProblem(cpus=2.0), True, "there is none"),
    ],
)
def test_an_answer_is_within_some_points_where_it_is_the_least_of_nearly_what_is_asked(
    answer, problem, within, what
):
    assert tried(answer, problem).within is within, what
