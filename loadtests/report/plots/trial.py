"""One trial on one time axis: what Locust's page and `docker stats` show, one above the other."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import formats
from loadtests.analysis.by_objective import binding
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.latency import columns
from loadtests.report.plots import canvas, containers, timeline
from loadtests.report.plots.canvas import SLO_LINE
from loadtests.report.plots.scales import latency_axis, latency_scale
from loadtests.report.style import ALARM, DARK, INK, LIGHT, MIDDLE
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
PANEL_IN = 1.5
LEAST_REST_S = 0.1  # of a second; the rate of a shorter part is noise

Panel = Callable[[Axes, Evidence], None]


@canvas.styled
def trial_page(evidence: Evidence, judgement: Judgement) -> Figure:
    """Draw a trial second by second.

    Users, throughput (requests/s), response times (ms), CPU (cores), memory (MiB), throttling.
    """
    panels: tuple[Panel, ...] = (
        _users,
        _requests,
        _latency,
        containers.cpu,
        containers.memory,
        containers.throttling,
    )
    figure = canvas.canvas(WIDTH_IN, PANEL_IN * len(panels) + 0.9)
    canvas.message(figure, *trial_message(evidence, judgement))
    all_axes = figure.subplots(len(panels), 1, sharex=True)
    end = timeline.end_s(evidence.trial)
    for axes, panel in zip(all_axes, panels, strict=True):
        timeline.shade_steady_state(axes, evidence.trial, end)
        panel(axes, evidence)
        for time, _ in timeline.notes(evidence.trial, end):
            axes.axvline(time, color=ALARM, linewidth=1.0, alpha=0.8, zorder=4)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.005, 1.06), borderaxespad=0)
    timeline.name_phases(all_axes[0], evidence.trial, end)
    timeline.write_notes(all_axes[0], evidence.trial, end)
    all_axes[-1].set_xlim(0, end)
    all_axes[-1].set_xlabel("seconds since the first user")
    figure.align_ylabels(all_axes)
    return figure


def trial_message(evidence: Evidence, judgement: Judgement) -> tuple[str, str]:
    """Say what the trial shows: the verdict, then the share of slow or failed requests.

    Of several objectives it tells the one that decides.

    A trial that was stopped early has no whole steady state to take a share of: it says why.
    """
    slo = evidence.trial.question.slo
    load = evidence.trial.question.workload.label
    name = evidence.trial.setting.label
    opening = {
        Verdict.HOLDS: f"{name} holds {load}",
        Verdict.FAILS: f"{name} fails under {load}",
        Verdict.UNDECIDED: f"{name} is undecided at {load}",
        Verdict.INVALID: f"{name}: this trial is invalid and says nothing of the setting",
    }[judgement.verdict]
    why = formats.cause(judgement.cause)
    if why and judgement.verdict is not Verdict.HOLDS:
        opening += f": {why}"
    stopped_early = evidence.trial.generator.stopped_early
    if stopped_early is not None:
        asked_s = evidence.trial.question.workload.duration_s
        at_s = evidence.trial.phases.steady_end_s
        return (
            f"{opening}; stopped early",
            f"Early stop after {at_s:.0f} of {asked_s:.0f} s: {stopped_early}.",
        )
    decides = binding(judgement)
    if decides is not None:
        return opening, f"{formats.binding(decides)}."
    slow = judgement.slow_share
    if math.isnan(slow.estimate):
        return opening, "No request fell into the steady state."
    return opening, (
        f"{formats.share(slow.estimate)} of requests were slower than "
        f"{formats.milliseconds(slo.latency_ms)} or failed "
        f"(interval {formats.share(slow.low)} to {formats.share(slow.high)}; "
        f"{formats.share(slo.slow_share)} allowed)."
    )


def trial_page_alt(evidence: Evidence, judgement: Judgement) -> str:
    """Say in words what `trial_page` shows."""
    opening, measured = trial_message(evidence, judgement)
    notes = timeline.notes(evidence.trial, timeline.end_s(evidence.trial))
    events = formats.listing([f"{text} at {time:.0f} s" for time, text in notes[:4]])
    return (
        f"Charts of one trial over time. {opening}. {measured} {_steady_alt(evidence)}"
        f"{containers.alt(evidence)} Events: {events or 'none'}."
    )


def _steady_alt(evidence: Evidence) -> str:
    """Say what the steady state showed; nothing of one that was cut short."""
    if evidence.trial.generator.stopped_early is not None:
        return ""
    phases, table = evidence.trial.phases, evidence.generator
    steady = table[table.time_s.between(phases.steady_start_s, phases.steady_end_s)]
    rate = formats.quantity(float(steady.rps.mean()) if len(steady) else None, "requests/s")
    worst = formats.milliseconds(float(steady.p95_ms.max()) if len(steady) else None)
    return f"In the steady state: throughput {rate}, p95 of the worst second {worst}. "


def _users(axes: Axes, evidence: Evidence) -> None:
    table = evidence.generator
    axes.plot(table.time_s, table.users, color=INK, label="users")
    axes.plot(table.time_s, table.in_flight, color=LIGHT, label="waiting for\nan answer")
    axes.set_ylabel("users")
    asked = evidence.trial.question.workload.users
    axes.set_ylim(0, 1.12 * asked)
    axes.set_yticks([0, asked // 2, asked])
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def _requests(axes: Axes, evidence: Evidence) -> None:
    table = _to_the_end(evidence)
    failed = f"failed requests\n({evidence.trial.generator.failures:,} in all)"
    axes.plot(table.time_s, table.rps, color=MIDDLE, label="all requests")
    axes.plot(table.time_s, table.failures_per_s, color=ALARM, linestyle="--", label=failed)
    axes.set_ylabel("throughput\n(requests/s)")
    axes.set_ylim(bottom=0)
    axes.margins(y=0.15)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def _to_the_end(evidence: Evidence) -> pd.DataFrame:
    """Return requests/s and failed requests/s up to the last part of a second of an early stop.

    The failures that caused the early stop came in there, after the generator's last full second.
    """
    table = evidence.generator[["time_s", "rps", "failures_per_s"]]
    end, last = evidence.trial.phases.steady_end_s, float(table.time_s.max() if len(table) else 0.0)
    if evidence.trial.generator.stopped_early is None or end - last < LEAST_REST_S:
        return table
    start_s, latency_ms, ok, in_flight = columns(evidence)
    inside = ~in_flight & (start_s + latency_ms / 1000 > last)
    rest = [end, inside.sum() / (end - last), (inside & ~ok).sum() / (end - last)]
    return pd.concat([table, pd.DataFrame([rest], columns=table.columns)], ignore_index=True)


def _latency(axes: Axes, evidence: Evidence) -> None:
    table, slo = evidence.generator, evidence.trial.question.slo
    values = np.concatenate([table.p50_ms.to_numpy(float), table.p95_ms.to_numpy(float)])
    latency_axis(axes, latency_scale([float(v) for v in values], slo))
    axes.plot(table.time_s, table.p95_ms, color=DARK, label="p95", zorder=3)
    axes.plot(table.time_s, table.p50_ms, color=LIGHT, linewidth=3.0, label="p50", zorder=2)
    label = f"SLO\n{formats.latency_slo(slo)}"
    axes.axhline(slo.latency_ms, label=label, **SLO_LINE)
    axes.set_ylabel("response\ntime (ms, log)")
