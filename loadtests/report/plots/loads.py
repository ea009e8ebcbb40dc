"""One setting under more and more load: where latency and error rate leave the SLO."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.question import SLO, Setting
from loadtests.report.plots import canvas, marks, scales
from loadtests.report.style import LOOKS
from loadtests.verdicts import Verdict

WIDTH_IN = 9.0
HEIGHT_IN = 5.2
MARGIN = 1.08


@canvas.styled
def loads_figure(
    rows: Mapping[float, Row], setting: Setting, slo: SLO, noun: str = "users"
) -> Figure:
    """Draw p95 (ms, with interval) and error rate against the load (users, or arrivals/s)."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, loads_message(rows, setting, noun), f"SLO: {formats.slo(slo)}.")
    if not rows:
        return canvas.nothing(figure, f"no number of {noun} was measured")
    latency, errors = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    scale = scales.row_scale(list(rows.values()), slo)
    scales.latency_axis(latency, scale)
    scales.share_axis(errors, slo)
    latency.axhline(slo.latency_ms, **canvas.SLO_LINE)
    errors.axhline(slo.error_rate, **canvas.SLO_LINE)
    for load, row in rows.items():
        _draw(latency, load, row, scale)
        if row.error_rate is not None:
            marks.verdict_marker(errors, load, row.error_rate, row, 7.5)
    errors.set_xlim(min(rows) / MARGIN, max(rows) * MARGIN)
    errors.set_xticks(
        list(rows),
        [f"{load:,g}\n({formats.count(len(r.trials), 'trial')})" for load, r in rows.items()],
    )
    latency.set_ylabel("p95 in steady state (ms, log)")
    errors.set_ylabel("error rate\n(whole trial)")
    errors.set_xlabel("concurrent users" if noun == "users" else noun)
    figure.align_ylabels([latency, errors])
    handles = [
        *marks.verdict_handles(rows.values()),
        marks.interval_handle(),
        canvas.slo_handle(slo),
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=5)
    return figure


def loads_message(rows: Mapping[float, Row], setting: Setting, noun: str) -> str:
    """Say how much load the setting holds."""
    held = [load for load, row in rows.items() if row.verdict is Verdict.HOLDS]
    if not held:
        return f"{setting.label} is not shown to hold any number of {noun}"
    return f"{setting.label} holds {max(held):,g} {noun}"


def loads_figure_alt(
    rows: Mapping[float, Row], setting: Setting, slo: SLO, noun: str = "users"
) -> str:
    """Say in words what `loads_figure` shows."""
    told = "; ".join(
        f"{load:,g} {noun}: {formats.verdict(row.verdict, row.cause)}, p95 "
        f"{formats.latency(row.p95_ms, row)}, error rate {formats.share(row.error_rate)}"
        for load, row in rows.items()
    )
    return (
        f"Charts of p95 and error rate against {noun}. {loads_message(rows, setting, noun)}. "
        f"SLO: {formats.slo(slo)}. {told}."
    )


def _draw(axes: Axes, load: float, row: Row, scale: scales.LatencyScale) -> None:
    if row.p95_range_ms is not None:
        low, high = (scale.place(value) for value in row.p95_range_ms)
        marks.interval_bar(axes, (load, load), (low, high), row)
    marks.verdict_marker(axes, load, scale.place_row(row), row)
    if why := marks.no_latency(row):
        axes.annotate(
            why, (load, scale.place_row(row)), xytext=(-10, 0), textcoords="offset points",
            ha="right", va="center", color=LOOKS[row.verdict].ink, fontsize=8.5,
        )  # fmt: skip
