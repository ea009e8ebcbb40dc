"""From rows to the answer: the least setting that holds, and what fails just below it."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Row
from loadtests.question import rank
from loadtests.verdicts import Verdict, contradictions


@dataclass(frozen=True)
class Violation:
    """A smaller setting holds while a larger one fails, which contradicts the assumption."""

    smaller: Row
    larger: Row


def of_verdict(rows: Sequence[Row], verdict: Verdict) -> list[Row]:
    """Return the rows with one verdict, in their order."""
    return [row for row in rows if row.verdict is verdict]


def minimum(rows: Sequence[Row], prices: Prices) -> Row | None:
    """Return the holding row of least cost per hour, None where none holds; ties as in `rank`.

    What holds while a larger setting fails is contradicted, and is no answer, unless a search has
    weighed all its trials. What holds less often than it asked is one only where nothing holds so
    often: then the most reliable.
    """
    holding = of_verdict(rows, Verdict.HOLDS)
    contradicted = [pair.smaller for pair in violations(rows)]
    weighed = [row for row in holding if row.reliability is not None and row.is_reliable]
    holding = [row for row in holding if row not in contradicted or row in weighed]
    enough = [row for row in holding if row.is_reliable]
    if enough:
        return min(enough, key=lambda row: rank(row.setting, prices.per_hour))
    return max(holding, key=lambda row: row.reliability or 0.0, default=None)


def outweighed(rows: Sequence[Row], least: Row | None, prices: Prices) -> list[Row]:
    """Return the rows that hold by their own trials and cost less than the answer.

    By all trials of a search they are not shown to hold as often as it was asked for.
    """
    if least is None:
        return []
    cost = prices.per_hour
    return [
        row
        for row in of_verdict(rows, Verdict.HOLDS)
        if not row.is_reliable and rank(row.setting, cost) < rank(least.setting, cost)
    ]


def violations(rows: Sequence[Row]) -> list[Violation]:
    """Return all pairs that contradict the assumption that more never makes a service worse."""
    holding, failing = (
        {row.setting: row for row in of_verdict(rows, verdict)}
        for verdict in (Verdict.HOLDS, Verdict.FAILS)
    )
    pairs = contradictions(holding, failing)
    return [Violation(holding[smaller], failing[larger]) for smaller, larger in pairs]


def comparable(rows: Sequence[Row]) -> int:
    """Count the pairs of decided settings, one larger than the other, that test the assumption.

    They are those of which the larger fails or the smaller holds: all others could not contradict.
    """
    decided = [row for row in rows if row.verdict.decides]
    return sum(
        larger.setting != smaller.setting
        and larger.setting.grants_at_least(smaller.setting)
        and (larger.verdict is Verdict.FAILS or smaller.verdict is Verdict.HOLDS)
        for smaller in decided
        for larger in decided
    )


def fails_below(rows: Sequence[Row], least: Row | None) -> dict[str, Row | None]:
    """Return the nearest failing rows below the minimum: with less CPU, with less memory.

    A row shows that CPU cannot be less when it fails with less of it and no less memory, and the
    other way round. Keys cpus and memory_mib; None where no such row was measured.
    """
    if least is None:
        return {"cpus": None, "memory_mib": None}
    is_at = least.setting
    failing = [
        row for row in of_verdict(rows, Verdict.FAILS) if row.setting.replicas == is_at.replicas
    ]
    less_cpu = [
        row
        for row in failing
        if row.setting.cpus < is_at.cpus and row.setting.memory_mib >= is_at.memory_mib
    ]
    less_memory = [
        row
        for row in failing
        if row.setting.memory_mib < is_at.memory_mib and row.setting.cpus >= is_at.cpus
    ]
    return {
        "cpus": max(less_cpu, key=lambda r: (r.setting.cpus, -r.setting.memory_mib), default=None),
        "memory_mib": max(
            less_memory, key=lambda r: (r.setting.memory_mib, -r.setting.cpus), default=None
        ),
    }


def fewer_replicas_fail(rows: Sequence[Row], least: Row) -> Row | None:
    """Return the row of most replicas that fails with the minimum's size and fewer of them."""
    at = least.setting
    failing = [
        row
        for row in of_verdict(rows, Verdict.FAILS)
        if (row.setting.cpus, row.setting.memory_mib) == (at.cpus, at.memory_mib)
        and row.setting.replicas < at.replicas
    ]
    return max(failing, key=lambda row: row.setting.replicas, default=None)
