"""Repeats what a search found and its neighbours, until it is clear how reliably each holds.

A bracketed least setting rests on verdicts, mostly of one trial each, and near the edge these are a
matter of luck. So the candidate, and whatever cheaper may yet hold as often as asked, are measured
again, in random order; the last trial of the answer is a long one.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from loadtests.question import Cost, Setting, rank
from loadtests.search import minimum
from loadtests.search.budget import Budget
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.minimum import Decision
from loadtests.search.reliability import Goal, Reliability
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

# How sure it is that a setting holds as often as asked: so little, and it is ruled out; so much,
# and it is enough where most of its own trials held.
RULED_OUT = 0.35
LIKELY = 0.5
LONG_AT_MOST = 2  # trials of the answer, while it is not reliable enough


def decide(
    space: Space,
    findings: Sequence[Finding],
    forecast: Forecast,
    cost: Cost,
    budget: Budget,
    goal: Goal,
) -> Decision:
    """Return the next setting to measure: first what brackets the least, then what confirms it.

    The bracket is drawn by what all trials say of a setting's reliability, not by its own verdict.
    Where a setting is to be asked again, it is one of all that are in doubt, at random, so that a
    drift of the host meets all of them alike; which one depends on the number of findings only, so
    that a search can be taken up anywhere.
    """
    says = Reliability(space, tuple(findings), goal, forecast)
    known = believed(says)
    bracket = minimum.decide(space, known.findings, forecast, cost, budget)
    if bracket.ask is not None:
        again = _in_doubt(known) if known.trials(bracket.ask) else []
        return _again(random.Random(len(findings)).choice(again), says) if again else bracket  # noqa: S311
    least = _least(known, says, cost)
    if least is None or bracket.is_cut_short:
        return bracket
    spent = budget.minutes_spent(findings)
    more = long_trial(least, says) if least in known.holding else None
    if more is None or spent is not None:
        cut_short = spent if more else None
        why = _conclusion(least, known, says, cost, cut_short)
        return Decision(None, why, is_cut_short=cut_short is not None)
    return more


def believed(says: Reliability) -> Knowledge:
    """Return what is known of every setting, by all trials: reliable enough, not, or in doubt.

    A trial on a slow CPU tells of less CPU than it was granted, one on a fast CPU of more, and one
    that holds may be an accident; so a setting's own verdict alone decides nothing but a kill.
    """
    own: dict[Setting, list[Finding]] = defaultdict(list)
    for finding in says.findings:
        own[finding.setting].append(finding)
    beliefs = {setting: _belief(setting, told, says) for setting, told in own.items()}

    def as_believed(finding: Finding) -> Finding:
        belief = beliefs[finding.setting]
        differs = belief is not own[finding.setting][-1].verdict
        return replace(finding, verdict=belief, is_believed=differs)

    return Knowledge(says.space, tuple(as_believed(finding) for finding in says.findings))


def _belief(setting: Setting, findings: Sequence[Finding], says: Reliability) -> Verdict:
    """Return what to believe of a setting, by how sure it is and what its own trials told.

    A kill or a death is no matter of chance. One that long trials could not show to be reliable
    enough is not, so that the search goes on to larger ones.
    """
    if any(finding.is_fatal for finding in findings):
        return Verdict.FAILS
    sound = [f.trial_verdict for f in findings if f.trial_verdict is not Verdict.INVALID]
    if not sound:
        return Verdict.INVALID
    sure = says.sure(setting)
    tried = _long_trials(setting, says) >= LONG_AT_MOST and not says.is_enough(setting)
    if sure <= RULED_OUT or tried:
        return Verdict.FAILS
    most = 2 * sound.count(Verdict.HOLDS) > len(sound)
    return Verdict.HOLDS if sure >= LIKELY and most else Verdict.UNDECIDED


def concluded(says: Reliability) -> Knowledge:
    """Return what is known of every setting, with those that are believed to hold as holding.

    What the speed of the CPU took back from a trial, others may give again. That something fails
    is never concluded but by its own trials.
    """
    known = believed(says)
    holding = known.measured(Verdict.HOLDS)
    return Knowledge(
        says.space,
        tuple(
            belief if belief.setting in holding else own
            for own, belief in zip(says.findings, known.findings, strict=True)
        ),
    )


def answer(says: Reliability, cost: Cost) -> Setting | None:
    """Return the cheapest setting of which most trials held, and reliably enough by all.

    Where none is so reliable, the most reliable that holds by its own trials.
    """
    return _least(believed(says), says, cost)


def _least(known: Knowledge, says: Reliability, cost: Cost) -> Setting | None:
    """Return the answer by what is believed already."""
    least = known.least(cost)
    if least is not None:
        return least
    return max(Knowledge(says.space, says.findings).holding, key=says.stated, default=None)


def is_proven(says: Reliability, cost: Cost) -> bool:
    """Say whether the answer is as reliable as asked, and nothing cheaper is.

    Where nothing holds, whether that is said of every setting.
    """
    known = believed(says)
    least = _least(known, says, cost)
    if least is not None and not (least in known.holding and says.is_enough(least)):
        return False
    return all(
        known.verdict(cell) is Verdict.FAILS
        for cell in known.space.cells
        if least is None or rank(cell, cost) < rank(least, cost)
    )


def _in_doubt(known: Knowledge) -> list[Setting]:
    return [
        setting
        for setting, finding in known.last.items()
        if not finding.verdict.decides and known.is_worth_asking(setting)
    ]


def _again(setting: Setting, says: Reliability) -> Decision:
    times = 1 + sum(finding.setting == setting for finding in says.findings)
    return Decision(
        setting,
        f"{setting.label} is expected to hold in {says.stated(setting):.0%} of trials, and "
        f"{says.goal.reliability:.0%} are asked for: trial {times} of it.",
    )


def long_trial(least: Setting, says: Reliability) -> Decision | None:
    """Return a long trial of an answer, the first or while it is not reliable enough, else None."""
    made = _long_trials(least, says)
    tried = sum(finding.setting == least and finding.is_long for finding in says.findings)
    if (made and says.is_enough(least)) or tried >= TRIALS_PER_SETTING:
        return None
    chance = f"is expected to hold in {says.stated(least):.0%} of trials"
    another = "another" if made else "a"
    return Decision(least, f"{least.label} {chance}. Does it in {another} long one?", is_long=True)


def _long_trials(setting: Setting, says: Reliability) -> int:
    """Count the valid long trials of a setting."""
    return sum(
        finding.setting == setting
        and finding.is_long
        and finding.trial_verdict is not Verdict.INVALID
        for finding in says.findings
    )


def _conclusion(
    least: Setting, known: Knowledge, says: Reliability, cost: Cost, spent: str | None
) -> str:
    chance = f"is expected to hold in {says.stated(least):.0%} of trials"
    asked = f"{says.goal.reliability:.0%}"
    if spent is not None:
        return (
            f"Stopped with the answer open: {spent}; {least.label} {chance}, {asked} are asked for."
        )
    if least not in known.holding:
        return f"{least.label} {chance} only, {asked} are asked for: ask with larger steps."
    doubts = minimum.doubts_below(known, least, cost)
    if doubts:
        rest = "; ".join(doubts)
        return f"{least.label} is the least known to hold: it {chance} ({asked} asked); {rest}."
    own = "" if known.last[least].is_believed else "it was measured to hold, and "
    return (
        f"{least.label} is the least of these steps: {own or 'it '}{chance} ({asked} asked for); "
        "every cheaper setting fails, or is expected to hold less often."
    )
