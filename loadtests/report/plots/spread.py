"""The p95 of every trial of one setting, each with its own interval, against the SLO."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import formats
from loadtests.analysis.spread import Spread, SpreadTrial
from loadtests.question import SLO
from loadtests.report.plots import canvas, marks, scales
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import LOOKS

WIDTH_IN = 10.0
TRIAL_IN = 0.36
_LENGTHS = "Trials in the order measured, each with the length of its steady state."


@canvas.styled
def spread_figure(found: Spread, slo: SLO) -> Figure:
    """Draw the p95 (ms) of each trial with its 95% interval, in the order measured."""
    trials = found.trials
    figure = canvas.canvas(WIDTH_IN, 1.9 + TRIAL_IN * max(len(trials), 2))
    canvas.message(figure, spread_message(found), f"SLO: {formats.slo(slo)}. {_LENGTHS}")
    if not trials:
        return canvas.nothing(figure, "no trial was measured")
    axes = figure.subplots()
    rows = [trial.row for trial in trials]
    scale = scales.row_scale(rows, slo)
    scales.latency_axis(axes, scale, "x")
    axes.axvline(slo.latency_ms, **canvas.SLO_LINE)
    for place, trial in enumerate(trials):
        _draw(axes, place, trial, scale)
    axes.set_yticks(range(len(trials)), [_name(n, t) for n, t in enumerate(trials, 1)])
    axes.set_ylim(len(trials) - 0.4, -0.6)
    axes.set_ylabel("trial")
    axes.set_xlabel("p95 in steady state (ms, log)")
    axes.grid(visible=False, axis="y")
    handles = [*marks.verdict_handles(rows), marks.interval_handle(), canvas.slo_handle(slo)]
    figure.legend(handles=handles, loc="outside lower left", ncols=6)
    return figure


def spread_message(found: Spread) -> str:
    """Say how far the trials lie apart, those of each length by themselves."""
    if not found.trials:
        return "No trial was measured"
    label, parts = found.trials[0].row.setting.label, []
    for length in found.lengths:
        p95 = length.p95_ms
        if p95 is None:
            parts.append(f"{length.name}: none")
            continue
        low, _, high = (formats.milliseconds(value) for value in p95)
        parts.append(f"{length.name}: {low if low == high else f'{low} to {high}'}")
    return f"p95 of {label}, {'; '.join(parts) or 'no valid trial'}"


def spread_figure_alt(found: Spread, slo: SLO) -> str:
    """Say in words what `spread_figure` shows."""
    told = "; ".join(
        f"trial {number}, {trial.steady_s:g} s: {trial.row.verdict}, p95 "
        f"{formats.p95_with_range(trial.row)}"
        for number, trial in enumerate(found.trials, 1)
    )
    return (
        f"Chart of the p95 of each trial with its interval. {spread_message(found)}. "
        f"SLO: {formats.slo(slo)}. {told or 'Nothing measured'}."
    )


def _name(number: int, trial: SpreadTrial) -> str:
    return f"{number} ({trial.steady_s:g} s)"


def _draw(axes: Axes, place: int, trial: SpreadTrial, scale: LatencyScale) -> None:
    row = trial.row
    if row.p95_range_ms is not None:
        low, high = (scale.place(value) for value in row.p95_range_ms)
        marks.interval_bar(axes, (low, high), (place, place), row)
    marks.verdict_marker(axes, scale.place_row(row), place, row)
    look = LOOKS[row.verdict]
    axes.annotate(
        f"{look.sign} {formats.verdict(row.verdict, row.cause)}", (1, place),
        xycoords=axes.get_yaxis_transform(), xytext=(10, 0), textcoords="offset points",
        va="center", color=look.ink, fontsize=9,
    )  # fmt: skip
