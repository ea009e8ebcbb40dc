"""What a search found, whichever of the two it was: the answer, its support, the road to it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import pandas as pd

from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.frontier import GridCost
from loadtests.analysis.repeat import Repeat
from loadtests.question import Question, Setting
from loadtests.report import figures, page, tables
from loadtests.report.markup import Fragment
from loadtests.studies.frames import to_frame
from loadtests.studies.manifest import Manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import ResultTable, SettingResult

NOT_ASKED = "Several replicas were not asked about."


@dataclass(frozen=True)
class SearchResult(ABC):
    """The trials of a search, its live staircase and its decisions, measured now or recorded."""

    table: ResultTable
    staircase: Evidence | None  # None where settings were given by name

    @property
    def manifest(self) -> Manifest:
        """What is kept of it."""
        return self.table.manifest

    @property
    def rows(self) -> list[Row]:
        """One row for each setting, or number of users, that was measured."""
        return self.table.rows

    @property
    def skipped(self) -> list[Skipped]:
        """Settings the host could not grant."""
        return self.table.skipped

    @property
    def results(self) -> list[SettingResult]:
        """The trials of every setting, or load, that was measured."""
        return list(self.table.results)

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each of them."""
        return [(result.evidence, result.judgement) for result in self.results]

    def to_frame(self) -> pd.DataFrame:
        """Return every trial, a row each; columns as in data/README.md."""
        return to_frame(pair for result in self.results for pair in result.trials)

    def replica_figure(self) -> Fragment | None:
        """Draw what every number of replicas costs at least; None where none was asked about."""
        return None

    def replica_decisions(self) -> Fragment | None:
        """List the decisions about several replicas; None where none was asked about."""
        return None

    def replica_sentences(self) -> list[str]:
        """Say how many replicas cost least, and how that is known."""
        return [NOT_ASKED]

    def decisions(self) -> Fragment:
        """List the decisions, each with its reason and what came of it."""
        search = self.manifest.search
        return tables.log_table([] if search is None else search.log)

    def staircase_figure(self) -> Fragment:
        """Draw the live staircase."""
        if self.staircase is None:
            return page.note("No staircase was climbed: the settings were given by name.")
        return figures.staircase(self.staircase)

    def cost_sentence(self) -> str:
        """Say what the answer cost, against one trial for each step there is."""
        trials = [evidence for result in self.results for evidence, _ in result.trials]
        records = trials if self.staircase is None else [self.staircase, *trials]
        load_s = sum(evidence.trial.timings.load_s for evidence in records)
        whole = GridCost(self.steps, self.manifest.question.workload.duration_s)
        said = f"{len(trials)} trials"
        return whole.compared(said if self.staircase is None else f"{said} and a staircase", load_s)

    @property
    def repeated(self) -> Repeat | None:
        """The answer's last trial beside those before it, where the search itself repeated it."""
        return None

    @property
    @abstractmethod
    def steps(self) -> int:
        """How many steps there were to choose from."""

    @property
    @abstractmethod
    def ended(self) -> SearchEnd | None:
        """How the search ended; None where settings were given by name."""

    @property
    @abstractmethod
    def worth_repeating(self) -> tuple[Setting, Question] | None:
        """Which setting to measure once more, under which question; None: nothing was measured."""

    @abstractmethod
    def answers(self, asked: Parameters) -> bool:
        """Say whether this is what is asked now."""

    @abstractmethod
    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""

    @abstractmethod
    def contradictions(self) -> list[str]:
        """Say what contradicts that more never makes it worse."""

    @abstractmethod
    def calibration_sentences(self) -> list[str]:
        """Say what the staircase told of CPU and memory."""

    @abstractmethod
    def answer_figure(self) -> Fragment:
        """Draw what holds and what fails."""

    @abstractmethod
    def rows_table(self) -> Fragment:
        """List what was measured."""
