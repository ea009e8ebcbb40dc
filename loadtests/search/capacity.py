"""The capacity question: how much load does one setting hold? Little is held, much is not.

The load is a number of users, or of arrivals per second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtests.question import SLO
from loadtests.search.bracket import next_step
from loadtests.search.budget import Budget
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.verdicts import Finding, Step, Verdict

# Each step has a fifth more users than the one before; the first is about a tenth of the last.
STEP_RATIO = 1.2
STEPS = 13
FAILING_LEVELS = 2


@dataclass(frozen=True)
class Axis:
    """What there is more and more of."""

    noun: str
    of: Callable[[Finding | Step], float]

    def said(self, amount: float) -> str:
        """Return an amount of it as a person would write it."""
        return f"{amount:,g} {self.noun}"


USERS = Axis("users", lambda seen: seen.users)
RATE = Axis("arrivals/s", lambda seen: seen.rate_per_s or 0.0)


def user_steps(most: int) -> list[int]:
    """Return rising numbers of users up to the most that are asked for."""
    steps = [round(most / STEP_RATIO**down, -_digits(most)) for down in range(STEPS)]
    return sorted({max(1, int(step)) for step in steps} | {most})


def rate_steps(most: float) -> list[float]:
    """Return rising rates up to the most that is asked for, in three digits."""
    return sorted({*(float(f"{most / STEP_RATIO**down:.3g}") for down in range(1, STEPS)), most})


def _digits(most: int) -> int:
    """Return how many digits to round away, so that the steps stay apart."""
    return max(0, len(str(most)) - 3)


def climbs_on(seen: Sequence[Step], slo: SLO) -> bool:
    """Say whether the live staircase of loads goes up once more: until two levels in a row fail."""
    passes = [level.passes(slo) for level in seen]
    return len(passes) < FAILING_LEVELS or any(passes[-FAILING_LEVELS:])


def most_passing(seen: Sequence[Step], slo: SLO, axis: Axis = USERS) -> float | None:
    """Return the most that passed with every level below; None where not even the first."""
    most = None
    for level in sorted(seen, key=axis.of):
        if not level.passes(slo):
            break
        most = axis.of(level)
    return most


def decide_load(
    steps: Sequence[float],
    findings: Sequence[Finding],
    expected: float | None,
    budget: Budget,
    axis: Axis = USERS,
) -> tuple[float | None, str]:
    """Return how much load to ask with next, None when it is over, and why in one sentence.

    `expected` is the most that the staircase passed; None starts at the least.
    """
    last = {axis.of(finding): finding for finding in findings}
    times = {load: sum(axis.of(f) == load for f in findings) for load in last}
    held = [steps.index(n) for n, f in last.items() if f.verdict is Verdict.HOLDS]
    failed = [steps.index(n) for n, f in last.items() if f.verdict is Verdict.FAILS]
    doubtful = [
        n for n, f in last.items() if not f.verdict.decides and times[n] >= TRIALS_PER_SETTING
    ]
    top = max(held, default=-1)
    bottom = min([*failed, *(steps.index(n) for n in doubtful)], default=len(steps))
    if bottom <= top + 1:
        return None, _conclusion(steps, top, bottom, doubtful, axis)
    spent = budget.spent(findings)
    if spent is not None:
        return None, f"Stopped with the answer open: {spent}."
    guess = 0 if expected is None else steps.index(expected)
    ask = steps[next_step(top, bottom, guess)]
    if ask in last:
        return ask, (
            f"{axis.said(ask)} were {last[ask].verdict}: once more, trial {times[ask] + 1} of "
            f"{TRIALS_PER_SETTING}."
        )
    if top < 0:
        return ask, f"{axis.said(ask)} are expected to be held. Are they, in fresh containers?"
    return ask, f"{axis.said(steps[top])} are held. Are {ask:,g}?"


def _conclusion(
    steps: Sequence[float], top: int, bottom: int, doubtful: Sequence[float], axis: Axis
) -> str:
    if top < 0:
        return f"Not even {axis.said(steps[0])} are shown to be held."
    if bottom == len(steps):
        return f"{axis.said(steps[top])} are held, the most that were asked with; more may be."
    above = "stayed undecided" if steps[bottom] in doubtful else "are not"
    return f"{axis.said(steps[top])} are held, {steps[bottom]:,g} {above}."
