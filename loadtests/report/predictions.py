"""What was predicted beside what was measured: tables of held-out trials, and a curve."""

import math
from collections.abc import Sequence
from itertools import groupby

from loadtests.analysis import formats
from loadtests.analysis.evidence import Interval
from loadtests.analysis.held_out import HeldOut
from loadtests.analysis.held_out_sentences import WHAT, bare, error
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.prediction_score import Compared, Figure, Score
from loadtests.analysis.predictors import Unfitted
from loadtests.analysis.throttled_curve import ThrottledCurve
from loadtests.report.figures import throttled_curve as shown
from loadtests.report.markup import Fragment, render
from loadtests.report.tables import Cell, Column, kept_together, table

_UNITS = {Figure.P95: "ms", Figure.CAPACITY: "requests/s", Figure.MEMORY: "MiB"}
_TITLES = {Figure.P95: "p95", Figure.CAPACITY: "Capacity", Figure.MEMORY: "Memory peak"}
_NO_CURVE = "Latency against the CPU limit was not computed: {why}."
_WITH_UNDER = '{{ value }}<br><small class="under">{{ under }}</small>'


def scores_table(found: HeldOut, caption: str = "What predictions were worth") -> Fragment | None:
    """Return one line per predictor and figure: its median error, and what was aimed at.

    None where no trial could be held out.
    """
    if not found.compared:
        return None
    columns = (
        Column("predictor"),
        Column("figure"),
        Column("held-out trials", "number"),
        Column(f"median error ({CONFIDENCE:.0%} interval)", "number"),
        Column("aimed at", "number"),
        Column("met"),
    )
    lines = [_score(score) for score in found.scores()]
    return table(caption, columns, lines)


def predictions_table(found: HeldOut, figure: Figure, caption: str = "") -> Fragment | None:
    """Return one line per held-out trial: what was measured, and each predictor's word on it.

    None where nothing was predicted.
    """
    compared = found.of(figure)
    if not compared:
        return None
    names = [*dict.fromkeys(each.predictor for each in compared)]
    columns = (
        Column("setting"),
        Column("load"),
        *([Column("CPU used")] if figure is Figure.P95 else []),
        Column(f"measured ({_UNITS[figure]})", "number"),
        *(Column(name, "number") for name in names),
    )
    ordered = sorted(compared, key=_place)
    lines = [_line([*group], names) for _, group in groupby(ordered, key=_place)]
    said = caption or f"{_TITLES[figure]} of held-out trials: measured, and predicted (ratio)"
    return table(said, columns, lines)


def _place(each: Compared) -> tuple[object, ...]:
    trial = each.trial
    return trial.setting, trial.workload.expected_rps(), trial.key


def _line(of_trial: Sequence[Compared], names: Sequence[str]) -> list[Cell]:
    first = of_trial[0]
    trial, figure = first.trial, first.figure
    said = {each.predictor: each for each in of_trial}
    knee = [_use(first)] if figure is Figure.P95 else []
    return [
        kept_together(trial.setting.label),
        trial.workload.label,
        *knee,
        _interval(first.measured, figure),
        *(_predicted(said[name]) if name in said else "nothing" for name in names),
    ]


def _use(each: Compared) -> Cell:
    used = formats.share(each.trial.use)
    return used if each.counts else render(_WITH_UNDER, value=used, under="beyond the knee")


def _predicted(each: Compared) -> Cell:
    value = f"{_amount(each.predicted.estimate, each.figure)} (x{each.ratio:,.2f})"
    return render(_WITH_UNDER, value=value, under=_bounds(each.predicted, each.figure))


def _interval(value: Interval, figure: Figure) -> Cell:
    text = _amount(value.estimate, figure)
    if value.low == value.high:
        return text
    return render(_WITH_UNDER, value=text, under=_bounds(value, figure))


def _bounds(value: Interval, figure: Figure) -> str:
    if not value.low <= value.high:  # NaN where there is no spread to tell them by
        return "interval not known"
    return f"{_amount(max(0.0, value.low), figure)} to {_amount(value.high, figure)}"


def _amount(value: float, figure: Figure) -> str:
    if math.isinf(value):  # so many requests may have failed that the percentile was not reached
        return formats.NO_ANSWER
    small = figure is Figure.P95 and value < 10
    return f"{value:.2g}" if small else f"{value:,.0f}"


def _score(score: Score) -> tuple[Cell, ...]:
    median = score.median
    return (
        score.predictor,
        WHAT[score.figure].removeprefix("the "),
        str(len(score.compared)),
        "too few"
        if median is None
        else render(
            _WITH_UNDER,
            value=error(score.figure, median.estimate),
            under=f"{bare(score.figure, median.low)} to {bare(score.figure, median.high)}",
        ),
        "nothing" if score.goal is None else f"{error(score.figure, score.goal)} at most",
        {True: "yes", False: "no: missed", None: "not known" if score.goal else ""}[score.met],
    )


def latency_curve(curve: ThrottledCurve | Unfitted) -> Fragment | None:
    """Return the figure of latency against the CPU limit; None where it was not computed."""
    return None if isinstance(curve, Unfitted) else shown(curve)


def latency_curve_sentences(curve: ThrottledCurve | Unfitted) -> list[str]:
    """Say where the queue expects the edge and where trials found it, or why it says nothing."""
    return [_NO_CURVE.format(why=curve.why)] if isinstance(curve, Unfitted) else curve.sentences
