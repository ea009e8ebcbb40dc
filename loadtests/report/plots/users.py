"""One setting under more and more users: where latency and failures leave the SLO."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO, Setting
from loadtests.report.plots import canvas
from loadtests.verdicts import Verdict

WIDTH_IN = 9.0
HEIGHT_IN = 5.2
MARGIN = 1.08


@canvas.styled
def users_figure(rows: Mapping[int, Row], setting: Setting, slo: SLO) -> Figure:
    """Draw p95 (ms) and the share of failures against the number of users."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    under = f"SLO: {formats.slo(slo)}. Trials, 95% intervals."
    canvas.message(figure, users_message(rows, setting), under)
    if not rows:
        return canvas.nothing(figure, "no number of users was measured")
    latency, failures = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    values = [v for row in rows.values() for v in (row.p95_ms, *(row.p95_range_ms or ()))]
    scale = canvas.latency_scale(values, slo)
    canvas.latency_axis(latency, scale)
    canvas.share_axis(failures, slo)
    latency.axhline(slo.latency_ms, **canvas.SLO_LINE)
    failures.axhline(slo.error_rate, **canvas.SLO_LINE)
    for users, row in rows.items():
        _draw(latency, users, row, scale)
        if row.error_rate is not None:
            canvas.verdict_marker(failures, users, row.error_rate, row, 7.5)
    failures.set_xlim(min(rows) / MARGIN, max(rows) * MARGIN)
    failures.set_xticks(list(rows), [f"{users:,}" for users in rows])
    latency.set_ylabel("p95 (ms, log)")
    failures.set_ylabel("failed requests")
    failures.set_xlabel("concurrent users")
    figure.align_ylabels([latency, failures])
    handles = [*canvas.verdict_handles(rows.values()), canvas.slo_handle(slo)]
    figure.legend(handles=handles, loc="outside lower left", ncols=5)
    return figure


def users_message(rows: Mapping[int, Row], setting: Setting) -> str:
    """Say how many users the setting holds."""
    held = [users for users, row in rows.items() if row.verdict is Verdict.HOLDS]
    if not held:
        return f"{setting.label} is not shown to hold any number of users"
    return f"{setting.label} holds {max(held):,} users"


def users_figure_alt(rows: Mapping[int, Row], setting: Setting, slo: SLO) -> str:
    """Say in words what `users_figure` shows."""
    told = "; ".join(
        f"{users:,} users: {formats.verdict(row.verdict, row.cause)}, p95 "
        f"{formats.milliseconds(row.p95_ms)}, failures {formats.share(row.error_rate)}"
        for users, row in rows.items()
    )
    return (
        f"Charts of p95 and failures against users. {users_message(rows, setting)}. "
        f"SLO: {formats.slo(slo)}. {told}."
    )


def _draw(axes: Axes, users: int, row: Row, scale: canvas.LatencyScale) -> None:
    if row.p95_range_ms is not None:
        low, high = (scale.place(value) for value in row.p95_range_ms)
        canvas.interval_bar(axes, (users, users), (low, high), row)
    if row.p95_ms is not None:
        canvas.verdict_marker(axes, users, scale.place(row.p95_ms), row)
