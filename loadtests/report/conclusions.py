"""The study's conclusions, computed from the rows; each appears only where the data bear it."""

import itertools
import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import (
    fails_below,
    fewer_replicas_fail,
    minimum,
    of_verdict,
    violations,
)
from loadtests.analysis.summary import by_size
from loadtests.question import Question
from loadtests.verdicts import Verdict

# Costs this near are called equal: settings come in steps, so exact pairs are rare.
EQUAL_COST = 0.1


def conclusions(rows: Sequence[Row], prices: Prices, question: Question) -> list[str]:
    """Return the study's conclusions, the answer first.

    The least setting; what limits it; whether replicas allow smaller containers; vertical against
    horizontal at equal cost; where more replicas stop paying off; contradictions and doubts.
    """
    return [
        *_least(rows, prices, question),
        *_smaller_containers(rows, prices),
        *_equal_cost(rows, prices),
        *_paying_off(rows),
        *_contradictions(rows),
        *_doubts(rows),
    ]


def p95_with_range(row: Row) -> str:
    """Write a row's p95 with its interval: "12 ms (95% interval 10-15)"."""
    text = formats.latency(row.p95_ms, row)
    if row.p95_range_ms is None or not all(map(math.isfinite, row.p95_range_ms)):
        return text
    low, high = (formats.milliseconds(x).removesuffix(" ms") for x in row.p95_range_ms)
    return f"{text} (95% interval {low}-{high})"


def money(amount: float, prices: Prices) -> str:
    """Write a cost per hour: "0.0256 USD per hour"."""
    return f"{amount:.4f} {prices.currency} per hour"


def _least(rows: Sequence[Row], prices: Prices, question: Question) -> list[str]:
    users, asked = f"{question.workload.users:,} users", formats.slo(question.slo)
    if not rows:
        return [f"Nothing was measured, so nothing can be said about {users}."]
    least = minimum(rows, prices)
    if least is None:
        tally = ", ".join(
            f"{len(of_verdict(rows, v))} {v.value}" for v in Verdict if of_verdict(rows, v)
        )
        return [f"No measured setting was shown to hold {users} with {asked} ({tally})."]
    said = [
        f"The least measured setting that holds {users} with {asked} is {least.setting.label}, at "
        f"{money(prices.per_hour(least.setting), prices)}: p95 {p95_with_range(least)}, failures "
        f"{formats.share(least.error_rate)}, {formats.count(len(least.trials), 'trial')}."
    ]
    names = {"cpus": "CPU", "memory_mib": "memory"}
    for key, row in fails_below(rows, least).items():
        if row is None:
            said.append(f"Nothing with less {names[key]} alone was seen to fail: less may do.")
        else:
            said.append(f"With less {names[key]}, {_failing(row)}.")
    fewer = fewer_replicas_fail(rows, least)
    if fewer is not None:
        said.append(f"With fewer replicas of that size, {_failing(fewer)}.")
    return said


def _failing(row: Row) -> str:
    why = f" ({formats.cause(row.cause)})" if row.cause else ""
    return (
        f"{row.setting.label} fails{why}: p95 {p95_with_range(row)}, failures "
        f"{formats.share(row.error_rate)}"
    )


def _smaller_containers(rows: Sequence[Row], prices: Prices) -> list[str]:
    one = minimum([row for row in rows if row.setting.replicas == 1], prices)
    several = [row for row in rows if row.setting.replicas > 1]
    more = minimum(several, prices)
    if not several or (one is None and more is None):
        return []
    if more is None:
        tried = max(row.setting.replicas for row in several)
        return [f"No setting with several replicas (up to {tried}) was shown to hold."]
    if one is None:
        return [f"Only several replicas were shown to hold: the least is {more.setting.label}."]
    small, big = more.setting, one.setting
    less = [
        f"{part} {ours:g} instead of {theirs:g}"
        for part, ours, theirs in (
            ("CPU", small.cpus, big.cpus),
            ("MiB", small.memory_mib, big.memory_mib),
        )
        if ours < theirs
    ]
    ratio = prices.per_hour(small) / prices.per_hour(big) - 1
    versus = f"{abs(ratio):.0%} {'more' if ratio > 0 else 'less'}" if round(ratio, 2) else "as much"
    costs = (
        f"{small.label} costs {money(prices.per_hour(small), prices)}, {versus}"
        f"{' as' if versus == 'as much' else ' than'} {big.label} with "
        f"{money(prices.per_hour(big), prices)}"
    )
    if not less:
        return [f"Replicas did not allow smaller containers among the settings measured; {costs}."]
    return [f"Replicas allow smaller containers ({' and '.join(less)} per replica); {costs}."]


def _equal_cost(rows: Sequence[Row], prices: Prices) -> list[str]:
    """Compare each row of several replicas with the best single one that costs no more."""
    decided = [row for row in rows if row.verdict.decides]
    single = [row for row in decided if row.setting.replicas == 1]
    found: dict[str, list[str]] = {}
    for row in (row for row in decided if row.setting.replicas > 1):
        rival = _best_for(single, prices.per_hour(row.setting) * (1 + EQUAL_COST), prices)
        if rival is not None:
            found.setdefault(_better(rival, row), []).append(
                f"{row.setting.label} ({formats.milliseconds(row.p95_ms)}) beside "
                f"{rival.setting.label} ({formats.milliseconds(rival.p95_ms)})"
            )
    return [
        f"Beside the best single replica that costs no more: {outcome}, with {'; '.join(pairs)}."
        for outcome, pairs in found.items()
    ]


def _best_for(rows: Sequence[Row], cost: float, prices: Prices) -> Row | None:
    """Return the quickest row that holds for so much, or the dearest where none holds."""
    within = [row for row in rows if prices.per_hour(row.setting) <= cost]
    holding = of_verdict(within, Verdict.HOLDS)
    if holding:
        return min(holding, key=lambda row: (row.p95_ms or 0.0, prices.per_hour(row.setting)))
    return max(within, key=lambda row: prices.per_hour(row.setting), default=None)


def _better(vertical: Row, horizontal: Row) -> str:
    if vertical.verdict is not horizontal.verdict:
        return "vertical is better" if vertical.verdict is Verdict.HOLDS else "horizontal is better"
    if _faster(vertical, horizontal):
        return "vertical is faster"
    if _faster(horizontal, vertical):
        return "horizontal is faster"
    return "no difference beyond the intervals"


def _faster(one: Row, other: Row) -> bool:
    """Say whether one row's p95 is below another's beyond both intervals."""
    if one.p95_range_ms is None or other.p95_range_ms is None:
        return False
    return one.p95_range_ms[1] < other.p95_range_ms[0]


def _pays(few: Row, more: Row) -> bool:
    """Say whether more replicas lower p95 beyond the intervals, or hold where fewer fail."""
    rescued = few.verdict is Verdict.FAILS and more.verdict is Verdict.HOLDS
    return rescued or _faster(more, few)


def _paying_off(rows: Sequence[Row]) -> list[str]:
    """Find, for each size of container, the first step in replicas that no longer lowers p95."""
    usable = [
        row for row in rows if row.p95_range_ms is not None and row.verdict is not Verdict.INVALID
    ]
    said = []
    for size, group in by_size(usable).items():
        if len(group) < 2:
            continue
        stops = next(
            ((few, more) for few, more in itertools.pairwise(group) if not _pays(few, more)),
            None,
        )
        counts = formats.listing([str(row.setting.replicas) for row in group])
        if stops is None:
            said.append(
                f"Each step in replicas of {size} ({counts}) still paid off, lowering p95 "
                "beyond the intervals or turning fails into holds: "
                f"{formats.milliseconds(group[0].p95_ms)} to "
                f"{formats.milliseconds(group[-1].p95_ms)}."
            )
        elif math.isinf(stops[0].p95_ms or 0) and math.isinf(stops[1].p95_ms or 0):
            said.append(
                f"With {size}, neither {stops[0].setting.replicas} nor "
                f"{stops[1].setting.replicas} replicas answer at p95, so nothing can be said about "
                "where more of them stop paying off."
            )
        else:
            few, more = stops
            said.append(
                f"Of {size}, more than {few.setting.replicas} "
                f"replica{'s' if few.setting.replicas > 1 else ''} did not pay off among {counts}: "
                f"p95 {p95_with_range(few)} with {few.setting.replicas}, "
                f"{p95_with_range(more)} with {more.setting.replicas}."
            )
    return said


def _contradictions(rows: Sequence[Row]) -> list[str]:
    return [
        f"Contradiction: {pair.smaller.setting.label} holds while the larger "
        f"{pair.larger.setting.label} fails; repeat both."
        for pair in violations(rows)
    ]


def _doubts(rows: Sequence[Row]) -> list[str]:
    said = []
    for verdict, what in (
        (Verdict.UNDECIDED, "Undecided, so neither proof nor disproof"),
        (Verdict.INVALID, "Not measured well enough to count"),
    ):
        labels = [row.setting.label for row in of_verdict(rows, verdict)]
        if labels:
            said.append(f"{what}: {formats.listing(labels)}.")
    return said
