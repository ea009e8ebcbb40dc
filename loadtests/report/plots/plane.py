"""The answer in one figure: every measured setting in the plane of CPU and memory."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row
from loadtests.analysis.recommend import violations
from loadtests.question import SLO
from loadtests.report.plots import canvas, labels, marks, scales
from loadtests.report.style import INK, LOOKS, MUTED
from loadtests.verdicts import Verdict

WIDTH_IN = 10.0
HEIGHT_IN = 5.6
TICKS_APART = 0.045  # of an axis: nearer ticks would write over each other
LINES_ASIDE = 9
UNCLEAR = "Where both shades lie it is unclear: a smaller setting holds, a larger one fails."


@canvas.styled
def plane_figure(rows: Sequence[Row], minimum_row: Row | None, slo: SLO) -> Figure:
    """Draw settings by CPU (cores) and memory (MiB) of one replica, and mark the least.

    Settings of several replicas are listed aside. Shaded: what is inferred from the marks, on the
    assumption that more CPU and more memory never make a setting worse.
    """
    single = [row for row in dict.fromkeys(rows) if row.setting.replicas == 1]
    several = [row for row in dict.fromkeys(rows) if row.setting.replicas > 1]
    figure = canvas.canvas(WIDTH_IN, HEIGHT_IN)
    canvas.message(figure, plane_message(rows, minimum_row), _under(rows, slo))
    if not rows:
        return canvas.nothing(figure, "nothing was measured")
    if several:
        axes, aside = figure.subplots(1, 2, width_ratios=(3.1, 1))
        _list_aside(aside, several, minimum_row)
    else:
        axes = figure.subplots()
    if single:
        _plane(axes, single, minimum_row)
    else:
        canvas.no_frame(axes)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no setting of one replica", ha="center", color=MUTED)
    figure.legend(handles=marks.verdict_handles(rows), loc="outside lower left", ncols=4)
    if single:
        points = [(r.setting.cpus, float(r.setting.memory_mib)) for r in single]
        radii = [12.0 if row == minimum_row else labels.MARK_PT for row in single]
        contradicting = {row for pair in violations(single) for row in (pair.smaller, pair.larger)}
        texts = [_label(row, row == minimum_row, row in contradicting) for row in single]
        labels.place(axes, points, texts, radii)
    return figure


def plane_message(rows: Sequence[Row], minimum_row: Row | None) -> str:
    """Say what several replicas do, if any were measured; and the least that holds."""
    if minimum_row is None:
        return "No measured setting is shown to hold"
    several = [row for row in dict.fromkeys(rows) if row.setting.replicas > 1]
    if several:
        held = sum(row.verdict is Verdict.HOLDS for row in several)
        return (
            f"With several replicas, {held} of {len(several)} settings hold; "
            f"the least is {minimum_row.setting.label}"
        )
    p95 = formats.milliseconds(minimum_row.p95_ms)
    return f"The least that holds: {minimum_row.setting.label}, with a p95 of {p95}"


def plane_figure_alt(rows: Sequence[Row], minimum_row: Row | None, slo: SLO) -> str:
    """Say in words what `plane_figure` shows."""
    found = "; ".join(formats.row_sentence(row) for row in rows) or "nothing measured"
    return (
        f"Measured settings in the plane of CPU and memory. "
        f"{plane_message(rows, minimum_row)}. {_under(rows, slo)} {found}."
    )


def _under(rows: Sequence[Row], slo: SLO) -> str:
    """Say the SLO, and on what the shaded parts rest."""
    said, single = f"SLO: {formats.slo(slo)}.", [row for row in rows if row.setting.replicas == 1]
    if not any(row.verdict.decides for row in single):
        return said
    said += " Shaded: inferred, assuming that more CPU or memory never makes a service worse."
    return f"{said} {UNCLEAR}" if violations(single) else said


def _plane(axes: Axes, rows: Sequence[Row], minimum: Row | None) -> None:
    cpus = [row.setting.cpus for row in rows]
    memory = [float(row.setting.memory_mib) for row in rows]
    _log_axis(axes, "x", cpus)
    _log_axis(axes, "y", memory)
    _shade(axes, rows)
    for row in rows:
        x, y = row.setting.cpus, row.setting.memory_mib
        marks.verdict_marker(axes, x, y, row, 10)
        if row == minimum:
            marks.ring(axes, x, y, 20, 1.6)
    axes.set_xlabel("CPU limit (cores, log)")
    axes.set_ylabel("memory limit (MiB, log)")


def _log_axis(axes: Axes, which: scales.Which, values: Sequence[float]) -> None:
    spread = max(values) / min(values)
    low, high = min(values) / max(1.2, spread**0.2), max(values) * max(1.25, spread**0.25)
    ticks = _apart(values, TICKS_APART * math.log(high / low))
    if which == "x":
        axes.set_xscale("log")
        axes.set_xlim(low, high)
    else:
        axes.set_yscale("log")
        axes.set_ylim(low, high)
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels([f"{t:,.4g}" if t < 1000 else f"{t:,.0f}" for t in ticks])


def _apart(values: Sequence[float], distance: float) -> list[float]:
    """Return the values in order, without those too near to the last on a log axis."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or math.log(value / kept[-1]) >= distance:
            kept.append(value)
    return kept


def _shade(axes: Axes, rows: Sequence[Row]) -> None:
    """Tint what holds with more of both, and what fails with less of both."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    for verdict, corner_x, corner_y in (
        (Verdict.HOLDS, right, top),
        (Verdict.FAILS, left, bottom),
    ):
        found = [row.setting for row in rows if row.verdict is verdict]
        if not found:
            continue
        edges = np.array(sorted({s.cpus for s in found} | {corner_x}))
        if verdict is Verdict.HOLDS:
            heights = [min(s.memory_mib for s in found if s.cpus <= e) for e in edges[:-1]]
            steps = [*heights, heights[-1]]
        else:
            edges = edges[edges > left]
            heights = [max(s.memory_mib for s in found if s.cpus >= e) for e in edges]
            edges, steps = np.array([left, *edges]), [heights[0], *heights]
        axes.fill_between(
            edges,
            steps,
            corner_y,
            step="post" if verdict is Verdict.HOLDS else "pre",
            facecolor=LOOKS[verdict].tint,
            edgecolor="none",
            alpha=0.6,
            zorder=0.4,
        )
    notes = (
        (0.985, 0.975, "right", "top", Verdict.HOLDS, "more of both: holds, inferred"),
        (0.015, 0.025, "left", "bottom", Verdict.FAILS, "less of both: fails, inferred"),
    )
    for x, y, ha, va, verdict, text in notes:
        if any(row.verdict is verdict for row in rows):
            axes.text(
                x, y, text, transform=axes.transAxes, ha=ha, va=va, style="italic", fontsize=8.5,
                color=LOOKS[verdict].ink,
            )  # fmt: skip


def _label(row: Row, least: bool, contradicts: bool) -> str:
    what = formats.verdict(row.verdict, row.cause)
    if row.verdict is Verdict.HOLDS:
        what = f"holds, p95 {formats.milliseconds(row.p95_ms)}"
    label = f"{row.setting.cpus:g} / {row.setting.memory_mib} {what}"
    if contradicts:
        label += "\ncontradicts the assumption"
    return f"the least\n{label}" if least else label


def _list_aside(axes: Axes, rows: Sequence[Row], minimum: Row | None) -> None:
    canvas.no_frame(axes)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(LINES_ASIDE, -0.3)
    axes.set_title("Several replicas", color=INK, fontweight="bold")
    shown = list(rows[:LINES_ASIDE])
    for place, row in enumerate(shown):
        marks.verdict_marker(axes, 0.04, place + 0.28, row, 8)
        what = formats.verdict(row.verdict, row.cause)
        if row.verdict is Verdict.HOLDS:
            what += f", p95 {formats.milliseconds(row.p95_ms)}"
        axes.text(
            0.12, place + 0.28, f"{row.setting.label}\n{what}", va="center", fontsize=8.5,
            linespacing=1.35, fontweight="bold" if row == minimum else "normal",
        )  # fmt: skip
    if len(rows) > len(shown):
        axes.set_xlabel(f"and {len(rows) - len(shown)} more")
