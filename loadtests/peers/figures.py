"""From measurements to what is said of a contender: medians with intervals, ratios with theirs.

Pure. The interval of a median are the lowest and the highest of its rounds, which hold the true
median with a chance of 1 - 2^(1 - n) where rounds are independent: 93.75% for five (David and
Nagaraja, "Order Statistics", 7.1). Ratios are taken within each round, then averaged.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from loadtests.analysis.evidence import Interval
from loadtests.analysis.ratio import mean_ratio
from loadtests.peers.measurement import Comparison, Measurement

MARGIN = 0.01  # of what is compared: less is no difference


@dataclass(frozen=True)
class Figure:
    """One figure of a comparison."""

    key: str  # in files
    title: str  # of a column, with its unit
    less_is_better: bool = True

    def is_better(self, ratio: Interval) -> bool:
        """Whether a ratio to the baseline's is better than 1 by its whole interval, and tells."""
        told = ratio.high if self.less_is_better else ratio.low
        return told < 1 - MARGIN if self.less_is_better else told > 1 + MARGIN


@dataclass(frozen=True)
class Summary:
    """A contender over all rounds."""

    contender: str
    version: str = ""
    medians: dict[str, Interval] = field(default_factory=dict)  # by a figure's key
    ratios: dict[str, Interval] = field(default_factory=dict)  # to the baseline's, by key
    rounds: int = 0  # in which it has figures
    notes: tuple[str, ...] = ()
    failed: str = ""  # why it has no figures at all


def summarise(
    comparison: Comparison, figures: Sequence[Figure], contenders: Sequence[str]
) -> tuple[Summary, ...]:
    """Return one summary a contender, in this order; the first one is the ratios' baseline.

    Contenders that the comparison knows nothing of are left out.
    """
    own = {name: _of(comparison, name) for name in contenders}
    return tuple(
        _summary(comparison, name, own[name], own[contenders[0]], figures)
        for name in contenders
        if own[name] or name in comparison.absent
    )


def _of(comparison: Comparison, name: str) -> list[Measurement]:
    return [one for one in comparison.measurements if one.contender == name]


def _summary(
    comparison: Comparison,
    name: str,
    own: Sequence[Measurement],
    baseline: Sequence[Measurement],
    figures: Sequence[Figure],
) -> Summary:
    keys = [figure.key for figure in figures]
    medians = {key: found for key in keys if (found := _median(own, key)) is not None}
    ratios = {key: found for key in keys if (found := _ratio(own, baseline, key)) is not None}
    failures = [one.failed for one in own if one.failed]
    why = comparison.absent.get(name, "") or (failures[0] if failures and not medians else "")
    notes = _noted([one.notes for one in own if one.figures])
    notes += [f"failed in {len(failures)} of {len(own)} rounds"] if failures and medians else []
    return Summary(
        name,
        comparison.versions.get(name, ""),
        medians,
        ratios,
        sum(1 for one in own if one.figures),
        tuple(notes),
        why,
    )


def _noted(rounds: Sequence[Sequence[str]]) -> list[str]:
    """Return each note once, with how many rounds have it where not all do."""
    counts = Counter(note for notes in rounds for note in dict.fromkeys(notes))
    return [
        note if count == len(rounds) else f"{note} (in {count} of {len(rounds)} rounds)"
        for note, count in counts.items()
    ]


def _median(own: Sequence[Measurement], key: str) -> Interval | None:
    values = [one.figures[key] for one in own if key in one.figures]
    return Interval(median(values), min(values), max(values)) if values else None


def _ratio(
    own: Sequence[Measurement], baseline: Sequence[Measurement], key: str
) -> Interval | None:
    """Return own / baseline over the rounds that have both; one round alone has no bounds."""
    first = {one.round: one.figures[key] for one in baseline if one.figures.get(key, 0) > 0}
    pairs = [
        (first[one.round], one.figures[key])
        for one in own
        if one.round in first and one.figures.get(key, 0) > 0
    ]
    if len(pairs) < 2:
        return Interval(pairs[0][1] / pairs[0][0], math.nan, math.nan) if pairs else None
    return mean_ratio(pairs)
