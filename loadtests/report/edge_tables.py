"""Tables of how near the answer is to its limits, and how far its trials lie apart."""

import math
from collections.abc import Sequence
from dataclasses import astuple

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
    columns = (
        Column("setting"),
        Column("verdict"),
        Column(f"p95 of {formats.milliseconds(slo.latency_ms)}", "number"),
        Column(f"slow requests of {formats.share(slo.slow_share)}", "number"),
        Column(f"failures of {formats.share(slo.error_rate)}", "number"),
        Column("memory at the peak", "number"),
        Column("CPU used", "number"),
        Column("CPU needed at reference speed", "number"),
    )
    lines = [
        (
            kept_together(row.setting.label),
            badge(row.verdict),
            *(_used(share) for share in astuple(margins(row, slo))),
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


def _used(share: float | None) -> Cell:
    if share is None:
        return render(_MISSING, text=formats.NOT_REPORTED)
    if math.isinf(share):
        return "without end"
    return f"{share:,.0f} times" if share >= MANY_TIMES else formats.share(share)


def _p95(length: SameLength) -> tuple[Cell, ...]:
    p95, widest = length.p95_ms, length.widest_ms
    if p95 is None or widest is None:
        return (render(_MISSING, text=formats.NOT_MEASURED),) * 4
    within = " to ".join(formats.milliseconds(bound) for bound in widest)
    return (*(formats.milliseconds(value) for value in p95), within)
