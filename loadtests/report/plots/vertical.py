"""Every setting of one replica in one figure: response times, error rate, verdict and cause."""

import math
from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row, Skipped
from loadtests.analysis.nearest import nearest
from loadtests.question import SLO
from loadtests.report.plots import canvas, marks, scales
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import DARK, FAINT, LIGHT, LOOKS, MUTED, PAPER
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
ROW_IN = 0.42
MOST_ROWS = 100  # of more a screen shows no whole, and from 770 on no image can be made


@canvas.styled
def vertical_figure(
    rows: Sequence[Row],
    skipped: Sequence[Skipped],
    slo: SLO,
    least: Row | None,
) -> Figure:
    """Draw response times (ms) and error rate of each setting, with its verdict and cause.

    Of more than MOST_ROWS the least and those nearest to the edge.
    """
    message = vertical_message(rows, least)
    rows, skipped, left = _drawn(rows, skipped, slo, least)
    entries = len(rows) + len(skipped)
    figure = canvas.canvas(WIDTH_IN, 2.0 + ROW_IN * max(entries, 2))
    canvas.message(figure, message, f"{marks.slo_and_marks(rows, slo)}{left}")
    if not entries:
        return canvas.nothing(figure, "no setting was measured")
    latency, errors = figure.subplots(1, 2, sharey=True, width_ratios=(2.6, 1))
    scale = scales.row_scale(rows, slo, ("p50_ms", "p95_ms", "p99_ms"))
    scales.latency_axis(latency, scale, "x")
    scales.share_axis(errors, slo, "x")
    latency.axvline(slo.latency_ms, **canvas.SLO_LINE)
    errors.axvline(slo.error_rate, **canvas.SLO_LINE)
    for place, row in enumerate(rows):
        _draw_latency(latency, place, row, scale)
        if row.error_rate is not None and not math.isnan(row.error_rate):
            marks.verdict_marker(errors, row.error_rate, place, row, 7.5)
    for place, skip in enumerate(skipped, start=len(rows)):
        latency.text(
            0.015,
            place,
            fill(f"skipped: {skip.reason}", 68),
            transform=latency.get_yaxis_transform(),
            va="center",
            color=MUTED,
            style="italic",
            fontsize=8.5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
        )
    _write_settings(latency, rows, skipped)
    _write_verdicts(errors, rows, skipped)
    latency.set_xlabel("response time in steady state (ms, log)")
    errors.set_xlabel("error rate (whole trial)")
    figure.legend(handles=_handles(rows, slo), loc="outside lower left", ncols=8)
    return figure


def vertical_message(rows: Sequence[Row], least: Row | None) -> str:
    """Say how many of the settings hold, and which of them is the cheapest."""
    held = sum(row.verdict is Verdict.HOLDS for row in rows)
    if not rows:
        return "No setting was measured"
    if not held:
        return "No measured setting is shown to hold"
    said = f"{held} of {len(rows)} settings {'holds' if held == 1 else 'hold'}"
    return said if least is None else f"{said}; the cheapest is {least.setting.label}"


def vertical_figure_alt(
    rows: Sequence[Row],
    skipped: Sequence[Skipped],
    slo: SLO,
    least: Row | None,
) -> str:
    """Say in words what `vertical_figure` shows."""
    message = vertical_message(rows, least)
    rows, skipped, left = _drawn(rows, skipped, slo, least)
    found = "; ".join(formats.row_sentence(row) for row in rows) or "nothing measured"
    left_out = "".join(f" Skipped: {s.setting.label}, {s.reason}." for s in skipped)
    return (
        f"Chart of response times and error rate per setting. {message}. "
        f"{marks.slo_and_marks(rows, slo)}{left} {found}.{left_out}"
    )


def _drawn(
    rows: Sequence[Row], skipped: Sequence[Skipped], slo: SLO, least: Row | None
) -> tuple[list[Row], list[Skipped], str]:
    """Return what there is room for, and what is said of the rest."""
    first = () if least is None else (least.setting,)
    shown = [rows[place] for place in nearest(rows, slo, MOST_ROWS, first)]
    room = MOST_ROWS - len(shown)
    left = len(rows) + len(skipped) - len(shown) - len(skipped[:room])
    said = f" Not drawn, far from the edge or skipped: {formats.count(left, 'setting')}."
    return shown, [*skipped[:room]], said if left else ""


def _draw_latency(axes: Axes, place: int, row: Row, scale: LatencyScale) -> None:
    p50, p99 = scale.place(row.p50_ms), scale.place(row.p99_ms)
    if row.p95_ms is None:
        marks.verdict_marker(axes, scale.place_row(row), place, row)
        axes.annotate(
            formats.not_measured(row.stopped_at_s), (scale.place_row(row), place), xytext=(-11, 0),
            textcoords="offset points", ha="right", va="center", color=LOOKS[row.verdict].ink,
            style="italic", fontsize=8.5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        )  # fmt: skip
        return
    axes.plot([p50, p99], [place, place], color=FAINT, linewidth=1.0, zorder=2)
    if row.p95_range_ms is not None:
        low, high = (scale.place(v) for v in row.p95_range_ms)
        marks.interval_bar(axes, (low, high), (place, place), row)
    axes.plot(p50, place, "|", color=LIGHT, markersize=11, markeredgewidth=2.4, zorder=4)
    axes.plot(p99, place, "|", color=DARK, markersize=11, markeredgewidth=2.4, zorder=4)
    marks.verdict_marker(axes, scale.place_row(row), place, row)


def _write_settings(axes: Axes, rows: Sequence[Row], skipped: Sequence[Skipped]) -> None:
    labels = [row.setting.label for row in rows] + [skip.setting.label for skip in skipped]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_ylabel("setting, per replica")
    axes.grid(visible=False, axis="y")
    for tick in axes.get_yticklabels()[len(rows) :]:
        tick.set_color(FAINT)


def _write_verdicts(axes: Axes, rows: Sequence[Row], skipped: Sequence[Skipped]) -> None:
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", labelleft=False)
    said = [f"{LOOKS[row.verdict].sign} {formats.verdict(row.verdict, row.cause)}" for row in rows]
    if not marks.same_trials(rows):
        trials = [formats.count(len(row.trials), "trial") for row in rows]
        said = [f"{verdict} ({count})" for verdict, count in zip(said, trials, strict=True)]
    inks = [LOOKS[row.verdict].ink for row in rows]
    entries = [*zip(said, inks, strict=True), *[("skipped", FAINT)] * len(skipped)]
    for place, (text, colour) in enumerate(entries):
        axes.annotate(
            text,
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
        )


def _handles(rows: Sequence[Row], slo: SLO) -> list[Line2D]:
    def tick(colour: str, label: str) -> Line2D:
        return Line2D(
            [], [], color=colour, marker="|", linestyle="none", markersize=10,
            markeredgewidth=2.4, label=label,
        )  # fmt: skip

    interval = marks.interval_handle()
    return [
        tick(LIGHT, "p50"),
        interval,
        tick(DARK, "p99"),
        *marks.verdict_handles(rows),
        canvas.slo_handle(slo),
    ]
