"""How reliable the answer is, in one line for people and in a few fields for scripts."""

from dataclasses import dataclass
from typing import Any

from loadtests.analysis import edge as edges
from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.binding import Binding
from loadtests.analysis.edge import Edge
from loadtests.search.reliability import Band


@dataclass(frozen=True)
class AnswerReliability:
    """What is known of how the answer holds, and of the edge that it lies at."""

    band: Band | None  # None: the settings were given by name, or several replicas are the answer
    edge: Edge
    binding: Binding
    ended: SearchEnd | None  # None: nothing was searched
    at_reference: bool  # whether the reference speed of the CPU was known

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
        sure = ", ".join(self._sure(self.band))
        return (
            f"Holds in {only}{_chance(self.band.reliability)} of trials{speed} ({asked})"
            f"{'; ' if sure else ''}{sure}: {character}. {self._end()}".rstrip()
        )

    def _sure(self, band: Band) -> list[str]:
        said = []
        if band.fails_to_cpus is not None:
            said.append(f"fails for sure up to {band.fails_to_cpus:g} CPU")
        if band.holds_from_cpus is not None:
            said.append(f"holds for sure from {band.holds_from_cpus:g} CPU")
        return said

    def _unknown(self) -> str:
        if self.ended is None:
            return "the settings were given by name"
        return "only settings of one replica are repeated for it"

    def _end(self) -> str:
        if self.ended is None:
            return ""
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


def _chance(share: float) -> str:
    """Write a chance as percent; no number of trials makes it certain."""
    if share > 0.99:
        return "over 99%"
    return "under 1%" if share < 0.01 else f"{share:.0%}"
