"""How reliable the answer is, in one line for people and in a few fields for scripts.

All of it is what a model expects of one more trial; rows that say otherwise are named beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.analysis import edge as edges
from loadtests.analysis import formats
from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.binding import Binding
from loadtests.analysis.cpu_speed import SPEED_TOLERANCE
from loadtests.analysis.edge import Edge
from loadtests.analysis.evidence import Row
from loadtests.search.reliability import SURE, Band
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class AnswerReliability:
    """What is known of how the answer holds, and of the edge that it lies at."""

    band: Band | None  # None: the settings were given by name, or several replicas are the answer
    edge: Edge
    binding: Binding
    ended: SearchEnd | None  # None: nothing was searched
    at_reference: bool  # whether the reference speed of the CPU was known
    otherwise: tuple[Row, ...] = ()  # measured, and not as the band has it

    @property
    def line(self) -> str:
        """Say it in one line: how reliable, the band, what kind of edge, why the search ended."""
        character = "; ".join(filter(None, (edges.WORDS[self.edge.shape], self.binding.words)))
        if self.band is None:
            return (
                f"How reliably it holds is not known: {self._unknown()}. "
                f"{character[0].upper()}{character[1:]}. {self._end()}".rstrip()
            )
        speed = " at reference speed" if self.at_reference else ""
        asked = f"{self.band.asked:.0%} asked"
        only = "only " if self.band.reliability < self.band.asked else ""
        return (
            f"By a model of all trials it is expected to hold in {only}"
            f"{_chance(self.band.reliability)} of new ones{speed} ({asked}){_sides(self.band)}: "
            f"{character}. {self._otherwise()}{self._end()}".rstrip()
        )

    def _otherwise(self) -> str:
        """Name the rows that say otherwise than the band."""
        if not self.otherwise:
            return ""
        return f"But {formats.listing([_told(row) for row in self.otherwise])}. "

    def _unknown(self) -> str:
        if self.ended is None:
            return "the settings were given by name"
        return "only settings of one replica are repeated for it"

    def _end(self) -> str:
        if self.ended is None:
            return ""
        if self.ended.proven and self.band is None:
            return "The search was of one replica: fewer or smaller ones of several may do."
        if self.ended.proven:
            return "The search ended because nothing cheaper was left open."
        return "The search ended with that open."

    def fields(self) -> dict[str, Any]:
        """Return what answer.json has of it; data/README.md describes each field."""
        band = self.band
        return {
            "asked": None if band is None else band.asked,
            "stated": None if band is None else band.reliability,
            "fails_to_cpus": None if band is None else band.fails_to_cpus,
            "holds_from_cpus": None if band is None else band.holds_from_cpus,
            "edge": self.edge.shape.value,
            "binds": [constraint.value for constraint in self.binding.constraints],
            "why_ended": None if self.ended is None else self.ended.why,
        }


def against_band(band: Band, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows of as many replicas that were measured to be otherwise than the band has it.

    What holds with as little CPU as is expected to fail, even with more memory; and what fails with
    as much as is expected to hold, unless it has less memory than the band is of.
    """
    fails_to, holds_from = band.fails_to_cpus, band.holds_from_cpus
    return tuple(
        row
        for row in rows
        if row.setting.replicas == band.replicas
        and (
            (row.verdict is Verdict.HOLDS and fails_to is not None and row.setting.cpus <= fails_to)
            or (
                row.verdict is Verdict.FAILS
                and holds_from is not None
                and row.setting.cpus >= holds_from
                and row.setting.memory_mib >= band.memory_mib
            )
        )
    )


def _sides(band: Band) -> str:
    """Say up to which CPU it is expected to fail, and from which to hold, with its memory."""
    said = []
    if band.fails_to_cpus is not None:
        said.append(f"at most {1 - SURE:.0%} up to {band.fails_to_cpus:g} CPU")
    if band.holds_from_cpus is not None:
        said.append(f"at least {SURE:.0%} from {band.holds_from_cpus:g} CPU")
    several = "" if band.replicas == 1 else f"{band.replicas} replicas of "
    return f"; with {several}{band.memory_mib} MiB in {', in '.join(said)}" if said else ""


def _told(row: Row) -> str:
    """Say what a row was measured to do, and how fast its CPU was where that is news."""
    # What all trials together say to hold may have been undecided in its own.
    weighed = row.verdict is Verdict.HOLDS and row.reliability is not None and row.is_reliable
    told = f"{row.setting.label} holds" if weighed else formats.by_own_trials(row)
    if row.reliability is not None:
        told += f", and is expected to hold in {_chance(row.reliability)}"
    if row.speed is None or abs(row.speed - 1) <= SPEED_TOLERANCE:
        return told
    return f"{told} (its CPU did {row.speed:.2f} times the work that it does at reference speed)"


def _chance(share: float) -> str:
    """Write a chance as percent; no number of trials makes it certain."""
    if share > 0.99:
        return "over 99%"
    return "under 1%" if share < 0.01 else f"{share:.0%}"
