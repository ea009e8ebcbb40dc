"""A comparison as a Markdown table, and its place between two marks of a document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.errors import RecordError
from loadtests.peers.figures import MARGIN, Figure, Summary
from loadtests.peers.measurement import Comparison
from loadtests.peers.numbers import number, span
from loadtests.report.markdown import row

NOTHING = "-"


@dataclass(frozen=True)
class Column:
    """How a figure is shown."""

    figure: Figure
    ratio: bool = False  # to the baseline's, in place of the figure itself
    bounds: bool = True  # beside it

    @property
    def title(self) -> str:
        """The head of the column."""
        return f"{self.figure.title}, of ours" if self.ratio else self.figure.title

    def cell(self, summary: Summary) -> str:
        """Return what stands in a contender's row."""
        found = (summary.ratios if self.ratio else summary.medians).get(self.figure.key)
        if found is None:
            return NOTHING
        sign = "x" if self.ratio else ""
        bounded = self.bounds and found.low < found.high
        return f"{number(found.estimate)}{sign}" + (
            f" ({span(found.low, found.high)})" if bounded else ""
        )


def table(head: str, summaries: Sequence[Summary], columns: Sequence[Column]) -> str:
    """Return the table: one row a contender that was measured, and why others were not."""
    lines = [
        row(head, *(column.title for column in columns)),
        row("---", *("---:" for _ in columns)),
    ]
    lines += [
        row(_named(one), *(column.cell(one) for column in columns))
        for one in summaries
        if not one.failed
    ]
    left_out = [
        f"- {_named(one)} was not measured: {one.failed}" for one in summaries if one.failed
    ]
    noted = [f"- {one.contender}: {'; '.join(one.notes)}." for one in summaries if one.notes]
    beside = [*noted, *left_out]
    return "\n".join([*lines, *(["", *beside] if beside else [])]) + "\n"


def _named(summary: Summary) -> str:
    return f"{summary.contender} ({summary.version})" if summary.version else summary.contender


def better(summaries: Sequence[Summary], columns: Sequence[Column]) -> str:
    """Say in which columns contenders are better than the first, by the ratios' whole intervals."""
    first, *others = summaries
    by = f"by more than {MARGIN:.0%} within the whole 95% interval of the ratio"
    found = {
        column.figure.title: names
        for column in columns
        if not column.ratio and (names := _better(others, column.figure))
    }
    if not found:
        return f"In no column is a contender better than *{first.contender}*, {by}.\n"
    lines = [f"- {title}: {'; '.join(names)}" for title, names in found.items()]
    head = f"Better than *{first.contender}*, {by}, are only"
    return "\n".join([head, "", *lines]) + "\n"


def _better(summaries: Sequence[Summary], figure: Figure) -> list[str]:
    return [
        one.contender
        for one in summaries
        if figure.key in one.ratios and figure.is_better(one.ratios[figure.key])
    ]


def measured_where(comparison: Comparison) -> str:
    """Say where and when it was measured, and how often."""
    machine, rounds = comparison.machine, comparison.rounds
    where = (
        f"Measured on {comparison.measured_on} on {machine.cpus} cores ({machine.cpu_model}), "
        f"{rounds} round{'s' * (rounds > 1)}"
    )
    if rounds == 1:
        return f"{where}, which tells nothing of how far another would lie from it."
    return (
        f"{where}: medians, and in brackets the lowest and the highest round; of ratios the mean "
        "over the rounds with its 95% interval."
    )


def between_marks(document: str, mark: str, text: str) -> str:
    """Return a document with a text between `<!-- mark: … -->` and `<!-- /mark -->`.

    Raises RecordError where it has no such marks.
    """
    marked = re.compile(rf"(<!-- {mark}: .*? -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if marked.search(document) is None:
        raise RecordError(f"the document has no marks for {mark}")
    return marked.sub(lambda found: f"{found[1]}{text}{found[2]}", document)
