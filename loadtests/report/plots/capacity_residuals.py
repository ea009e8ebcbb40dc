"""How far capacities lie from the scalability law, and what each replica adds, below its figure."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from loadtests.analysis.scalability import ScalabilityLaw
from loadtests.report.style import DARK, MIDDLE, PAPER

ROOM = 1.3  # above the farthest residual
MOST_TICKS = 10  # counts that have room for what they add under them

POINT: dict[str, Any] = {
    "marker": "o", "linestyle": "none", "markersize": 6.5, "markerfacecolor": DARK,
    "markeredgecolor": PAPER, "markeredgewidth": 0.9, "zorder": 6,
}  # fmt: skip
SPREAD: dict[str, Any] = {"color": DARK, "linewidth": 1.3, "zorder": 5, "solid_capstyle": "butt"}


def residual_panel(axes: Axes, law: ScalabilityLaw) -> None:
    """Draw how far each point lies from the law, as a share of it, and how far one trial may."""
    counts = [point.replicas for point in law.points]
    shares = [
        residual / (point.rate_per_s - residual)
        for point, residual in zip(law.points, law.residuals_per_s, strict=True)
    ]
    spread = law.noise.of_one_trial
    axes.axhspan(-spread, spread, facecolor=MIDDLE, alpha=0.10, edgecolor="none", zorder=0)
    axes.axhline(0, color=MIDDLE, linewidth=1.4, zorder=3)
    for count, share in zip(counts, shares, strict=True):
        axes.plot([count, count], [0, share], **SPREAD)
    axes.plot(counts, shares, **POINT)
    most = ROOM * max(spread, *map(abs, shares))
    axes.set_ylim(-most, most)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0 if most > 0.02 else 1))
    axes.yaxis.set_major_locator(MaxNLocator(3, symmetric=True))


def counts_axis(axes: Axes, law: ScalabilityLaw) -> None:
    """Name the measured counts, with what each last replica adds where there is room."""
    names = [str(count) for count in law.counts]
    if len(names) <= MOST_TICKS:
        names = [_with_gain(law, count) for count in law.counts]
    axes.set_xticks(law.counts, names)
    axes.set_xlabel("replicas, and what the last of them adds to those before it, by the law")


def _with_gain(law: ScalabilityLaw, count: int) -> str:
    if count == law.counts[0]:
        return str(count)
    gain = law.gain(count)
    if not (gain.adds or gain.takes):
        return f"{count}\nnot shown"
    share = gain.share.estimate
    return f"{count}\n{share:+.{0 if abs(share) >= 0.01 else 1}%}"
