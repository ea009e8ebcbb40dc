"""Which constraint binds at the answer: what runs out when a setting is made smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadtests.analysis import formats
from loadtests.analysis.causes import CPU_AT_LIMIT, THROTTLED_RATIO
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.margins import margins
from loadtests.analysis.recommend import fails_below, fewer_replicas_fail
from loadtests.question import SLO

# Steps of memory are at least a sixth apart: one step less could not take a peak above this.
MEMORY_AT_LIMIT = 0.9


class Constraint(StrEnum):
    """What may run out."""

    CPU = "cpu"
    MEMORY = "memory"
    CONNECTIONS = "connections"


WORDS = {
    Constraint.CPU: "CPU",
    Constraint.MEMORY: "memory",
    Constraint.CONNECTIONS: "connections",
}
# Whatever was made smaller, these causes name what ran out.
_RAN_OUT = {
    CauseName.CPU_THROTTLED: Constraint.CPU,
    CauseName.OUT_OF_MEMORY: Constraint.MEMORY,
    CauseName.REFUSED: Constraint.CONNECTIONS,
    CauseName.RESET: Constraint.CONNECTIONS,
}
# These only say that answers came late: CPU ran out where it was less CPU that made them so.
_LATE = (CauseName.QUEUEING, CauseName.TIMEOUT, CauseName.UNEXPLAINED)


@dataclass(frozen=True)
class Binding:
    """The constraints that bind, each once, and what shows it, in clauses."""

    constraints: tuple[Constraint, ...]
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say what binds: "CPU and memory bind"."""
        if not self.constraints:
            return "neither CPU nor memory nor connections are seen to bind"
        named = formats.listing([WORDS[each] for each in self.constraints])
        plural = len(self.constraints) > 1 or self.constraints == (Constraint.CONNECTIONS,)
        return f"{named} {'bind' if plural else 'binds'}"

    @property
    def sentence(self) -> str:
        """Say what binds, and what shows it."""
        words = f"{self.words[0].upper()}{self.words[1:]}"
        return f"{words}: {'; '.join(self.reasons)}."


def binding(least: Row, rows: Sequence[Row], slo: SLO) -> Binding:
    """Return what binds at the least setting that holds.

    By what it uses of its own limits, and by why the nearest settings fail that have less CPU,
    less memory or fewer replicas. Nothing binds where those fail for another reason, or where
    nothing cheaper was measured to fail.
    """
    seen = [*_used_up(least, slo), *_ran_out(least, rows)]
    bound = tuple(each for each in Constraint if any(each is found for found, _ in seen))
    if bound:
        return Binding(bound, tuple(dict.fromkeys(clause for _, clause in seen)))
    others = tuple(_fails(row) for row, _ in _neighbours(least, rows))
    return Binding((), others or ("nothing cheaper was measured to fail",))


def _used_up(least: Row, slo: SLO) -> list[tuple[Constraint, str]]:
    """Return what the least setting has next to nothing left of."""
    used, throttled, seen = margins(least, slo), least.throttled_ratio, []
    if used.cpu_taken is not None and used.cpu_taken >= CPU_AT_LIMIT:
        seen.append((Constraint.CPU, f"it takes {formats.share(used.cpu_taken)} of its CPU"))
    if throttled is not None and throttled >= THROTTLED_RATIO:
        clause = f"it is throttled in {formats.share(throttled)} of periods"
        seen.append((Constraint.CPU, clause))
    if used.memory is not None and used.memory >= MEMORY_AT_LIMIT:
        clause = f"it takes {formats.share(used.memory)} of its memory at the peak"
        seen.append((Constraint.MEMORY, clause))
    return seen


def _ran_out(least: Row, rows: Sequence[Row]) -> list[tuple[Constraint, str]]:
    seen = []
    for row, has_less_cpu in _neighbours(least, rows):
        constraint = None if row.cause is None else _RAN_OUT.get(row.cause)
        if constraint is None and has_less_cpu and row.cause in _LATE:
            constraint = Constraint.CPU
        if constraint is not None:
            seen.append((constraint, _fails(row)))
    return seen


def _neighbours(least: Row, rows: Sequence[Row]) -> list[tuple[Row, bool]]:
    """Return the nearest failing rows below, each with whether it has less CPU in all."""
    below = (*fails_below(rows, least).values(), fewer_replicas_fail(rows, least))
    cores = least.setting.total_cpus
    return [
        (row, row.setting.total_cpus < cores) for row in dict.fromkeys(below) if row is not None
    ]


def _fails(row: Row) -> str:
    why = f" ({formats.why(row)})" if row.cause else ""
    return f"{row.setting.label} fails{why}"
