"""This project's own search, as it runs on real trials."""

from loadtests.comparison.problem import ASKED, Answer, Screening, SearchRun
from loadtests.question import Cost
from loadtests.search.budget import Budget
from loadtests.search.confirm import answer, decide
from loadtests.search.reliability import Goal, Reliability
from loadtests.search.replica_axis import ReplicaBudget
from loadtests.search.replica_axis import decide as decide_replicas
from loadtests.search.replica_reliability import ReplicaReliability
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Rivals
from loadtests.search.space import Space


def ours(search_run: SearchRun, cost: Cost) -> Answer:
    """Screen with a live staircase, bracket with trials, then repeat them near the edge.

    The long trial of what is found is left out: an answer of any other search would get one too.
    """
    return _least_of_plane(search_run, search_run.space, search_run.climb(), cost)


def _least_of_plane(search_run: SearchRun, plane: Space, seen: Screening, cost: Cost) -> Answer:
    budget, goal = Budget(), Goal(ASKED)
    findings, expected = search_run.findings, seen.forecast
    while True:
        more = decide(plane, findings, expected, cost, budget, goal)
        if more.ask is None or more.is_long:
            break
        search_run.measure(more.ask)
    says = Reliability(plane, tuple(findings), goal, expected)
    found = answer(says, cost)
    return Answer(found, None if found is None else says.stated(found))


def ours_on_three_axes(search_run: SearchRun, cost: Cost) -> Answer:
    """Search the plane of one replica, then ask about several.

    The long trial is left out as above, but room for it is kept in the budget.
    """
    space = search_run.space
    if not isinstance(space, ReplicaSpace):
        raise TypeError(f"{space} has one replica only")
    seen = search_run.climb()
    found = _least_of_plane(search_run, space.plane, seen, cost)
    if found.setting is None:
        return found
    while True:
        says = ReplicaReliability(
            space, tuple(search_run.findings), Goal(ASKED), seen.forecast, seen.memory
        )
        rivals = Rivals(says, cost)
        more = decide_replicas(rivals, ReplicaBudget())
        if more.ask is None or more.is_long:
            break
        search_run.measure(more.ask)
    return Answer(rivals.best, None if rivals.best is None else says.stated(rivals.best))


def ours_on_the_plane(search_run: SearchRun, cost: Cost) -> Answer:
    """Search the plane of one replica and leave it at that."""
    space = search_run.space
    plane = space.plane if isinstance(space, ReplicaSpace) else space
    return _least_of_plane(search_run, plane, search_run.climb(), cost)
