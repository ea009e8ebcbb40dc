"""This project's own search, as it runs on real trials."""

from loadtests.comparison.problem import ASKED, Answer, SearchRun
from loadtests.question import Cost
from loadtests.search.budget import Budget
from loadtests.search.confirm import answer, decide
from loadtests.search.reliability import Goal, Reliability


def ours(search_run: SearchRun, cost: Cost) -> Answer:
    """Screen with a live staircase, bracket with trials, then repeat them near the edge.

    The long trial of what is found is left out: an answer of any other search would get one too.
    """
    expected, budget, goal = search_run.screening(), Budget(), Goal(ASKED)
    space, findings = search_run.space, search_run.findings
    while True:
        more = decide(space, findings, expected, cost, budget, goal)
        if more.ask is None or more.is_long:
            break
        search_run.measure(more.ask)
    says = Reliability(space, tuple(findings), goal, expected)
    found = answer(says, cost)
    return Answer(found, None if found is None else says.stated(found))
