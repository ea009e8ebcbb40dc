"""Searches that know one axis only: that of CPU first, then that of memory.

How far a trial was from what the SLO allows is what they learn from, where they learn from more
than verdicts.
"""

from collections.abc import Callable, Sequence

from loadtests.comparison.problem import Answer, SearchRun
from loadtests.question import SLO, Cost, Setting
from loadtests.verdicts import Finding, Verdict

# Of an axis, least first: the first setting that holds, as a search has it; None where none does.
Edge = Callable[[SearchRun, Sequence[Setting]], Setting | None]

ALLOWED = SLO().slow_share
_FAR = {Verdict.HOLDS: 1.0, Verdict.FAILS: -1.0}


def per_axis(search_run: SearchRun, edge: Edge) -> Setting | None:
    """Return the least CPU that holds with all the memory, with the least memory at that CPU."""
    space = search_run.space
    top = space.last_memory_step
    with_all_memory = edge(search_run, [space.cell(cpu, top) for cpu in range(len(space.cpus))])
    if with_all_memory is None:
        return None
    cpu, _ = space.steps(with_all_memory)
    return edge(search_run, [space.cell(cpu, row) for row in range(top + 1)]) or with_all_memory


def answers_by(edge: Edge) -> Callable[[SearchRun, Cost], Answer]:
    """Return the search that answers with the edges of both axes."""

    def search(search_run: SearchRun, _: Cost) -> Answer:
        return Answer(per_axis(search_run, edge))

    return search


def margin(finding: Finding | None) -> float:
    """Return how far a trial was from what the SLO allows: above 0 within it, -1 to 1.

    Where the share of slow requests is not known, or told nothing, its verdict has to do; what
    could not be measured well in several trials counts as far beyond.
    """
    if finding is None:
        return -1.0
    if finding.slow_share is None:
        return _FAR.get(finding.trial_verdict, 0.0)
    return max(-1.0, 1 - finding.slow_share / ALLOWED)
