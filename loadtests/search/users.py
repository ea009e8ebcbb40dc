"""The capacity question: how many users does one setting hold? Few hold, many fail."""

from collections.abc import Sequence

from loadtests.question import SLO
from loadtests.search.bracket import next_step
from loadtests.search.budget import Budget
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.verdicts import Finding, Step, Verdict

# Each step has a fifth more users than the one before; the first is about a tenth of the last.
STEP_RATIO = 1.2
STEPS = 13
FAILING_LEVELS = 2


def user_steps(most: int) -> list[int]:
    """Return rising numbers of users up to the most that are asked for."""
    steps = [round(most / STEP_RATIO**down, -_digits(most)) for down in range(STEPS)]
    return sorted({max(1, int(step)) for step in steps} | {most})


def _digits(most: int) -> int:
    """Return how many digits to round away, so that the steps stay apart."""
    return max(0, len(str(most)) - 3)


def climbs_on(seen: Sequence[Step], slo: SLO) -> bool:
    """Say whether the live staircase of users goes up once more: until two levels in a row fail."""
    passes = [level.passes(slo) for level in seen]
    return len(passes) < FAILING_LEVELS or any(passes[-FAILING_LEVELS:])


def most_passing(seen: Sequence[Step], slo: SLO) -> int | None:
    """Return the most users that passed with every level below; None where not even the first."""
    most = None
    for level in sorted(seen, key=lambda level: level.users):
        if not level.passes(slo):
            break
        most = level.users
    return most


def decide_users(
    steps: Sequence[int], findings: Sequence[Finding], expected: int | None, budget: Budget
) -> tuple[int | None, str]:
    """Return how many users to ask with next, None when it is over, and why in one sentence.

    `expected` is the most that the staircase passed; None starts at the fewest.
    """
    last = {finding.users: finding for finding in findings}
    times = {users: sum(f.users == users for f in findings) for users in last}
    held = [steps.index(u) for u, f in last.items() if f.verdict is Verdict.HOLDS]
    failed = [steps.index(u) for u, f in last.items() if f.verdict is Verdict.FAILS]
    doubtful = [
        u for u, f in last.items() if not f.verdict.decides and times[u] >= TRIALS_PER_SETTING
    ]
    top = max(held, default=-1)
    bottom = min([*failed, *(steps.index(u) for u in doubtful)], default=len(steps))
    if bottom <= top + 1:
        return None, _conclusion(steps, top, bottom, doubtful)
    spent = budget.spent(findings)
    if spent is not None:
        return None, f"Stopped with the answer open: {spent}."
    guess = 0 if expected is None else steps.index(expected)
    ask = steps[next_step(top, bottom, guess)]
    if ask in last:
        return ask, (
            f"{ask:,} users were {last[ask].verdict}: once more, trial {times[ask] + 1} of "
            f"{TRIALS_PER_SETTING}."
        )
    if top < 0:
        return ask, f"{ask:,} users are expected to be held. Are they, in fresh containers?"
    return ask, f"{steps[top]:,} users are held. Are {ask:,}?"


def _conclusion(steps: Sequence[int], top: int, bottom: int, doubtful: Sequence[int]) -> str:
    if top < 0:
        return f"Not even {steps[0]:,} users are shown to be held."
    if bottom == len(steps):
        return f"{steps[top]:,} users are held, the most that were asked with; more may be."
    above = "stayed undecided" if steps[bottom] in doubtful else "are not"
    return f"{steps[top]:,} users are held, {steps[bottom]:,} {above}."
