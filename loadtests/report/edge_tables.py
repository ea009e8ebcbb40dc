"""Tables of how near the answer is to its limits, and how far its trials lie apart."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.analysis.margins import margins
from loadtests.analysis.spread import SameLength, Spread
from loadtests.question import SLO
from loadtests.report.markup import Fragment, badge, render
from loadtests.report.tables import Cell, Column, kept_together, table

_MISSING = '<span class="missing">{{ text }}</span>'
# From so many times its limit on, percent are hard to read.
MANY_TIMES = 10


def margins_table(
    rows: Sequence[Row], slo: SLO, caption: str = "How much of each limit was used"
) -> Fragment:
    """Return one line per setting: what share of each of its limits it used; above 100% beyond."""
    limit = formats.milliseconds(slo.latency_ms).replace(" ms", "\xa0ms")
    columns = (
        Column("setting"),
        Column("verdict"),
        Column(f"p{slo.percentile:g} of {limit}", "number"),
        Column(f"slow requests of {formats.share(slo.slow_share)}", "number"),
        Column(f"failures of {formats.share(slo.error_rate)}", "number"),
        Column("memory at the peak", "number"),
        Column("CPU used", "number"),
        Column("CPU needed at reference speed", "number"),
        *([Column("what binds")] if slo.objectives else []),
    )
    lines = [
        (
            kept_together(row.setting.label),
            badge(row.verdict),
            *_shares(row, slo),
            *([formats.binding(row.binding)] if slo.objectives else []),
        )
        for row in rows
    ]
    return table(caption, columns, lines, empty="nothing holds")


def spread_table(found: Spread, caption: str = "Between trials, and within one") -> Fragment:
    """Return one line for the trials of each length: how many hold, where their p95 lie."""
    columns = (
        Column("trials"),
        Column("hold", "number"),
        Column("least p95", "number"),
        Column("median p95", "number"),
        Column("most p95", "number"),
        Column("widest 95% interval within one", "number"),
    )
    lines = [(length.name, str(length.held), *_p95(length)) for length in found.lengths]
    return table(caption, columns, lines, empty="no valid trial")


def _shares(row: Row, slo: SLO) -> tuple[Cell, ...]:
    """Return the shares of each limit; of the steady state there are none where none was seen."""
    used = margins(row, slo)
    steady = formats.NOT_MEASURED if row.p95_ms is None else formats.NOT_REPORTED
    return (
        _used(used.latency, steady, formats.NO_ANSWER),
        _used(used.slow, steady),
        _used(used.failures, endless="none may fail"),
        _used(used.memory),
        _used(used.cpu, steady),
        _used(used.cpu_at_reference),
    )


def _used(share: float | None, absent: str = formats.NOT_REPORTED, endless: str = "") -> Cell:
    if share is None:
        return render(_MISSING, text=absent)
    if math.isinf(share):
        return endless
    return f"{share:,.0f} times" if share >= MANY_TIMES else formats.share(share)


def _p95(length: SameLength) -> tuple[Cell, ...]:
    p95, widest = length.p95_ms, length.widest_ms
    if p95 is None or widest is None:
        return (render(_MISSING, text=formats.NOT_MEASURED),) * 4
    within = " to ".join(formats.milliseconds(bound) for bound in widest)
    return (*(formats.milliseconds(value) for value in p95), within)
