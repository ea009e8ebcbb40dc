"""The study's conclusions, computed from the rows; each appears only where the data bear it.

Each claim names its trials: one trial supports an answer, it proves none.
"""

from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import (
    comparable,
    fails_below,
    fewer_replicas_fail,
    minimum,
    of_verdict,
    outweighed,
    violations,
)
from loadtests.question import Question
from loadtests.report.replica_conclusions import equal_cost, paying_off, smaller_containers
from loadtests.verdicts import Verdict


def conclusions(rows: Sequence[Row], prices: Prices, question: Question) -> list[str]:
    """Return the study's conclusions, the answer first.

    The least setting; what limits it; what its cost is worth; whether replicas allow smaller
    containers; vertical against horizontal at equal cost; where more replicas stop paying off; the
    assumption and what contradicts it; doubts.
    """
    return [
        *_least(rows, prices, question),
        *smaller_containers(rows, prices),
        *equal_cost(rows, prices),
        *paying_off(rows),
        *_assumption(rows),
        *_doubts(rows),
    ]


def _least(rows: Sequence[Row], prices: Prices, question: Question) -> list[str]:
    users, asked = question.workload.label, formats.slo(question.slo)
    if not rows:
        return [f"Nothing was measured, so nothing can be said about {users}."]
    least = minimum(rows, prices)
    if least is None:
        tally = ", ".join(
            f"{len(of_verdict(rows, v))} {v.value}" for v in Verdict if of_verdict(rows, v)
        )
        return [f"No measured setting was found to hold {users} with {asked} ({tally})."]
    said = [
        f"The least measured setting that holds {users} with {asked} is {least.setting.label}, at "
        f"{formats.money(prices.per_hour(least.setting), prices.currency)}: p95 "
        f"{formats.p95_with_range(least)} of the steady state, error rate {formats.errors(least)}, "
        f"{formats.supported(least)}."
    ]
    names = {"cpus": "CPU", "memory_mib": "memory"}
    for key, row in fails_below(rows, least).items():
        if row is None:
            said.append(_none_failed(names[key], least))
        else:
            said.append(f"With less {names[key]}, {_failing(row)}.")
    fewer = fewer_replicas_fail(rows, least)
    if fewer is not None:
        said.append(f"With fewer replicas of that size, {_failing(fewer)}.")
    said += [f"{formats.outweighed(row)}." for row in outweighed(rows, least, prices)]
    return [*said, _proxy(prices)]


def _none_failed(what: str, least: Row) -> str:
    """Say that nothing smaller failed, and what is known of it all the same."""
    if least.reliability is None:
        return f"Nothing with less {what} alone was seen to fail: less may do."
    return (
        f"No setting with less {what} alone failed by its own trials: whether less would do is "
        "only estimated, from all trials together."
    )


def _failing(row: Row) -> str:
    why = f" ({formats.why(row)})" if row.cause else ""
    return (
        f"{row.setting.label} fails{why}: p95 {formats.p95_with_range(row)}, error rate "
        f"{formats.errors(row)}, {formats.supported(row)}"
    )


def _proxy(prices: Prices) -> str:
    """Say what a cost is worth: a proxy, by the price of a unit."""
    return (
        f"Costs are a proxy by unit price ({prices.source}, {prices.date}): where a provider sells "
        "no such size, the bill differs; AWS Fargate, for one, sells certain sizes only."
    )


def _assumption(rows: Sequence[Row]) -> list[str]:
    """Say what is assumed, how far the rows could check it, and what contradicts it."""
    pairs, against = comparable(rows), violations(rows)
    if not pairs:
        return []
    checked = f"checked on {formats.count(pairs, 'pair')} of measured settings"
    said = f"It is assumed that more CPU and more memory never make a service worse; {checked}"
    if not against:
        return [f"{said}, none of which contradicts it."]
    return [
        f"{said}, {len(against)} of which contradict{'s' if len(against) == 1 else ''} it.",
        *(
            f"Contradiction: {pair.smaller.setting.label} holds while the larger "
            f"{pair.larger.setting.label} fails; one of the two is noise, or more makes this "
            "service worse: repeat both."
            for pair in against
        ),
    ]


def _doubts(rows: Sequence[Row]) -> list[str]:
    said = []
    for verdict, what in (
        (Verdict.UNDECIDED, "Undecided by its own trials"),
        (Verdict.INVALID, "Not measured well enough to count"),
    ):
        told = [formats.unsure(row) for row in of_verdict(rows, verdict)]
        if told:
            said.append(f"{what}: {formats.listing(told)}.")
    return said
