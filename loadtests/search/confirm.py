"""Repeats what a search found and its neighbours, until it is clear how reliably each holds.

A bracketed least setting rests on verdicts, mostly of one trial each, and near the edge these are a
matter of luck. So the candidate, and whatever cheaper may yet hold as often as asked, are measured
again, in random order; the last trial of the answer is a long one.
"""

import random
from collections.abc import Sequence

from loadtests.question import Cost, Setting, rank
from loadtests.search import minimum
from loadtests.search.budget import Budget
from loadtests.search.knowledge import Knowledge
from loadtests.search.minimum import Decision
from loadtests.search.reliability import Goal, Reliability
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

# So sure it is at most that a setting holds as often as asked when it is given up.
RULED_OUT = 0.25
TRIALS_AT_MOST = 5  # of one setting, long ones aside


def decide(
    space: Space,
    findings: Sequence[Finding],
    forecast: Forecast,
    cost: Cost,
    budget: Budget,
    goal: Goal,
) -> Decision:
    """Return the next setting to measure: first what brackets the least, then what confirms it.

    The order of repeats is random, so that a drift of the host meets all of them alike; it depends
    on the number of findings only, so that a search can be taken up anywhere.
    """
    bracket = minimum.decide(space, findings, forecast, cost, budget)
    known = Knowledge(space, tuple(findings))
    if bracket.ask is not None or not known.holding or known.open_below(known.least(cost), cost):
        return bracket
    says = Reliability(space, known.findings, goal)
    more = _repeat(known, says, cost)
    spent = budget.spent(findings)
    if more is None or spent is not None:
        return Decision(None, _conclusion(known, says, cost, spent if more else None))
    return more


def answer(known: Knowledge, says: Reliability, cost: Cost) -> Setting | None:
    """Return the cheapest setting that was measured to hold and does so as reliably as asked.

    Where none is so reliable, the most reliable of those that hold.
    """
    enough = [setting for setting in known.holding if says.is_enough(setting)]
    if enough:
        return min(enough, key=lambda setting: rank(setting, cost))
    return max(known.holding, key=says.stated, default=None)


def is_proven(known: Knowledge, says: Reliability, cost: Cost) -> bool:
    """Say whether the answer is as reliable as asked, and surely nothing cheaper is.

    Where nothing holds, whether every setting fails.
    """
    least = answer(known, says, cost)
    if least is None:
        return all(known.verdict(cell) is Verdict.FAILS for cell in known.space.cells)
    cheaper = [cell for cell in known.space.cells if rank(cell, cost) < rank(least, cost)]
    doubtful = [finding.setting for finding in known.unresolved]
    ruled_out = [setting for setting in doubtful if says.sure(setting) <= RULED_OUT]
    return says.is_enough(least) and all(
        known.verdict(cell) is Verdict.FAILS or any(s.grants_at_least(cell) for s in ruled_out)
        for cell in cheaper
    )


def _repeat(known: Knowledge, says: Reliability, cost: Cost) -> Decision | None:
    """Return what to measure once more; None when the answer is confirmed, or cannot be."""
    candidate = _candidate(known, says, cost)
    if candidate is None:
        return None
    doubtful = _doubtful(known, says, cost, candidate)
    if doubtful:
        setting = random.Random(len(known.findings)).choice(doubtful)  # noqa: S311  (no secret)
        return Decision(
            setting,
            f"{setting.label} is expected to hold in {says.stated(setting):.0%} of trials, "
            f"and {says.goal.reliability:.0%} are asked for: trial {known.trials(setting) + 1}.",
        )
    if any(finding.setting == candidate and finding.is_long for finding in known.findings):
        return None
    chance = f"is expected to hold in {says.stated(candidate):.0%} of trials"
    return Decision(candidate, f"{candidate.label} {chance}. Does it in a long one?", is_long=True)


def _candidate(known: Knowledge, says: Reliability, cost: Cost) -> Setting | None:
    """Return the cheapest that holds and may be as reliable as asked, else what is beyond it.

    What is beyond has not been measured, or not to hold.
    """
    hopeful = [s for s in known.holding if says.is_enough(s) or _may_be(known, says, s)]
    if hopeful:
        return min(hopeful, key=lambda setting: rank(setting, cost))
    beyond = [
        cell
        for cell in known.space.cells
        if says.is_enough(cell) and _short_trials(known, cell) < TRIALS_AT_MOST
    ]
    return min(beyond, key=lambda setting: rank(setting, cost), default=None)


def _may_be(known: Knowledge, says: Reliability, setting: Setting) -> bool:
    """Say whether more trials of a setting may yet show it to be as reliable as asked."""
    return says.sure(setting) > RULED_OUT and _short_trials(known, setting) < TRIALS_AT_MOST


def _doubtful(known: Knowledge, says: Reliability, cost: Cost, candidate: Setting) -> list[Setting]:
    """Return the candidate, where it is in doubt, and the likeliest of what is cheaper."""
    in_doubt = candidate not in known.holding or not says.is_enough(candidate)
    doubtful = [candidate] if in_doubt else []
    cheaper = [
        cell
        for cell in known.space.cells
        if rank(cell, cost) < rank(candidate, cost) and _may_be(known, says, cell)
    ]
    return [*doubtful, *sorted(cheaper, key=says.sure)[-1:]]


def _short_trials(known: Knowledge, setting: Setting) -> int:
    return sum(f.setting == setting and not f.is_long for f in known.findings)


def _conclusion(known: Knowledge, says: Reliability, cost: Cost, spent: str | None) -> str:
    least = answer(known, says, cost)
    if least is None:
        raise ValueError("nothing holds, so there is nothing to conclude about")
    chance = f"is expected to hold in {says.stated(least):.0%} of trials"
    asked = f"{says.goal.reliability:.0%}"
    if spent is not None:
        return (
            f"Stopped with the answer open: {spent}; {least.label} {chance}, {asked} are asked for."
        )
    if not says.is_enough(least):
        return f"{least.label} {chance} only, {asked} are asked for: ask with larger steps."
    return (
        f"{least.label} is the least of these steps: it was measured to hold, and {chance} "
        f"({asked} asked for); every cheaper setting fails, or holds less often."
    )
