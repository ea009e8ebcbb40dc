"""Answers are told right, near, too small and too large; times are summed."""

import pytest

from loadtests.analysis.cost import Prices
from loadtests.comparison.problem import Outcome, SearchRun
from loadtests.comparison.score import Attempt, Pairing, attempt, pair, score, wilson
from loadtests.comparison.strategies import GRID, OURS, Strategy
from loadtests.question import Cost, Setting
from tests.comparison.problems import PlainProblem

COST = Prices().per_hour
LEAST = Setting(0.4, 150)


def answering(setting: Setting | None) -> Strategy:
    """A search that measures one setting only, which holds for it."""

    class Believer(PlainProblem):
        def truly_holds(self, setting: Setting) -> bool:
            return True

    def search(search_run: SearchRun, _: Cost) -> None:
        if setting is not None:
            search_run.findings.append(Believer().finding(setting, 1))

    return Strategy("answering", "", search)


@pytest.mark.parametrize(
    ("answer", "right", "near", "too_small", "too_large", "what"),
    [
        (LEAST, True, True, False, False, "the least"),
        (Setting(0.5, 200), False, True, False, True, "a step more of each"),
        (Setting(0.3, 150), False, True, True, False, "a step less of CPU: fails"),
        (Setting(0.4, 50), False, False, True, False, "two steps less of memory: fails"),
        (Setting(0.8, 150), False, False, False, True, "far too dear"),
        (None, False, False, False, True, "no answer where there is one"),
    ],
)
def test_an_answer_is_held_against_the_truth(answer, right, near, too_small, too_large, what):
    """0.4 CPU / 150 MiB is the least."""
    made = attempt(answering(answer), PlainProblem(), COST)
    found = (made.right, made.near, made.too_small, made.too_large)
    assert found == (right, near, too_small, too_large), what


def test_no_answer_is_right_where_nothing_holds_and_any_other_is_too_small():
    """More is needed than there is."""
    nothing = PlainProblem(cpus=2.0)
    assert attempt(answering(None), nothing, COST).right
    assert attempt(answering(Setting(0.8, 300)), nothing, COST).too_small


def test_a_score_sums_up_over_all_problems():
    """Ours against the full grid on two problems without noise."""
    problems = [PlainProblem(), PlainProblem(0.2, 100)]
    ours = [attempt(OURS, problem, COST) for problem in problems]
    grid = [attempt(GRID, problem, COST) for problem in problems]
    found = score(ours, grid)
    assert (found.right.estimate, found.near) == (1.0, 1.0)
    assert (found.too_small, found.too_large) == (0, 0)
    assert found.trials_most == 3
    assert found.load_s == 170
    assert found.share_of_grid == pytest.approx(340 / sum(a.outcome.load_s for a in grid))


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
    right = Attempt(Outcome(LEAST, 1, 1.0), LEAST, False, True)
    wrong = Attempt(Outcome(None, 1, 1.0), LEAST, False, False)
    found = pair([right, right, right, wrong, right], [wrong, wrong, wrong, right, right])
    assert found == Pairing(3, 1)


@pytest.mark.parametrize(
    ("only_one", "only_other", "chance"),
    [(0, 0, 1.0), (1, 1, 1.0), (3, 1, 0.625), (6, 0, 0.03125), (0, 6, 0.03125)],
)
def test_chance_is_that_of_a_fair_coin(only_one, only_other, chance):
    """Two-sided: five or more of six one way, or the other."""
    assert Pairing(only_one, only_other).chance == chance
