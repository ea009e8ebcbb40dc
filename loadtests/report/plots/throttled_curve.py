"""Response times against the CPU limit: what the throttled queue says, and what trials showed."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.observed import Observed
from loadtests.analysis.throttled_curve import ThrottledCurve
from loadtests.report.plots import canvas, scales
from loadtests.report.style import DARK, FAINT, LIGHT, MIDDLE, PAPER, WASH

WIDTH_IN = 9.0
HEIGHT_IN = 5.4
_COLOURS = {50: LIGHT, 95: MIDDLE, 99: DARK}


@canvas.styled
def throttled_curve_figure(curve: ThrottledCurve) -> Figure:
    """Draw p50, p95 and p99 (ms, log) against the CPU limit (log), with the p95 of trials."""
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, throttled_curve_message(curve), _under(curve))
    axes = figure.subplots()
    measured = [trial.p95_ms.estimate for trial in curve.measured if trial.p95_ms is not None]
    shown = [*measured, *(v for values in curve.percentiles_ms.values() for v in values)]
    scale = scales.latency_scale(shown, curve.slo)
    scales.latency_axis(axes, scale)
    axes.set_xscale("log")
    axes.fill_between(
        curve.cpus,
        [scale.place(value) for value in curve.p95_low_ms],
        [scale.place(value) for value in curve.p95_high_ms],
        color=MIDDLE, alpha=0.15, linewidth=0, zorder=1,
    )  # fmt: skip
    for percent, values in curve.percentiles_ms.items():
        # Dashed: computed, not measured.
        axes.plot(curve.cpus, [scale.place(v) for v in values], color=_COLOURS[percent],
                  linestyle=(0, (4, 2)), zorder=2)  # fmt: skip
    for trial in curve.measured:
        _mark(axes, trial, scale, tested=trial in curve.tested)
    axes.axhline(curve.slo.latency_ms, **canvas.SLO_LINE)
    if curve.edge_cpus is not None:
        axes.axvspan(curve.edge_cpus.low, curve.edge_cpus.high, color=WASH, zorder=0)
        axes.axvline(curve.edge_cpus.estimate, color=FAINT, linewidth=1.0, zorder=1)
    _limits_axis(axes, curve)
    axes.set_ylabel("response time in steady state (ms, log)")
    figure.legend(handles=_handles(curve), loc="outside lower left", ncols=4)
    return figure


def throttled_curve_message(curve: ThrottledCurve) -> str:
    """Say where the queue expects the edge."""
    asked = formats.latency_slo(curve.slo)
    if curve.edge_cpus is None:
        return f"The throttled queue expects no CPU limit to meet {asked}"
    return f"The throttled queue expects {asked} from {curve.edge_cpus.estimate:.2f} CPU on"


def throttled_curve_figure_alt(curve: ThrottledCurve) -> str:
    """Say in words what `throttled_curve_figure` shows."""
    told = [
        f"{cpus:.2f} CPU: p95 {formats.milliseconds(float(p95))} expected"
        for cpus, p95 in zip(curve.cpus, curve.percentiles_ms[95], strict=True)
    ]
    told += [
        f"{trial.setting.label}: p95 {formats.milliseconds(trial.p95_ms.estimate)} measured"
        for trial in curve.measured
        if trial.p95_ms is not None
    ]
    return (
        "Curves of p50, p95 and p99 against the CPU limit, with marks of trials. "
        f"{throttled_curve_message(curve)}. {_under(curve)} {'; '.join(told)}."
    )


def _under(curve: ThrottledCurve) -> str:
    replicas = formats.count(curve.replicas, "replica")
    return (
        f"{curve.workload.label}, {replicas}. The dashed curves are computed from "
        f"{formats.count(len(curve.fitted), 'trial')} with CPU to spare; filled marks are trials "
        "that they have not seen."
    )


def _mark(axes: Axes, trial: Observed, scale: scales.LatencyScale, *, tested: bool) -> None:
    if trial.p95_ms is None:
        return
    x = trial.setting.cpus
    # A bound that only failures reach ends with the axis.
    ends = (trial.p95_ms.low, trial.p95_ms.high)
    bounds = [scale.place(min(end, scale.high)) for end in ends]
    axes.plot([x, x], bounds, color=DARK, alpha=0.35, linewidth=5, zorder=3)
    axes.plot([x], [scale.place(trial.p95_ms.estimate)], "o", markersize=7, zorder=4,
              markerfacecolor=DARK if tested else PAPER, markeredgecolor=DARK,
              markeredgewidth=1.4)  # fmt: skip


def _limits_axis(axes: Axes, curve: ThrottledCurve) -> None:
    places = sorted({trial.setting.cpus for trial in curve.measured})
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{place:g}" for place in places])
    axes.set_xlim(float(curve.cpus[0]), float(curve.cpus[-1]))
    axes.set_xlabel("CPU limit of each replica (cores, log)")


def _handles(curve: ThrottledCurve) -> list[Line2D | Patch]:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=_COLOURS[percent], linestyle=(0, (4, 2)), label=f"p{percent} expected")
        for percent in curve.percentiles_ms
    ]
    handles.append(Patch(facecolor=MIDDLE, alpha=0.15, label="95% interval of p95 expected"))
    for label, face in (("p95 of a trial not fitted to", DARK), ("p95 of one fitted to", PAPER)):
        handles.append(
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                markersize=7,
                markerfacecolor=face,
                markeredgecolor=DARK,
                label=label,
            )
        )
    return [*handles, canvas.slo_handle(curve.slo)]
