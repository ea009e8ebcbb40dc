"""The panels of `docker stats`: CPU, memory and throttling of each container over time."""

import pandas as pd
from matplotlib.axes import Axes

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.record import Event, Trial
from loadtests.report.plots.canvas import LIMIT_LINE
from loadtests.report.style import ALARM, DASHES, FAINT, MIDDLE, MUTED, REPLICAS

NAMED_REPLICAS = 5  # more than these are drawn alike, under one name
EARLY_S = 3.0  # a container without samples for longer than this before the end has ended early
EVENTS = {
    "oom": "OOM-killed",
    "die": "ended",
    "kill": "killed",
    "restart": "restarted",
    "stop": "stopped",
    "health_status": "unhealthy",
}
TROUBLE = ("oom", "die", "kill", "restart", "stop")


def is_trouble(event: Event) -> bool:
    """Tell whether an event belongs on the figure."""
    return event.action.startswith(TROUBLE) or "unhealthy" in event.action


def described(trial: Trial, event: Event) -> str:
    """Describe the event of a container: "replica 1 OOM-killed"."""
    name, action = short_name(trial, event.container), event.action
    return f"{name} {EVENTS.get(action.partition(':')[0], action)}"


def short_name(trial: Trial, container: str) -> str:
    """Name a container by its place among the replicas, else by its own name."""
    for number, replica in enumerate(trial.replicas, start=1):
        if replica.name == container:
            return f"replica {number}"
    return container


def _samples(evidence: Evidence, role: str) -> pd.DataFrame:
    """Return the samples up to the load's end; what follows are containers being removed."""
    table = evidence.docker_stats
    return table[(table.role == role) & (table.time_s <= evidence.trial.phases.steady_end_s)]


def _replicas(evidence: Evidence) -> list[tuple[str, pd.DataFrame]]:
    table = _samples(evidence, "replica")
    named = [
        (short_name(evidence.trial, str(name)), rows)
        for name, rows in table.groupby("container", sort=False)
    ]
    return sorted(named, key=lambda pair: (len(pair[0]), pair[0]))


def _plot_each(axes: Axes, evidence: Evidence, series: dict[str, pd.Series]) -> bool:
    """Draw a line per replica, with a cross where one ended early; False: nothing reported."""
    drawn = {name: s.dropna() for name, s in series.items() if s.notna().any()}
    many = len(drawn) > NAMED_REPLICAS
    end = evidence.trial.phases.steady_end_s
    for number, (name, values) in enumerate(drawn.items()):
        colour = MIDDLE if many else REPLICAS[number % len(REPLICAS)]
        label = f"each of {len(drawn)} replicas" if many and number == 0 else name
        axes.plot(
            values.index,
            values,
            color=colour,
            linestyle="-" if many else DASHES[number // 2 % len(DASHES)],
            linewidth=1.0 if many else 1.5,
            alpha=0.55 if many else 1.0,
            label="_hidden" if many and number else label,
        )
        if values.index[-1] < end - EARLY_S:
            axes.plot(values.index[-1], values.iloc[-1], "X", color=ALARM, markersize=7, zorder=6)
    return bool(drawn)


def _not_reported(axes: Axes, evidence: Evidence) -> None:
    ended = "" if _replicas(evidence) else " (no sample of any replica)"
    axes.text(
        0.5,
        0.5,
        formats.NOT_REPORTED + ended,
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=MUTED,
        style="italic",
    )


def _column(evidence: Evidence, column: str) -> dict[str, pd.Series]:
    return {name: rows.set_index("time_s")[column] for name, rows in _replicas(evidence)}


def cpu(axes: Axes, evidence: Evidence) -> None:
    """Draw the CPU of each replica and, dimmed, of the load generator (cores), with the limit."""
    limit = evidence.trial.setting.cpus
    if not _plot_each(axes, evidence, _column(evidence, "cpu_cores")):
        _not_reported(axes, evidence)
    generators = _samples(evidence, "generator").groupby("container", observed=True)
    for number, (_, generator) in enumerate(generators):
        axes.plot(
            generator.time_s,
            generator.cpu_cores,
            color=FAINT,
            linestyle="--",
            linewidth=1.1,
            label=None if number else "load generator",
        )
    axes.axhline(limit, label=f"limit {limit:g} each", **LIMIT_LINE)
    axes.set_ylabel("CPU\n(cores)")
    axes.set_ylim(0, max(1.2 * limit, 1.05 * axes.dataLim.y1))


def memory(axes: Axes, evidence: Evidence) -> None:
    """Draw the memory of each replica (MiB), with the limit."""
    limit = evidence.trial.setting.memory_mib
    if not _plot_each(axes, evidence, _column(evidence, "memory_mib")):
        _not_reported(axes, evidence)
    axes.axhline(limit, label=f"limit {limit:,} each", **LIMIT_LINE)
    axes.set_ylabel("memory\n(MiB)")
    axes.set_ylim(0, 1.2 * limit)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def throttling(axes: Axes, evidence: Evidence) -> None:
    """Draw the share of scheduler periods of each second in which a replica was throttled."""
    if not _plot_each(axes, evidence, _throttled_shares(evidence)):
        _not_reported(axes, evidence)
    axes.set_ylabel("throttled\nperiods")
    axes.set_ylim(0, 1.05)
    axes.yaxis.set_major_formatter(lambda v, _: formats.share(v))


def _throttled_shares(evidence: Evidence) -> dict[str, pd.Series]:
    shares = {}
    for name, rows in _replicas(evidence):
        steps = rows.set_index("time_s")[["periods", "throttled_periods"]].diff()
        shares[name] = (steps.throttled_periods / steps.periods.where(steps.periods > 0)).clip(0, 1)
    return shares


def alt(evidence: Evidence) -> str:
    """Say in a sentence what the container panels show."""
    setting = evidence.trial.setting
    peaks = [s.max() for s in _column(evidence, "cpu_cores").values() if s.notna().any()]
    full = [s.max() for s in _column(evidence, "memory_mib").values() if s.notna().any()]
    shares = [s.mean() for s in _throttled_shares(evidence).values() if s.notna().any()]
    return (
        f"Most CPU of any replica: {formats.quantity(max(peaks, default=None), 'cores', 2)} "
        f"of {setting.cpus:g}; most memory: {formats.quantity(max(full, default=None), 'MiB')} "
        f"of {setting.memory_mib:,}; throttled periods: "
        f"{formats.share(max(shares, default=None))}."
    )
