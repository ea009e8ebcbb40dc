"""Puts labels beside points so that none lies on another, with a thin line where one must move."""

from collections.abc import Sequence
from itertools import product

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from loadtests.report.style import FAINT, INK, PAPER

Side = tuple[int, int]

# Where a label may go from its mark, best first: right, left, above, below, then the corners.
SIDES: tuple[Side, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DISTANCES_PT = (9, 16, 26, 38, 52, 70, 90, 115, 145)
NEAR_PT = 9  # at this distance a label needs no line to its mark
MARK_PT = 7.0  # half the side of the square that a mark takes
GAP_PT = 2.0  # kept free around a label
SIZE_PT = 8.5


def place(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    radii_pt: Sequence[float] | None = None,
    bars: Sequence[tuple[float, float, float]] = (),
) -> None:
    """Label points (data coordinates) of axes whose limits are final.

    radii_pt: half the size of each mark; bars: upright lines to keep free, as (x, low, high).
    """
    figure = axes.get_figure(root=True)
    if not isinstance(figure, Figure) or not points:
        return
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    inside = axes.get_window_extent()
    radii = radii_pt or [MARK_PT] * len(points)
    marks = [_pixels(axes, point) for point in points]
    taken = [_around(mark, radius * scale) for mark, radius in zip(marks, radii, strict=True)]
    for x, low, high in bars:
        (left, bottom), (right, top) = _pixels(axes, (x, low)), _pixels(axes, (x, high))
        taken.append(Bbox.from_extents(left - 2, bottom, right + 2, top))
    for point, mark, radius, text in zip(points, marks, radii, texts, strict=True):
        size = _text_size(axes, text, scale)
        extra = radius - MARK_PT
        candidates = [
            (_cost(box, taken, inside) + 0.01 * distance, side, distance, box)
            for distance, side in product(DISTANCES_PT, SIDES)
            for box in [_box(mark, size, side, (distance + extra) * scale)]
        ]
        _, side, distance, box = min(candidates, key=lambda c: c[0])
        taken.append(box)
        _write(axes, point, text, _offset(side, distance + extra), side, distance > NEAR_PT)


def _pixels(axes: Axes, point: tuple[float, float]) -> tuple[float, float]:
    x, y = axes.transData.transform(point)
    return float(x), float(y)


def _around(mark: tuple[float, float], half: float) -> Bbox:
    (x, y) = mark
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _text_size(axes: Axes, text: str, scale: float) -> tuple[float, float]:
    """Return width and height of a text in pixels, its gap included."""
    probe = axes.text(0, 0, text, fontsize=SIZE_PT, linespacing=1.25)
    figure = axes.get_figure(root=True)
    box = probe.get_window_extent(FigureCanvasAgg(figure).get_renderer())  # type: ignore[no-untyped-call]
    probe.remove()
    return box.width + 2 * GAP_PT * scale, box.height + 2 * GAP_PT * scale


def _offset(side: Side, distance: float) -> tuple[float, float]:
    diagonal = 0.7 if side[0] and side[1] else 1.0
    return side[0] * distance * diagonal, side[1] * distance * diagonal


def _box(mark: tuple[float, float], size: tuple[float, float], side: Side, distance: float) -> Bbox:
    dx, dy = _offset(side, distance)
    left = mark[0] + dx + (side[0] - 1) * size[0] / 2
    bottom = mark[1] + dy + (side[1] - 1) * size[1] / 2
    return Bbox.from_bounds(left, bottom, *size)


def _cost(box: Bbox, taken: Sequence[Bbox], inside: Bbox) -> float:
    """Return the share of a label that lies on others or outside the axes."""
    area = box.width * box.height
    hidden = [Bbox.intersection(box, other) for other in taken]
    overlap = sum(hit.width * hit.height for hit in hidden if hit is not None)
    within = Bbox.intersection(box, inside)
    outside = area - (within.width * within.height if within is not None else 0.0)
    return 100.0 * float(overlap + outside) / float(area)


def _write(
    axes: Axes,
    point: tuple[float, float],
    text: str,
    offset: tuple[float, float],
    side: Side,
    lined: bool,
) -> None:
    line = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 5}
    axes.annotate(
        text,
        point,
        xytext=offset,
        textcoords="offset points",
        ha={1: "left", 0: "center", -1: "right"}[side[0]],
        va={1: "bottom", 0: "center", -1: "top"}[side[1]],
        fontsize=SIZE_PT,
        color=INK,
        linespacing=1.25,
        zorder=8,
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        arrowprops=line if lined else None,
    ).set_in_layout(False)
