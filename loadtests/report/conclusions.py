"""The study's conclusions, computed from the rows; each appears only where the data bear it.

Each claim names its trials: one trial supports an answer, it proves none.
"""

import itertools
import math
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
    violations,
)
from loadtests.analysis.summary import by_size
from loadtests.question import Question
from loadtests.verdicts import Verdict

# Costs this near are called equal: settings come in steps, so exact pairs are rare.
EQUAL_COST = 0.1


def conclusions(rows: Sequence[Row], prices: Prices, question: Question) -> list[str]:
    """Return the study's conclusions, the answer first.

    The least setting; what limits it; what its cost is worth; whether replicas allow smaller
    containers; vertical against horizontal at equal cost; where more replicas stop paying off; the
    assumption and what contradicts it; doubts.
    """
    return [
        *_least(rows, prices, question),
        *_smaller_containers(rows, prices),
        *_equal_cost(rows, prices),
        *_paying_off(rows),
        *_assumption(rows),
        *_doubts(rows),
    ]


def p95_with_range(row: Row) -> str:
    """Write a row's p95 with its interval: "12 ms (95% interval 10-15)"."""
    text = formats.latency(row.p95_ms, row)
    if row.p95_range_ms is None or not all(map(math.isfinite, row.p95_range_ms)):
        return text
    low, high = (formats.milliseconds(x).removesuffix(" ms") for x in row.p95_range_ms)
    return f"{text} (95% interval {low}-{high})"


def supported(row: Row) -> str:
    """Say on how many trials a row stands: "supported by one trial"."""
    count = len(row.trials)
    return f"supported by {'one trial' if count == 1 else f'{count} trials'}"


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
        return [f"No measured setting was found to hold {users} with {asked} ({tally})."]
    said = [
        f"The least measured setting that holds {users} with {asked} is {least.setting.label}, at "
        f"{money(prices.per_hour(least.setting), prices)}: p95 {p95_with_range(least)} of the "
        f"steady state, error rate {formats.errors(least)}, {supported(least)}."
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
    return [*said, _proxy(prices)]


def _failing(row: Row) -> str:
    why = f" ({formats.why(row)})" if row.cause else ""
    return (
        f"{row.setting.label} fails{why}: p95 {p95_with_range(row)}, error rate "
        f"{formats.errors(row)}, {supported(row)}"
    )


def _proxy(prices: Prices) -> str:
    """Say what a cost is worth: a proxy, by the price of a unit."""
    return (
        f"Costs are a proxy by unit price ({prices.source}, {prices.date}): where a provider sells "
        "no such size, the bill differs; AWS Fargate, for one, sells certain sizes only."
    )


def _smaller_containers(rows: Sequence[Row], prices: Prices) -> list[str]:
    one = minimum([row for row in rows if row.setting.replicas == 1], prices)
    several = [row for row in rows if row.setting.replicas > 1]
    more = minimum(several, prices)
    if not several or (one is None and more is None):
        return []
    if more is None:
        tried = max(row.setting.replicas for row in several)
        return [f"No setting with several replicas (up to {tried}) was found to hold."]
    if one is None:
        least = f"{more.setting.label}, {supported(more)}"
        return [f"Only several replicas were found to hold: the least is {least}."]
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
    """Compare each row of several replicas with the best single one that costs as much."""
    decided = [row for row in rows if row.verdict.decides]
    single = [row for row in decided if row.setting.replicas == 1]
    found: dict[str, list[str]] = {}
    alone = []
    for row in (row for row in decided if row.setting.replicas > 1):
        cost = prices.per_hour(row.setting)
        rival = _best([r for r in single if _is_equal(prices.per_hour(r.setting), cost)], prices)
        if rival is None:
            alone.append(row.setting.label)
        else:
            found.setdefault(_better(rival, row), []).append(
                f"{_with_p95(row)} beside {_with_p95(rival)}"
            )
    said = [
        f"At equal cost (within {EQUAL_COST:.0%}): {outcome}, with {'; '.join(pairs)}."
        for outcome, pairs in found.items()
    ]
    if alone and single:
        said.append(
            f"At equal cost (within {EQUAL_COST:.0%}) nothing is compared with "
            f"{formats.listing(alone)}: no single replica of that cost was measured."
        )
    return said


def _is_equal(cost: float, other: float) -> bool:
    return abs(cost - other) <= EQUAL_COST * max(cost, other)


def _with_p95(row: Row) -> str:
    p95, trials = formats.latency(row.p95_ms, row), formats.count(len(row.trials), "trial")
    return f"{row.setting.label} (p95 {p95}, {trials})"


def _best(rows: Sequence[Row], prices: Prices) -> Row | None:
    """Return the quickest row that holds, or the dearest where none does."""
    holding = of_verdict(rows, Verdict.HOLDS)
    if holding:
        return min(holding, key=lambda row: (row.p95_ms or 0.0, prices.per_hour(row.setting)))
    return max(rows, key=lambda row: prices.per_hour(row.setting), default=None)


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
                f"beyond the intervals or turning fails into holds{_by(group)}: "
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
                f"replica{'s' if few.setting.replicas > 1 else ''} did not pay off among "
                f"{counts}{_by(group)}: "
                f"p95 {p95_with_range(few)} with {few.setting.replicas}, "
                f"{p95_with_range(more)} with {more.setting.replicas}."
            )
    return said


def _by(rows: Sequence[Row]) -> str:
    """Say on how many trials each of several rows stands: " (one trial each)"."""
    counts = sorted({len(row.trials) for row in rows})
    each = f"{counts[0]} to {counts[-1]} trials" if counts[1:] else f"{counts[0]} trials"
    return f" ({'one trial' if counts == [1] else each} each)"


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
        (Verdict.UNDECIDED, "Undecided, so no evidence for or against"),
        (Verdict.INVALID, "Not measured well enough to count"),
    ):
        labels = [row.setting.label for row in of_verdict(rows, verdict)]
        if labels:
            said.append(f"{what}: {formats.listing(labels)}.")
    return said
