"""What a search found of each setting, by its own trials and by all trials together.

The two may differ: a trial that holds may be luck, or owe it to a fast CPU. Both are told, each as
what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Row
from loadtests.analysis.frontier import Cell, Unknown
from loadtests.analysis.recommend import minimum
from loadtests.question import Setting, rank
from loadtests.search.confirm import believed, concluded
from loadtests.search.knowledge import Knowledge
from loadtests.search.reliability import Band, Reliability
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Weighed:
    """The rows of a search, weighed by what all its trials say of how reliably each holds."""

    says: Reliability
    own: tuple[Row, ...]  # a setting each, by its own trials
    prices: Prices

    @cached_property
    def rows(self) -> list[Row]:
        """One row for each setting that was measured, with its reliability."""
        return [self.weigh(row) for row in self.own]

    def weigh(self, row: Row) -> Row:
        """Return a row with its reliability, and as holding where only all trials together say so.

        Its own may each be undecided, since the CPU was faster or slower than the reference.
        """
        stated = self.says.stated(row.setting)
        is_reliable = row.setting in self._believed.holding
        row = replace(row, reliability=stated, is_reliable=is_reliable)
        if not is_reliable or row.verdict is Verdict.HOLDS:
            return row
        why = (
            f"By all trials, each at the speed of its CPU, it is expected to hold in {stated:.0%} "
            "of them at the reference speed"
        )
        return replace(row, verdict=Verdict.HOLDS, reasons=(why, *row.reasons))

    @cached_property
    def least(self) -> Row | None:
        """The cheapest setting that holds, and does so as reliably as asked."""
        return minimum(self.rows, self.prices)

    @property
    def band(self) -> Band | None:
        """Between which limits of CPU it is a matter of luck; None where nothing holds."""
        return None if self.least is None else self.says.band(self.least.setting)

    @property
    def cells(self) -> list[Cell]:
        """Every setting of the space, with what is known of it."""
        rows = {row.setting: row for row in self.rows}
        return [
            Cell(cell, self._verdict(cell, rows.get(cell)), rows.get(cell), self._unknown(cell))
            for cell in self.says.space.cells
        ]

    def _verdict(self, cell: Setting, row: Row | None) -> Verdict | None:
        if row is not None and row.verdict.decides:
            return row.verdict
        return None if self.concluded.is_unclear(cell) else self._inferred_from.verdict(cell)

    def _unknown(self, cell: Setting) -> Unknown:
        if self.concluded.is_unclear(cell):
            return Unknown.UNCLEAR
        if self._believed.verdict(cell) is Verdict.FAILS:
            return Unknown.TOO_SELDOM
        return open_or_not_needed(cell, self.least, self.prices)

    @cached_property
    def concluded(self) -> Knowledge:
        """What is known of every setting, with those that are believed to hold as holding."""
        return concluded(self.says)

    @cached_property
    def _believed(self) -> Knowledge:
        return believed(self.says)

    @cached_property
    def _inferred_from(self) -> Knowledge:
        """What others are inferred from: what fails by its own trials, or reliably holds.

        What held by its own trials, but not reliably, tells of no larger setting.
        """
        reliable = self._believed.holding
        return Knowledge(
            self.says.space,
            tuple(
                replace(finding, verdict=Verdict.UNDECIDED)
                if finding.verdict is Verdict.HOLDS and finding.setting not in reliable
                else finding
                for finding in self.concluded.findings
            ),
        )


def open_or_not_needed(cell: Setting, least: Row | None, prices: Prices) -> Unknown:
    """Say of a setting of which nothing is known whether it may be the answer as well."""
    cost = prices.per_hour
    dearer = least is not None and rank(cell, cost) > rank(least.setting, cost)
    return Unknown.NOT_NEEDED if dearer else Unknown.OPEN


def cells_by_name(
    known: Knowledge, rows: Sequence[Row], least: Row | None, prices: Prices
) -> list[Cell]:
    """Return every setting of a space of which some were measured by name, as no search did."""
    measured = {row.setting: row for row in rows}
    return [
        Cell(
            cell,
            known.verdict(cell),
            measured.get(cell),
            Unknown.UNCLEAR if known.is_unclear(cell) else open_or_not_needed(cell, least, prices),
        )
        for cell in known.space.cells
    ]
