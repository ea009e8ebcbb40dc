"""A setting with its CPU quota and the same cores without, side by side."""

from loadtests.analysis import formats
from loadtests.analysis.quota import QuotaCost
from loadtests.report.markup import Fragment, badge
from loadtests.report.tables import Cell, Column, table

CAPTION = "The answer with its CPU quota, and the same cores without"


def quota_table(found: QuotaCost) -> Fragment:
    """Return a line a figure: latencies, CPU, throttling, and how fast the CPU was meanwhile."""
    limited, _ = rows = found.with_quota, found.without
    columns = (Column("figure"), Column("with the quota", "number"), Column("without", "number"))
    lines: dict[str, tuple[Cell, ...]] = {
        "verdict": tuple(badge(row.verdict) for row in rows),
        "p50 in steady state": tuple(formats.latency(row.p50_ms, row) for row in rows),
        "p95 in steady state": tuple(formats.p95_with_range(row) for row in rows),
        "p99 in steady state": tuple(formats.latency(row.p99_ms, row) for row in rows),
        "error rate (whole trial)": tuple(formats.share(row.error_rate) for row in rows),
        "throttled periods": (formats.share(limited.throttled_ratio), "there is no quota"),
        "CPU used (cores)": tuple(formats.quantity(row.cpu_cores, digits=2) for row in rows),
        "CPU of a right answer": tuple(formats.milliseconds(ms) for ms in found.cpu_ms),
        "CPU needed at reference speed (cores)": tuple(
            formats.quantity(row.demand_reference_cores, digits=2) for row in rows
        ),
        "speed gauge (CPU of its work)": tuple(formats.quantity(us, "µs") for us in found.gauge_us),
        "kept to CPUs": ("any", formats.listing([*found.free[0].trial.cpusets])),
        "trials": tuple(str(len(row.trials)) for row in rows),
    }
    return table(CAPTION, columns, [(name, *cells) for name, cells in lines.items()])
