"""Every trial of each setting as a point, with the interval between trials: what scatter there is.

One panel a figure of merit, below each other; the settings stand side by side. An interval is of
the mean over trials; within a trial none is drawn, since it is silent about the next one.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loadtests.analysis import formats
from loadtests.analysis.replicates import (
    CPU,
    FAILED,
    MEMORY,
    P50,
    P95,
    P99,
    THROTTLED,
    Metric,
    Replicated,
)
from loadtests.question import SLO
from loadtests.report.plots import canvas, marks, scales
from loadtests.report.plots.scale_out import scale_out_message
from loadtests.report.plots.scales import LatencyScale
from loadtests.report.style import DARK, LIGHT, MIDDLE, MUTED
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
HEIGHT_IN = 11.5
LATENCIES = ((P50, LIGHT, -0.14), (P95, MIDDLE, 0.0), (P99, DARK, 0.14))  # with their place
BELOW = (
    (FAILED, "failed\n(whole trial)"),
    (THROTTLED, "throttled\nperiods"),
    (CPU, "CPU used\n(cores, in all)"),
    (MEMORY, "memory peak\n(MiB, fullest)"),
)
TRIAL: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 3.4, "alpha": 0.75}
ONE_TRIAL = "one trial each, so the spread between trials is not known"


@canvas.styled
def replicates_figure(found: Mapping[str, Sequence[Replicated]], slo: SLO) -> Figure:
    """Draw latency (ms), failures, throttling, CPU and memory of each trial, a column a group.

    A group is named by what its settings have in common; within it the fewest replicas come first.
    """
    groups = {name: _in_order(each) for name, each in found.items() if each}
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN if groups else 3.0)
    canvas.message(figure, replicates_message(groups), _under(groups, slo))
    if not groups:
        return canvas.nothing(figure, "no setting was measured")
    every = [each for group in groups.values() for each in group]
    scale = _scale(every, slo)
    grid = figure.subplots(
        1 + len(BELOW), len(groups), squeeze=False, sharex="col", height_ratios=(2.4, 1, 1, 1, 1)
    )
    for column, (name, group) in enumerate(groups.items()):
        panels = [line[column] for line in grid]
        panels[0].set_title(name, color=MUTED, fontweight="bold")
        _latency(panels[0], group, scale, slo)
        for axes, (metric, _) in zip(panels[1:], BELOW, strict=True):
            _figure_of(axes, group, metric, slo)
        labels = [_label(each) for each in group]
        panels[-1].set_xticks(range(len(group)), labels)
        panels[-1].set_xlim(-0.6, len(group) - 0.4)
        panels[-1].set_xlabel("replicas")
    for axes, text in zip(
        [line[0] for line in grid],
        ("response time\n(ms, log)", *(text for _, text in BELOW)),
        strict=True,
    ):
        axes.set_ylabel(text)
    figure.align_ylabels([line[0] for line in grid])
    figure.legend(handles=_handles(every, slo), loc="outside lower left", ncols=7)
    return figure


def replicates_message(found: Mapping[str, Sequence[Replicated]]) -> str:
    """Say from how many replicas on each size holds."""
    return scale_out_message({name: [each.row for each in group] for name, group in found.items()})


def replicates_figure_alt(found: Mapping[str, Sequence[Replicated]], slo: SLO) -> str:
    """Say in words what `replicates_figure` shows."""
    told = "; ".join(
        f"{each.row.setting.label} {formats.verdict(each.row.verdict, each.row.cause)} "
        f"(p95 {interval_text(each, P95)}, {interval_text(each, CPU)} cores, "
        f"{formats.count(len(each.trials), 'trial')})"
        for group in found.values()
        for each in _in_order(group)
    )
    return (
        "Charts of latency, failures, throttled periods, CPU and memory against replicas. "
        f"{replicates_message(found)}. {_under(found, slo)} {told or 'Nothing measured'}."
    )


def interval_text(each: Replicated, metric: Metric) -> str:
    """Write a figure with its interval between trials: "1.4 ms (1.2-1.7)"."""
    interval = each.interval(metric)
    if interval is None:
        known = [v for v in metric.values(each.trials) if v is not None and not math.isnan(v)]
        return " and ".join(_value(metric, v) for v in known) or formats.NOT_MEASURED
    low, high = (_value(metric, x).removesuffix(" ms") for x in (interval.low, interval.high))
    return f"{_value(metric, interval.estimate)} ({low}-{high})"


def _value(metric: Metric, value: float) -> str:
    if metric.is_share:
        return formats.share(value)
    return formats.milliseconds(value) if metric.unit == "ms" else f"{value:.3g}"


def _under(found: Mapping[str, Sequence[Replicated]], slo: SLO) -> str:
    every = [each for group in found.values() for each in group]
    often = any(len(each.trials) > 1 for each in every)
    between = "Bars: 95% interval between trials of their mean" if often else ONE_TRIAL.capitalize()
    return f"SLO: {formats.slo(slo)}. Points: trials. {between}."


def _in_order(group: Sequence[Replicated]) -> list[Replicated]:
    return sorted(group, key=lambda each: each.replicas)


def _label(each: Replicated) -> str:
    return f"{each.replicas}\n({formats.count(len(each.trials), 'trial')})"


def _scale(every: Sequence[Replicated], slo: SLO) -> LatencyScale:
    metrics = (P50, P95, P99)
    values = [value for each in every for m in metrics for value in m.values(each.trials)]
    bounds = [
        bound
        for each in every
        for m in metrics
        if (interval := each.interval(m)) is not None
        for bound in (interval.low, interval.high)
    ]
    unmeasured = any(value is None for value in values) or any(not e.trials for e in every)
    # A bound of three trials that scatter may lie far beyond what anybody saw.
    top = max([v for v in values if v is not None and math.isfinite(v)], default=slo.latency_ms)
    return scales.latency_scale(
        [*values, *(min(bound, 4 * top) for bound in bounds if bound > 0.05)],
        slo,
        unmeasured=unmeasured,
    )


def _latency(axes: Axes, group: Sequence[Replicated], scale: LatencyScale, slo: SLO) -> None:
    scales.latency_axis(axes, scale)
    axes.axhline(slo.latency_ms, **canvas.SLO_LINE)
    for place, each in enumerate(group):
        for metric, colour, aside in LATENCIES:
            values = metric.values(each.trials)
            at = [scale.place(v) if v is not None else _unmeasured(scale) for v in values]
            axes.plot([place + aside] * len(at), at, color=colour, zorder=5, **TRIAL)
            interval = each.interval(metric)
            if interval is not None:
                bounds = [min(scale.place(x), scale.high) for x in (interval.low, interval.high)]
                _bar(axes, place + aside, bounds, colour)
        marks.verdict_marker(axes, place, _middle(each, scale), each.row)
    axes.grid(visible=False, axis="x")


def _unmeasured(scale: LatencyScale) -> float:
    return scale.edge(formats.NOT_MEASURED)


def _middle(each: Replicated, scale: LatencyScale) -> float:
    """Return where the mark of a setting lies: at the mean of its p95, else at the row's."""
    interval = each.interval(P95)
    return scale.place_row(each.row) if interval is None else scale.place(interval.estimate)


def _figure_of(axes: Axes, group: Sequence[Replicated], metric: Metric, slo: SLO) -> None:
    if metric is FAILED:
        scales.share_axis(axes, slo)
        axes.axhline(slo.error_rate, **canvas.SLO_LINE)
    elif metric.is_share:
        axes.set_ylim(-0.05, 1.05)
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    for place, each in enumerate(group):
        known = [v for v in metric.values(each.trials) if v is not None and not math.isnan(v)]
        axes.plot([place] * len(known), known, color=MIDDLE, zorder=5, **TRIAL)
        interval = each.interval(metric)
        if interval is not None:
            _bar(axes, place, [interval.low, interval.high], MIDDLE)
    if not metric.is_share:
        axes.set_ylim(bottom=0)
    axes.grid(visible=False, axis="x")


def _bar(axes: Axes, at: float, bounds: Sequence[float], colour: str) -> None:
    axes.plot([at, at], bounds, color=colour, zorder=3, **marks.INTERVAL_BAR)


def _handles(every: Sequence[Replicated], slo: SLO) -> list[Line2D]:
    trials = [
        Line2D([], [], color=colour, label=metric.name, **TRIAL) for metric, colour, _ in LATENCIES
    ]
    bar = Line2D([], [], color=MUTED, label="between trials", **marks.INTERVAL_BAR)
    verdicts = marks.verdict_handles(each.row for each in every)
    often = any(len(each.trials) > 1 for each in every)
    return [*trials, *([bar] if often else []), *verdicts, canvas.slo_handle(slo)]


@canvas.styled
def equal_cost_figure(parts: Sequence[Replicated], slo: SLO) -> Figure:
    """Draw p95 (ms) and CPU used of each trial of one total, as few and as many containers."""
    ordered = _in_order(parts)
    figure = canvas.canvas(WIDTH_IN, 1.9 + 0.8 * max(2, len(ordered)))
    canvas.message(figure, equal_cost_message(ordered), _under({"": ordered}, slo))
    if len(ordered) < 2:
        return canvas.nothing(figure, "no total was measured as one and as several containers")
    latency, cpu = figure.subplots(1, 2, sharey=True, width_ratios=(1.6, 1))
    scale = _scale(ordered, slo)
    scales.latency_axis(latency, scale, "x")
    latency.axvline(slo.latency_ms, **canvas.SLO_LINE)
    for place, each in enumerate(ordered):
        values = [
            scale.place(v) if v is not None else _unmeasured(scale) for v in P95.values(each.trials)
        ]
        latency.plot(values, [place] * len(values), color=MIDDLE, zorder=5, **TRIAL)
        interval = each.interval(P95)
        if interval is not None:
            bounds = [min(scale.place(x), scale.high) for x in (interval.low, interval.high)]
            latency.plot(bounds, [place, place], color=MIDDLE, zorder=3, **marks.INTERVAL_BAR)
        marks.verdict_marker(latency, _middle(each, scale), place, each.row)
        used = [v for v in CPU.values(each.trials) if v is not None]
        cpu.plot(used, [place] * len(used), color=MIDDLE, zorder=5, **TRIAL)
        interval = each.interval(CPU)
        if interval is not None:
            cpu.plot(
                [interval.low, interval.high], [place, place], color=MIDDLE, zorder=3,
                **marks.INTERVAL_BAR,
            )  # fmt: skip
    latency.set_yticks(range(len(ordered)), [each.row.setting.label for each in ordered])
    latency.set_ylim(len(ordered) - 0.4, -0.6)
    latency.set_xlabel("p95 in steady state (ms, log)")
    cpu.set_xlabel("CPU used (cores, in all)")
    cpu.set_xlim(left=0)
    cpu.tick_params(axis="y", labelleft=False)
    for axes in (latency, cpu):
        axes.grid(visible=False, axis="y")
    figure.legend(handles=_handles(ordered, slo)[1:2] + _handles(ordered, slo)[3:],
                  loc="outside lower left", ncols=6)  # fmt: skip
    return figure


def equal_cost_message(parts: Sequence[Replicated]) -> str:
    """Say which splits of one total hold."""
    if len(parts) < 2:
        return "No total was measured as one and as several containers"
    total = parts[0].row.setting
    held = [e.row.setting.label for e in parts if e.row.verdict is Verdict.HOLDS]
    whole = f"Of {total.total_cpus:g} CPU / {total.total_memory_mib} MiB in all"
    return f"{whole}, {formats.listing(held) or 'no split'} {'hold' if len(held) > 1 else 'holds'}"


def equal_cost_figure_alt(parts: Sequence[Replicated], slo: SLO) -> str:
    """Say in words what `equal_cost_figure` shows."""
    told = "; ".join(
        f"{each.row.setting.label}: {formats.verdict(each.row.verdict, each.row.cause)}, p95 "
        f"{interval_text(each, P95)}, {interval_text(each, CPU)} cores used"
        for each in _in_order(parts)
    )
    return (
        "Charts of p95 and CPU used of one total as one and as several containers. "
        f"{equal_cost_message(_in_order(parts))}. {_under({'': parts}, slo)} "
        f"{told or 'Nothing measured'}."
    )
