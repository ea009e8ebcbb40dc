"""A trial's time axis: its phases, the events of its replicas, and where it stopped early."""

from matplotlib.axes import Axes

from loadtests.record import Event, Trial
from loadtests.report.plots import containers
from loadtests.report.style import ALARM, FAINT, MUTED, WASH

STEADY = "steady state"
LABEL_SHARE = 0.08  # of the time axis: a shorter phase gets no label
NOTE_SHARE = 0.3  # of the time axis: notes closer together stand under one another
NOTE_ROOM = 1.45  # the users' axis is higher by this where there are notes


def end_s(trial: Trial) -> float:
    """Return the end of the time axis in seconds: that of the load, at least 1."""
    return max(1.0, trial.phases.steady_end_s)


def _phases(trial: Trial, end: float) -> list[tuple[str, float, float]]:
    phases = trial.phases
    steady_start = min(phases.steady_start_s, end)
    if phases.spawned_s is None:
        spans = [("ramp-up, never complete", 0.0, steady_start)]
    else:
        spawned = min(phases.spawned_s, steady_start)
        spans = [("ramp-up", 0.0, spawned), ("warm-up", spawned, steady_start)]
    return [*spans, (STEADY, steady_start, min(phases.steady_end_s, end))]


def shade_steady_state(axes: Axes, trial: Trial, end: float) -> None:
    """Shade the steady state, and draw a line where each phase begins."""
    for name, start, stop in _phases(trial, end):
        if stop <= start:
            continue
        if name == STEADY:
            axes.axvspan(start, stop, facecolor=WASH, edgecolor="none", zorder=0)
        if start > 0:
            axes.axvline(start, color=FAINT, linewidth=0.8, zorder=0.5)


def name_phases(axes: Axes, trial: Trial, end: float) -> None:
    """Write the names of the phases above a panel."""
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


def _replica_events(trial: Trial) -> list[Event]:
    """Return the events of replicas; the generator's own end says nothing about them."""
    replicas = {replica.name for replica in trial.replicas}
    return [e for e in trial.events if e.container in replicas and containers.is_trouble(e)]


def _inside(time_s: float, end: float) -> float:
    """Return where the time axis shows a moment, which may be just before or after the load."""
    return min(max(time_s, 0.0), end)


def notes(trial: Trial, end: float) -> list[tuple[float, str]]:
    """Return the events of replicas and an early stop, with their times (s), earliest first."""
    deaths = {e.container for e in _replica_events(trial) if e.action.startswith("oom")}
    found = [
        (_inside(event.time_s, end), containers.described(trial, event))
        for event in _replica_events(trial)
        if not (event.container in deaths and event.action.startswith("die"))
    ]
    if trial.generator.stopped_early is not None:
        found.append((end, f"stopped early: {trial.generator.stopped_early}"))
    return sorted(dict.fromkeys(found))


def write_notes(axes: Axes, trial: Trial, end: float) -> None:
    """Write the notes above the users' line; those close together stand under one another."""
    groups: list[tuple[float, list[str]]] = []
    for time, text in notes(trial, end):
        if groups and time - groups[-1][0] < NOTE_SHARE * end:
            groups[-1][1].append(text)
        else:
            groups.append((time, [text]))
    if groups:
        axes.set_ylim(0, NOTE_ROOM * axes.get_ylim()[1])
    for time, texts in groups:
        shown = texts if len(texts) <= 2 else [texts[0], f"and {len(texts) - 1} more"]
        late = time > 0.5 * end
        axes.annotate(
            "\n".join(shown),
            (time, 0.97),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-5 if late else 5, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            color=ALARM,
            fontsize=9,
            linespacing=1.35,
            zorder=7,
        )
