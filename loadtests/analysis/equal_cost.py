"""The same CPU and memory in all, as one large container or as several small ones.

Their trials are interleaved, and told apart only by the spread between trials.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from loadtests.analysis import formats
from loadtests.analysis.between_trials import log_ratio_interval
from loadtests.analysis.evidence import CauseName, Evidence, Interval
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.replicates import CPU, P95, Metric, Replicated
from loadtests.verdicts import Verdict

COMPARED = (P95, CPU)
FIRST_S = 1.0  # since the first user: so long few have come
NOT_COMPARED = "The same total as one or as several containers was not measured."
_OF_MEMORY = (CauseName.OUT_OF_MEMORY, CauseName.NEVER_READY)


@dataclass(frozen=True)
class Comparison:
    """One figure of several containers over that of fewer, of the same cost."""

    metric: Metric
    fewer: Replicated
    more: Replicated
    times: Interval | None  # None: not measured in two trials of each

    @property
    def differs(self) -> bool:
        """Whether the trials tell the two apart."""
        return self.times is not None and not self.times.low <= 1 <= self.times.high

    @property
    def clause(self) -> str:
        """Say how many times as much it is, and whether that is told apart."""
        if self.times is None:
            return f"{self.metric.name} not compared: two trials of each did not tell it"
        low, high = f"{self.times.low:.2f}", f"{self.times.high:.2f}"
        said = f"{self.metric.name} {self.times.estimate:.2f} times ({low} to {high})"
        return said if self.differs else f"{said}, not told apart"


@dataclass(frozen=True)
class EqualCost:
    """The same total split into containers, fewest first."""

    parts: tuple[Replicated, ...]
    rest_mib: float | None = None  # what one replica takes before it has users; None: not known

    @property
    def confidence(self) -> float:
        """The confidence of each interval, so that all hold together at 95% (Bonferroni)."""
        claims = len(COMPARED) * max(1, len(self.parts) - 1)
        return 1 - (1 - CONFIDENCE) / claims

    @property
    def comparisons(self) -> list[Comparison]:
        """Every split beside the one of fewer containers before it."""
        return [
            Comparison(metric, fewer, more, self._times(metric, fewer, more))
            for fewer, more in pairwise(self.parts)
            for metric in COMPARED
        ]

    def _times(self, metric: Metric, fewer: Replicated, more: Replicated) -> Interval | None:
        values = [metric.values(each.trials) for each in (more, fewer)]
        if any(value is None for both in values for value in both):
            return None
        more_values, fewer_values = ([v for v in both if v is not None] for both in values)
        return log_ratio_interval(more_values, fewer_values, self.confidence)

    @property
    def starved(self) -> list[Replicated]:
        """Splits whose share of the memory was too little for a container as such."""
        return [
            part
            for part in self.parts
            if part.row.verdict is Verdict.FAILS and part.row.cause in _OF_MEMORY
        ]

    def sentences(self) -> list[str]:
        """Say what each split did, and which differences the trials show."""
        if len(self.parts) < 2:
            return [NOT_COMPARED]
        total = self.parts[0].row.setting
        whole = f"{total.total_cpus:g} CPU / {total.total_memory_mib:,} MiB in all"
        did = [
            f"{part.row.setting.label} {formats.verdict(part.row.verdict, part.row.cause)} "
            f"({formats.count(len(part.trials), 'trial')})"
            for part in self.parts
        ]
        compared = [
            f"{more.row.setting.label} beside {fewer.row.setting.label}: "
            f"{'; '.join(c.clause for c in self.comparisons if c.more is more)}."
            for fewer, more in pairwise(self.parts)
        ]
        return [
            f"{whole}: {'; '.join(did)}.",
            *compared,
            f"All intervals together hold at {CONFIDENCE:.0%}, between trials.",
            *self._memory(),
        ]

    def _memory(self) -> list[str]:
        """Say that memory at rest comes once a container, so that an equal share may not do."""
        known = self.rest_mib is not None
        rest = f"{self.rest_mib:,.0f} MiB" if known else "memory at rest that was not measured"
        if not self.starved:
            return [f"Of its share each container takes {rest} before it has a user."] * known
        names = formats.listing([part.row.setting.label for part in self.starved])
        return [
            f"At equal memory {names} had too little for each: a container takes {rest} before it "
            "has a user, and that comes once for each. So a split of equal cost is not to be had "
            "there, and says nothing of how it would do with enough."
        ]


def equal_cost(parts: Sequence[Replicated], trials: Sequence[Evidence]) -> EqualCost:
    """Return the splits of one total side by side, fewest containers first.

    Raises ValueError where their CPU or memory in all is not the same: memory to a MiB a container.
    """
    ordered = tuple(sorted(parts, key=lambda part: part.replicas))
    for fewer, more in pairwise(ordered):
        one, other = fewer.row.setting, more.row.setting
        same_cpus = abs(one.total_cpus - other.total_cpus) < 1e-6
        if not same_cpus or one.total_memory_mib != other.total_memory_mib:
            raise ValueError(f"{one.label} and {other.label} are not of equal cost")
    rest = [mib for evidence in trials if (mib := _rest_mib(evidence)) is not None]
    return EqualCost(ordered, min(rest, default=None))


def _rest_mib(evidence: Evidence) -> float | None:
    """Return the least memory of a replica in its last sample before its users came, or with them.

    None where no replica was sampled by then.
    """
    stats = evidence.docker_stats
    early = stats[(stats["role"] == "replica") & (stats["time_s"] <= FIRST_S)]
    last = early.sort_values("time_s").groupby("container", observed=True)["memory_mib"].last()
    known = last.dropna()
    return float(known.min()) if len(known) else None
