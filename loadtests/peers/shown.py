"""A half of the comparison as notebook 06 shows it: tables, figures, what to know of them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from loadtests.peers import plot, tables
from loadtests.peers.figures import Figure, Summary
from loadtests.peers.half import NOT_YET, Half
from loadtests.peers.measurement import Comparison, read_comparison
from loadtests.peers.tables import Column
from loadtests.report.markup import Fragment
from loadtests.report.page import figure_html


@dataclass(frozen=True)
class Shown:
    """What a folder of comparisons has of one half."""

    half: Half
    comparison: Comparison | None  # None: not measured yet

    @classmethod
    def read(cls, half: Half, folder: Path) -> "Shown":
        """Read it; raises RecordError for a file that cannot be read."""
        return cls(half, read_comparison(half.path(folder)))

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """A summary of every contender that is known of; none before anything was measured."""
        return () if self.comparison is None else self.half.summaries(self.comparison)

    def table(self, *figures: Figure, ratio: bool = False) -> str:
        """Return the figures named, or their ratios to ours, with intervals, as Markdown."""
        if self.comparison is None:
            return NOT_YET
        columns = [Column(figure, ratio) for figure in figures]
        return tables.table(self.half.head, self.summaries, columns)

    def better(self) -> str:
        """Say in which figures of the README's table a contender is better than ours."""
        if self.comparison is None or self.comparison.rounds < 2:
            return ""
        return tables.better(self.summaries, self.half.columns)

    def held(self) -> str:
        """Say in how many rounds this project's own limits held."""
        return "" if self.comparison is None else self.half.held(self.comparison)

    def where(self) -> str:
        """Say where and when it was measured."""
        return NOT_YET if self.comparison is None else tables.measured_where(self.comparison)

    def ratios(self, figure: Figure) -> Fragment | None:
        """Draw a figure of every contender as a multiple of ours; None before it was measured."""
        if self.comparison is None:
            return None
        drawn = plot.ratios_figure(self.summaries, figure)
        return figure_html(drawn, plot.ratios_alt(self.summaries, figure))

    def rounds(self) -> pd.DataFrame:
        """Return one row a contender and round: when, how fast the CPU was, every figure."""
        measured = () if self.comparison is None else self.comparison.measurements
        return pd.DataFrame(
            [
                {
                    "round": one.round,
                    "place": one.place,
                    self.half.head: one.contender,
                    "started_at": one.started_at,
                    "work_us": one.work_us,
                    "steal_ratio": one.steal_ratio,
                    **one.figures,
                    "failed": one.failed,
                }
                for one in measured
            ]
        )
