"""What findings say of every setting: measured, or inferred.

What is inferred rests on an assumption: more CPU and more memory never make a service worse. It is
checked wherever two measured settings can tell (`contradictions`); services that size workers,
caches or heaps by their limit may break it.
"""

from dataclasses import dataclass
from functools import cached_property

from loadtests.question import Cost, Setting, rank
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Verdict, contradictions

# A setting whose trials say nothing certain is measured three times in all.
TRIALS_PER_SETTING = 3


@dataclass(frozen=True)
class Knowledge:
    """The findings about a space, in the order in which they came."""

    space: Space
    findings: tuple[Finding, ...]

    @cached_property
    def last(self) -> dict[Setting, Finding]:
        """The last finding about each setting: it speaks for all its trials."""
        return {finding.setting: finding for finding in self.findings}

    def trials(self, setting: Setting) -> int:
        """Count the trials of a setting."""
        return sum(finding.setting == setting for finding in self.findings)

    def measured(self, verdict: Verdict) -> list[Setting]:
        """Return the settings whose own trials gave that verdict."""
        return [s for s, finding in self.last.items() if finding.verdict is verdict]

    def is_measured(self, setting: Setting) -> bool:
        """Say whether its own trials decide a setting."""
        return setting in self.last and self.last[setting].verdict.decides

    def verdict(self, setting: Setting) -> Verdict | None:
        """Return `holds` or `fails` where it is measured or can be inferred; else None.

        By the assumption a setting holds when a smaller one does, and fails when a larger one does.
        Its own trials speak first; where others contradict each other, nothing is inferred.
        """
        if self.is_measured(setting):
            return self.last[setting].verdict
        holds, fails = self._smaller_holds(setting), self._larger_fails(setting)
        if holds == fails:
            return None
        return Verdict.HOLDS if holds else Verdict.FAILS

    def is_unclear(self, setting: Setting) -> bool:
        """Say whether a setting without trials lies between two that contradict each other."""
        unmeasured = setting not in self.last
        return unmeasured and self._smaller_holds(setting) and self._larger_fails(setting)

    def _smaller_holds(self, setting: Setting) -> bool:
        return any(setting.grants_at_least(s) for s in self.measured(Verdict.HOLDS))

    def _larger_fails(self, setting: Setting) -> bool:
        return any(s.grants_at_least(setting) for s in self.measured(Verdict.FAILS))

    @cached_property
    def unresolved(self) -> list[Finding]:
        """Findings that say nothing certain, of settings that were measured often enough."""
        return [
            finding
            for setting, finding in self.last.items()
            if not finding.verdict.decides and self.trials(setting) >= TRIALS_PER_SETTING
        ]

    def is_worth_asking(self, setting: Setting) -> bool:
        """Say whether a trial could still tell something of a setting.

        One that is smaller than a setting left undecided could at best be as doubtful. Of
        other settings than its own, one that was never measured well tells nothing.
        """
        if self.verdict(setting) is not None:
            return False
        return not any(
            setting == doubt.setting
            or (doubt.verdict is Verdict.UNDECIDED and doubt.setting.grants_at_least(setting))
            for doubt in self.unresolved
        )

    @cached_property
    def holding(self) -> list[Setting]:
        """Settings measured to hold, but for those of which a larger one failed its trials."""
        contradicted = {smaller for smaller, _ in self.contradictions}
        return [s for s in self.measured(Verdict.HOLDS) if s not in contradicted]

    def least(self, cost: Cost) -> Setting | None:
        """Return the cheapest setting measured to hold, unless a larger one failed its trials."""
        return min(self.holding, key=lambda s: rank(s, cost), default=None)

    def open_below(self, least: Setting | None, cost: Cost) -> list[Setting]:
        """Return what is worth asking and cheaper than `least`, or all that is where it is None."""
        return [
            cell
            for cell in self.space.cells
            if (least is None or rank(cell, cost) < rank(least, cost))
            and self.is_worth_asking(cell)
        ]

    @property
    def contradictions(self) -> list[tuple[Setting, Setting]]:
        """Pairs of which the smaller was measured to hold and the larger to fail."""
        return contradictions(self.measured(Verdict.HOLDS), self.measured(Verdict.FAILS))
