"""The live staircase over time: latency, throttling, and the step down in CPU or up in users."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.forecast import CONFIDENCE, CpuForecast, forecast_from
from loadtests.analysis.latency import per_second
from loadtests.analysis.staircase import LevelRow, level_rows
from loadtests.question import load_label
from loadtests.report.plots import canvas, scales
from loadtests.report.style import ALARM, DARK, FAINT, INK, LIGHT, LOOKS, MIDDLE, MUTED
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
HEIGHT_IN = 6.6
CORES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # ticks


@canvas.styled
def staircase_figure(evidence: Evidence) -> Figure:
    """Draw response times (ms), throttled periods and the CPU limit (or users) over time."""
    rows = level_rows(evidence)
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, staircase_message(evidence, rows), _under(evidence))
    panels = figure.subplots(3, 1, sharex=True, height_ratios=(2.2, 1, 1.2))
    end_s = rows[-1].steady_end_s if rows else evidence.trial.phases.steady_end_s
    for axes in panels:
        _shade(axes, rows)
    _latency(panels[0], evidence, end_s)
    _throttling(panels[1], evidence)
    _limits(panels[2], evidence, rows, end_s)
    _name_levels(panels[0], evidence, rows)
    for axes in panels:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.005, 1.04), borderaxespad=0)
    panels[-1].set_xlim(0, end_s)
    panels[-1].set_xlabel("seconds since the first user")
    figure.align_ylabels(panels)
    return figure


def falls(evidence: Evidence) -> bool:
    """Say whether the staircase lowers the CPU limit; else it adds load."""
    return len({(step.users, step.rate_per_s) for step in evidence.trial.steps}) <= 1


def staircase_message(evidence: Evidence, rows: Sequence[LevelRow]) -> str:
    """Say at which level the SLO was last met."""
    if not rows or not rows[0].passes:
        return "Not even the first level met the SLO"
    passed = [row for row in rows if row.passes]
    if falls(evidence):
        last = min(passed, key=lambda row: row.cpus)
        return f"On the live staircase, {last.cpus:g} CPU was the least that met the SLO"
    last = max(passed, key=lambda row: (row.rate_per_s or 0, row.users))
    most = load_label(last.users, last.rate_per_s)
    return f"On the live staircase, {most} were the most that met the SLO"


def staircase_figure_alt(evidence: Evidence) -> str:
    """Say in words what `staircase_figure` shows."""
    rows = level_rows(evidence)
    what = "; ".join(
        f"{_level(evidence, row)}: p95 {formats.milliseconds(row.p95_ms)}, throttled "
        f"{formats.share(row.throttled_ratio)}, {'passes' if row.passes else 'fails'}"
        for row in rows
    )
    forecast = _forecast(evidence, rows)
    expected = "" if forecast is None else f" {forecast.sentence}"
    return (
        f"Charts over time of a live staircase. {staircase_message(evidence, rows)}. {what}."
        f"{expected}"
    )


def _forecast(evidence: Evidence, rows: Sequence[LevelRow]) -> CpuForecast | None:
    trial = evidence.trial
    if not falls(evidence):
        return None
    return forecast_from(rows, trial.question.slo, trial.setting.replicas)


def _under(evidence: Evidence) -> str:
    trial = evidence.trial
    loads = [(step.rate_per_s or 0, step.users) for step in trial.steps]
    rate, users = max(loads, default=(0, trial.question.workload.users))
    most = load_label(users, rate or None)
    added = "arrivals added" if rate else "users added"
    changed = "the CPU limit lowered" if falls(evidence) else added
    return (
        f"{trial.setting.label} at first, up to {most}, {changed} step by step. It only "
        "screens: trials in fresh containers decide."
    )


def _level(evidence: Evidence, row: LevelRow) -> str:
    if falls(evidence):
        return f"{row.cpus:g} CPU"
    return f"{row.users:,}" if row.rate_per_s is None else f"{row.rate_per_s:,g}/s"


def _shade(axes: Axes, rows: Sequence[LevelRow]) -> None:
    for row in rows:
        look = LOOKS[Verdict.HOLDS if row.passes else Verdict.FAILS]
        axes.axvspan(
            row.steady_start_s, row.steady_end_s, facecolor=look.tint, edgecolor="none", zorder=0
        )
        axes.axvline(row.start_s, color=FAINT, linewidth=0.8, zorder=0.5)


def _name_levels(axes: Axes, evidence: Evidence, rows: Sequence[LevelRow]) -> None:
    for row in rows:
        look = LOOKS[Verdict.HOLDS if row.passes else Verdict.FAILS]
        axes.text(
            (row.steady_start_s + row.steady_end_s) / 2,
            1.03,
            f"{look.sign} {_level(evidence, row)}",
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            color=look.ink,
            fontsize=8 if len(rows) < 9 else 7,
        )


def _latency(axes: Axes, evidence: Evidence, end_s: float) -> None:
    slo = evidence.trial.question.slo
    table = per_second(evidence)
    table = table[(table["requests"] > 0) & (table["second"] < end_s)]
    scale = scales.latency_scale([*table["p50_ms"], *table["p95_ms"]], slo)
    scales.latency_axis(axes, scale)
    middle_s = table["second"] + 0.5
    for name, colour, width in (("p95", MIDDLE, 1.8), ("p50", LIGHT, 1.4)):
        places = [scale.place(value) for value in table[f"{name}_ms"]]
        axes.plot(middle_s, places, color=colour, linewidth=width, label=name)
    axes.axhline(slo.latency_ms, label=f"SLO\n{formats.latency_slo(slo)}", **canvas.SLO_LINE)
    axes.set_ylabel("response\ntime (ms, log)")


def _throttling(axes: Axes, evidence: Evidence) -> None:
    stats = evidence.docker_stats
    axes.set_ylim(0, 1.05)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.set_ylabel("throttled\nperiods")
    for _, own in stats[stats["role"] == "replica"].groupby("container", observed=True):
        periods, throttled = (np.diff(own[n]) for n in ("periods", "throttled_periods"))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(periods > 0, throttled / periods, math.nan)
        axes.plot(own["time_s"].to_numpy()[1:], share, color=ALARM, linewidth=1.4)


def _limits(axes: Axes, evidence: Evidence, rows: Sequence[LevelRow], end_s: float) -> None:
    stats = evidence.docker_stats
    used = stats[stats["role"] == "replica"].groupby("time_s", observed=True)["cpu_cores"].sum()
    replicas = evidence.trial.setting.replicas
    if rows and falls(evidence):
        starts = [0.0, *(row.start_s for row in rows[1:]), end_s]
        limits = [replicas * row.cpus for row in rows]
        axes.step(starts, [*limits, limits[-1]], where="post", color=INK, label="limit")
        axes.set_yscale("log")
        forecast = _forecast(evidence, rows)
        if forecast is not None:
            cpus = forecast.cpus
            axes.axhspan(
                replicas * cpus.low, replicas * cpus.high, color=FAINT, alpha=0.35, zorder=0.6
            )
            axes.axhline(
                replicas * cpus.estimate,
                color=MIDDLE,
                linewidth=1.2,
                linestyle="--",
                label=f"forecast\n({CONFIDENCE:.0%} interval)",
            )
            limits.append(replicas * cpus.low)
        low, high = 0.7 * min(limits), 1.25 * max(limits)
        ticks = [tick for tick in CORES if low <= tick <= high]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
        axes.minorticks_off()
        axes.plot(used.index, used, color=DARK, linewidth=1.2, linestyle=":", label="used")
        axes.set_ylim(low, high)
        axes.set_ylabel("CPU\n(cores, log)")
        return
    table, name = evidence.generator, "users"
    if evidence.trial.question.workload.is_open:
        name = "arrivals/s"
        rates = [row.rate_per_s or 0.0 for row in rows]
        starts = [*(row.start_s for row in rows), end_s]
        axes.step(starts, [*rates, *rates[-1:]], where="post", color=INK, label=name)
        axes.plot(
            table["time_s"], table["rps"], color=DARK, linewidth=1.2, linestyle=":",
            label="requests/s",
        )  # fmt: skip
    else:
        axes.plot(table["time_s"], table["users"], color=INK, label=name)
    axes.set_ylim(0, None)
    axes.set_ylabel(name)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(axis="y", colors=MUTED)
