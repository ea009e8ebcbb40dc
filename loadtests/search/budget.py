"""How much a search may cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.errors import QuestionError
from loadtests.verdicts import Finding


@dataclass(frozen=True)
class Budget:
    """The most trials, and the most minutes under load.

    The answer's long trial is beyond that number: no search is to end for want of it alone.
    """

    trials: int = 12
    load_minutes: float = 30.0
    spent_s: float = 0.0  # under load before the first trial, on a staircase

    def __post_init__(self) -> None:
        """Refuse a budget for nothing."""
        if self.trials < 1 or not self.load_minutes > 0:
            raise QuestionError(
                f"trials_at_most is {self.trials!r} and minutes_at_most {self.load_minutes!r}; "
                "both must be above 0"
            )

    def spent(self, findings: Sequence[Finding]) -> str | None:
        """Say which part of the budget is spent; None while another trial may be made."""
        if sum(not finding.is_long for finding in findings) >= self.trials:
            return f"the budget of trials, {self.trials}, is spent"
        return self.minutes_spent(findings)

    def minutes_spent(self, findings: Sequence[Finding]) -> str | None:
        """Say that the minutes are spent; None while a long trial may be made."""
        minutes = (self.spent_s + sum(finding.load_s for finding in findings)) / 60
        if minutes >= self.load_minutes:
            return f"the budget of minutes under load, {self.load_minutes:g}, is spent"
        return None
