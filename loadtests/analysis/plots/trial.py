"""One trial on one time axis: what Locust's page and `docker stats` show, one above the other."""

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.analysis import words
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.plots import canvas, containers
from loadtests.analysis.plots.canvas import OBJECTIVE_LINE, latency_axis, latency_scale
from loadtests.analysis.style import ALARM, DARK, FAINT, INK, LIGHT, MIDDLE, MUTED, PAPER, WASH
from loadtests.judged import Verdict
from loadtests.record import Event, Trial

WIDTH_IN = 10.0
PANEL_IN = 1.5
LABEL_SHARE = 0.05  # of the time axis: phases and gaps below this get no label of their own

Panel = Callable[[Axes, Evidence], None]


@canvas.styled
def trial_page(evidence: Evidence, judgement: Judgement) -> Figure:
    """Draw a trial: users, requests/s, response times (ms), CPU, memory and throttling per s."""
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
    end = end_s(evidence)
    for axes, panel in zip(all_axes, panels, strict=True):
        _shade_hold(axes, evidence.trial, end)
        panel(axes, evidence)
        _mark_events(axes, evidence.trial, end)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.005, 1.06), borderaxespad=0)
    _name_phases(all_axes[0], evidence.trial, end)
    _name_events(all_axes[-1], evidence.trial, end)
    all_axes[-1].set_xlim(0, end)
    all_axes[-1].set_xlabel("seconds since the first user")
    figure.align_ylabels(all_axes)
    return figure


def trial_message(evidence: Evidence, judgement: Judgement) -> tuple[str, str]:
    """Say what the trial shows: the verdict, then the share of slow or failed requests."""
    objective = evidence.trial.question.objective
    users = evidence.trial.question.load.users
    name = evidence.trial.setting.label
    opening = {
        Verdict.HOLDS: f"{name} holds {users:,} users",
        Verdict.FAILS: f"{name} fails under {users:,} users",
        Verdict.UNDECIDED: f"{name} is undecided at {users:,} users",
        Verdict.INVALID: f"{name}: this trial is invalid and says nothing of the setting",
    }[judgement.verdict]
    why = words.cause(judgement.cause)
    if why and judgement.verdict is not Verdict.HOLDS:
        opening += f": {why}"
    slow = judgement.slow_share
    if math.isnan(slow.estimate):
        return opening, "No request fell into the hold window."
    return opening, (
        f"{words.share(slow.estimate)} of requests were slower than "
        f"{words.milliseconds(objective.latency_ms)} or failed "
        f"(interval {words.share(slow.low)} to {words.share(slow.high)}; "
        f"{words.share(objective.slow_share)} allowed)."
    )


def trial_page_alt(evidence: Evidence, judgement: Judgement) -> str:
    """Say in words what `trial_page` shows."""
    opening, measured = trial_message(evidence, judgement)
    hold = evidence.generator[
        evidence.generator.time_s.between(
            evidence.trial.phases.hold_start_s, evidence.trial.phases.hold_end_s
        )
    ]
    rate = words.quantity(float(hold.rps.mean()) if len(hold) else None, "requests/s")
    worst = words.milliseconds(float(hold.p95_ms.max()) if len(hold) else None)
    told = words.listing([f"{e.action} at {e.time_s:.0f} s" for e in _told(evidence.trial)][:4])
    return (
        f"Charts of one trial over time. {opening}. {measured} "
        f"In the hold window: {rate} on average, p95 of the worst second {worst}. "
        f"{containers.alt(evidence)} Events: {told or 'none'}."
    )


def end_s(evidence: Evidence) -> float:
    """Return the end of the time axis in seconds: the last thing that was seen, at least 1."""
    seen = [evidence.trial.phases.hold_end_s, 1.0]
    for table in (evidence.generator, evidence.docker_stats):
        if len(table):
            seen.append(float(table.time_s.max()))
    return max(s for s in seen if math.isfinite(s))


def _phases(trial: Trial, end: float) -> list[tuple[str, float, float]]:
    phases = trial.phases
    hold_start = min(phases.hold_start_s, end)
    if phases.spawned_s is None:
        spans = [("ramp, never complete", 0.0, hold_start)]
    else:
        spawned = min(phases.spawned_s, hold_start)
        spans = [("ramp", 0.0, spawned), ("settle", spawned, hold_start)]
    return [*spans, ("hold", hold_start, min(phases.hold_end_s, end))]


def _shade_hold(axes: Axes, trial: Trial, end: float) -> None:
    for name, start, stop in _phases(trial, end):
        if stop <= start:
            continue
        if name == "hold":
            axes.axvspan(start, stop, facecolor=WASH, edgecolor="none", zorder=0)
        if start > 0:
            axes.axvline(start, color=FAINT, linewidth=0.8, zorder=0.5)


def _name_phases(axes: Axes, trial: Trial, end: float) -> None:
    for name, start, stop in _phases(trial, end):
        if stop - start < LABEL_SHARE * end:
            continue
        axes.text(
            (start + stop) / 2,
            1.04,
            name,
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            color=MUTED,
            fontsize=8.5,
            style="italic",
        )


def _told(trial: Trial) -> list[Event]:
    """Return what happened to replicas; that the generator is ended with them is no news."""
    replicas = {replica.name for replica in trial.replicas}
    return [e for e in trial.events if e.container in replicas and containers.is_trouble(e)]


def _mark_events(axes: Axes, trial: Trial, end: float) -> None:
    for event in _told(trial):
        if 0 <= event.time_s <= end:
            axes.axvline(event.time_s, color=ALARM, linewidth=1.0, alpha=0.8, zorder=4)


def _name_events(axes: Axes, trial: Trial, end: float) -> None:
    """Name events at their lines; those too close together share one label."""
    groups: list[tuple[float, list[str]]] = []
    for event in sorted(_told(trial), key=lambda e: e.time_s):
        if not 0 <= event.time_s <= end:
            continue
        name = containers.short_name(trial, event.container)
        if groups and event.time_s - groups[-1][0] < 3 * LABEL_SHARE * end:
            groups[-1][1].append(f"{event.action} {name}")
        else:
            groups.append((event.time_s, [f"{event.action} {name}"]))
    for time, texts in groups:
        shown = list(dict.fromkeys(texts))
        more = f", {len(shown) - 2} more" if len(shown) > 2 else ""
        late = time > 0.7 * end
        axes.annotate(
            ", ".join(shown[:2]) + more,
            (time, 0.94),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-5 if late else 5, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            color=ALARM,
            fontsize=8.5,
            zorder=7,
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        )


def _users(axes: Axes, evidence: Evidence) -> None:
    table = evidence.generator
    axes.plot(table.time_s, table.users, color=INK, label="users")
    axes.plot(table.time_s, table.in_flight, color=LIGHT, label="awaiting an answer")
    axes.set_ylabel("users")
    axes.set_ylim(0, 1.12 * max(1, evidence.trial.question.load.users))
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def _requests(axes: Axes, evidence: Evidence) -> None:
    table = evidence.generator
    axes.plot(table.time_s, table.rps, color=MIDDLE, label="requests")
    axes.plot(table.time_s, table.failures_per_s, color=ALARM, linestyle="--", label="failures")
    axes.set_ylabel("requests\nper second")
    axes.set_ylim(bottom=0)
    axes.margins(y=0.15)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def _latency(axes: Axes, evidence: Evidence) -> None:
    table, objective = evidence.generator, evidence.trial.question.objective
    values = np.concatenate([table.p50_ms.to_numpy(float), table.p95_ms.to_numpy(float)])
    latency_axis(axes, latency_scale([float(v) for v in values], objective))
    axes.plot(table.time_s, table.p95_ms, color=DARK, label="p95", zorder=3)
    axes.plot(table.time_s, table.p50_ms, color=LIGHT, linewidth=3.0, label="p50", zorder=2)
    label = f"objective\n{words.latency_objective(objective)}"
    axes.axhline(objective.latency_ms, label=label, **OBJECTIVE_LINE)
    axes.set_ylabel("response\ntime (ms, log)")
