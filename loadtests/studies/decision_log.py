"""The decisions of a search as they are made, told and kept."""

from collections.abc import Callable
from dataclasses import replace

from loadtests.studies.manifest import LogLine
from loadtests.studies.results import SettingResult


class DecisionLog:
    """One line a decision: what is asked next, why, and what came of it."""

    def __init__(self, note: Callable[[str], None]) -> None:
        """Begin with nothing decided; `note` tells each decision as it is made."""
        self._note = note
        self.lines: list[LogLine] = []

    def decide(self, asked: str, why: str) -> None:
        """Tell and keep a decision."""
        self._note(f"* {why}")
        self.lines.append(LogLine(asked, why, ""))

    def result(self, found: str) -> None:
        """Keep what came of the last decision."""
        self.lines[-1] = replace(self.lines[-1], found=found)

    def found(self, measured: SettingResult) -> None:
        """Keep what a trial told, and what all of its setting do together where that differs."""
        verdict, (_, judgement) = measured.row.verdict, measured.trials[-1]
        said = f"{judgement.verdict}: {judgement.reasons[0]}"
        if judgement.verdict is not verdict:
            said += f"; with its earlier trials together: {verdict}"
        self.result(said)
