"""What the rows say of replicas: smaller containers, equal cost, and where more stop paying off."""

import itertools
import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.cost import EQUAL_COST, Prices
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import minimum, of_verdict
from loadtests.analysis.summary import by_size
from loadtests.verdicts import Verdict


def smaller_containers(rows: Sequence[Row], prices: Prices) -> list[str]:
    """Say whether several replicas hold with smaller containers than one, and at what cost."""
    one = minimum([row for row in rows if row.setting.replicas == 1], prices)
    several = [row for row in rows if row.setting.replicas > 1]
    more = minimum(several, prices)
    if not several or (one is None and more is None):
        return []
    if more is None:
        tried = max(row.setting.replicas for row in several)
        return [f"No setting with several replicas (up to {tried}) was found to hold."]
    if one is None:
        least = f"{more.setting.label}, {formats.supported(more)}"
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
        f"{small.label} costs {formats.money(prices.per_hour(small), prices.currency)}, {versus}"
        f"{' as' if versus == 'as much' else ' than'} {big.label} with "
        f"{formats.money(prices.per_hour(big), prices.currency)}"
    )
    if not less:
        return [f"Replicas did not allow smaller containers among the settings measured; {costs}."]
    return [f"Replicas allow smaller containers ({' and '.join(less)} per replica); {costs}."]


def equal_cost(rows: Sequence[Row], prices: Prices) -> list[str]:
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


def paying_off(rows: Sequence[Row]) -> list[str]:
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
                f"Of {size}, nothing shows that more than {few.setting.replicas} "
                f"replica{'s' if few.setting.replicas > 1 else ''} pay off among "
                f"{counts}{_by(group)}: "
                f"p95 {formats.p95_with_range(few)} with {few.setting.replicas}, "
                f"{formats.p95_with_range(more)} with {more.setting.replicas}."
            )
    return said


def _by(rows: Sequence[Row]) -> str:
    """Say on how many trials each of several rows stands: " (one trial each)"."""
    counts = sorted({len(row.trials) for row in rows})
    each = f"{counts[0]} to {counts[-1]} trials" if counts[1:] else f"{counts[0]} trials"
    return f" ({'one trial' if counts == [1] else each} each)"
