"""Where each setting stands that is cheaper than the best known: shown to fail, or only believed.

What is measured, what follows from a measurement, and what a model believes are three things, and
are told as three.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from loadtests.question import Cost, Setting, rank
from loadtests.search import confirm
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.replica_reliability import ReplicaReliability
from loadtests.verdicts import Finding, Verdict

# How sure it has to be that a setting holds as often as asked, for a trial of it to be worth while.
WORTH_A_TRIAL = 0.1


class Standing(StrEnum):
    """What is known of a setting of several replicas that is cheaper than the best known."""

    PROVEN = "fails by trials of its own"
    INFERRED = "fails as something larger does"
    TOO_LITTLE = "has less than the load was ever seen to take"
    BELIEVED = "is expected to hold too seldom"
    DOUBTFUL = "stayed in doubt after its trials"
    NEAR = "may hold"


@dataclass(frozen=True)
class Rivals:
    """All settings of several replicas that cost less than the best known, with their standing.

    Where nothing holds as reliably as asked, all that there are.
    """

    says: ReplicaReliability
    cost: Cost
    granted: frozenset[Setting] | None = None  # what the host can grant; None: all of it

    @cached_property
    def known(self) -> Knowledge:
        """What is believed of every setting, by all trials."""
        return confirm.believed(self.says)

    @cached_property
    def best(self) -> Setting | None:
        """The cheapest setting that holds as reliably as asked, of any number of replicas.

        Where none is so reliable, the most reliable that holds by its own trials.
        """
        return confirm.answer(self.says, self.cost)

    @property
    def is_reliable(self) -> bool:
        """Whether the best holds as reliably as asked."""
        return self.best is not None and self.best in self.known.holding

    @cached_property
    def standings(self) -> dict[Setting, Standing]:
        """The cheaper settings of several replicas."""
        best = self.best if self.is_reliable else None
        return {
            cell: self.standing(cell)
            for cell in self.says.space.cells
            if cell.replicas > 1
            and (self.granted is None or cell in self.granted)
            and (best is None or rank(cell, self.cost) < rank(best, self.cost))
        }

    def counted(self) -> Mapping[Standing, int]:
        """Count the cheaper settings by their standing."""
        return Counter(self.standings.values())

    def near(self) -> list[Setting]:
        """Return the cheaper settings that may hold as often as asked, by what is believed."""
        return [cell for cell, standing in self.standings.items() if standing is Standing.NEAR]

    def nearest(self) -> Setting | None:
        """Return the likeliest of what is only believed to hold too seldom; None: there is none."""
        believed = [
            cell
            for cell, standing in self.standings.items()
            if standing is Standing.BELIEVED and self.known.trials(cell) == 0
        ]
        return max(believed, key=lambda cell: (self.says.stated(cell), cell), default=None)

    def standing(self, cell: Setting) -> Standing:
        """Return what is known of a setting of several replicas, whatever it costs."""
        own = self.known.last.get(cell)
        if own is None:
            return self._unmeasured(cell)
        if own.verdict is Verdict.FAILS and not own.is_believed:
            return Standing.PROVEN
        if self.known.is_worth_asking(cell) or self._is_contested(cell):
            return Standing.NEAR
        fails = self.known.verdict(cell) is Verdict.FAILS
        return Standing.BELIEVED if fails else Standing.DOUBTFUL

    def _unmeasured(self, cell: Setting) -> Standing:
        if self._is_covered(cell):
            return Standing.INFERRED
        if self._is_too_little(cell):
            return Standing.TOO_LITTLE
        if self.known.verdict(cell) is Verdict.FAILS:
            return Standing.BELIEVED
        if not self.known.is_worth_asking(cell):
            return Standing.DOUBTFUL
        near = self.says.sure(cell) >= WORTH_A_TRIAL
        return Standing.NEAR if near else Standing.BELIEVED

    def _is_contested(self, cell: Setting) -> bool:
        """Say whether its own trials held, and only those of other numbers speak against it."""
        own = self.known.last.get(cell)
        return (
            own is not None
            and own.is_believed
            and own.trial_verdict is Verdict.HOLDS
            and self.says.sure(cell) >= WORTH_A_TRIAL
            and self.known.trials(cell) < TRIALS_PER_SETTING
        )

    def _is_covered(self, cell: Setting) -> bool:
        """Say whether something larger failed by its own trials, or was killed before any user.

        More replicas than failed are no larger setting, but who is killed without a single user is
        killed in whatever number.
        """
        return any(
            setting.grants_at_least(
                replace(cell, replicas=setting.replicas) if _killed_at_start(finding) else cell
            )
            for setting, finding in self.known.last.items()
            if finding.verdict is Verdict.FAILS and not finding.is_believed
        )

    def _is_too_little(self, cell: Setting) -> bool:
        demand = self.says.least_demand
        return demand is not None and cell.total_cpus < demand


def _killed_at_start(finding: Finding) -> bool:
    return finding.oom_killed and finding.died and finding.load_s == 0
