"""A setting with closed users and with open arrivals, side by side."""

from loadtests.analysis import formats
from loadtests.analysis.open_comparison import OpenComparison
from loadtests.report.markup import Fragment, badge
from loadtests.report.tables import Cell, Column, table

CAPTION = "The answer with users who wait for answers, and with as many requests that do not"


def open_table(found: OpenComparison) -> Fragment:
    """Return a line a figure: verdict, latencies, what came through, and CPU."""
    rows = found.with_users, found.with_arrivals
    columns = (
        Column("figure"),
        Column("users who wait", "number"),
        Column("open arrivals", "number"),
    )
    lines: dict[str, tuple[Cell, ...]] = {
        "verdict": tuple(badge(row.verdict) for row in rows),
        "p50 in steady state": tuple(formats.latency(row.p50_ms, row) for row in rows),
        "p95 in steady state": tuple(formats.p95_with_range(row) for row in rows),
        "p99 in steady state": tuple(formats.latency(row.p99_ms, row) for row in rows),
        "p95, difference": ("", _signed(found.more_ms)),
        "error rate (whole trial)": tuple(formats.share(row.error_rate) for row in rows),
        "throughput": tuple(formats.quantity(row.rps, "/s") for row in rows),
        "throttled periods": tuple(formats.share(row.throttled_ratio) for row in rows),
        "CPU used (cores)": tuple(formats.quantity(row.cpu_cores, digits=2) for row in rows),
        "trials": tuple(str(len(row.trials)) for row in rows),
    }
    return table(CAPTION, columns, [(name, *cells) for name, cells in lines.items()])


def _signed(more_ms: float | None) -> str:
    if more_ms is None:
        return formats.NOT_MEASURED
    return f"{'+' if more_ms >= 0 else '-'}{formats.milliseconds(abs(more_ms))}"
