"""What a search found: the answer, its proof, and the road to it, as measured or as recorded."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.calibration import Calibration, calibrate, errors_of
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.frontier import Cell, GridCost
from loadtests.question import Question, Setting, rank
from loadtests.record import trial_folder
from loadtests.report import figures, page, tables
from loadtests.report.conclusions import conclusions
from loadtests.report.markup import Fragment
from loadtests.search.knowledge import Knowledge
from loadtests.search.space import Space
from loadtests.studies.manifest import VERTICAL, Manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import ResultTable, SettingResult, read_table
from loadtests.studies.trial_runner import finding_of, never_ready
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class MinimumSearch:
    """The search for the least setting: its trials, its staircase and its decisions."""

    table: ResultTable
    space: Space
    staircase: Evidence | None  # None where settings were given by name

    @classmethod
    def of(cls, table: ResultTable, staircase: Evidence | None = None) -> "MinimumSearch":
        """Read the space from the notes; without any it is made of the settings measured."""
        notes = table.manifest.search
        if notes is not None:
            return cls(table, Space(notes.cpu_steps, notes.memory_steps), staircase)
        cpus, memory = {s.cpus for s in table.asked}, {s.memory_mib for s in table.asked}
        return cls(table, Space(tuple(sorted(cpus)), tuple(sorted(memory))), staircase)

    @property
    def manifest(self) -> Manifest:
        """What is kept of it."""
        return self.table.manifest

    def answers(self, asked: Parameters) -> bool:
        """Say whether this is what is asked now."""
        manifest, notes = self.manifest, self.manifest.search
        if manifest.prices != asked.prices:
            return False
        if asked.settings is not None:
            return manifest.answers(asked.question, asked.target, asked.vertical_settings)
        return (
            notes is not None
            and (manifest.question, manifest.target) == (asked.question, asked.target)
            and tuple(asked.cpu_steps or notes.cpu_steps) == notes.cpu_steps
            and tuple(asked.memory_steps or notes.memory_steps) == notes.memory_steps
        )

    @property
    def rows(self) -> list[Row]:
        """One row a setting, in the order asked."""
        return self.table.rows

    @property
    def skipped(self) -> list[Skipped]:
        """Settings the host could not grant."""
        return self.table.skipped

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each setting."""
        return self.table.trials

    @cached_property
    def knowledge(self) -> Knowledge:
        """What the trials say of every setting of the space."""
        found = [
            finding_of(SettingResult.of(measured.setting, measured.trials[: number + 1]))
            for measured in self.table.measured
            for number in range(len(measured.trials))
        ]
        found += [never_ready(each.setting) for each in self.manifest.never_ready]
        return Knowledge(self.space, tuple(found))

    @cached_property
    def least(self) -> Row | None:
        """The cheapest setting that holds."""
        setting = self.knowledge.least(self.manifest.prices.per_hour)
        return next((row for row in self.rows if row.setting == setting), None)

    @property
    def ended(self) -> SearchEnd | None:
        """How the search ended; None where settings were given by name.

        Proven is the least where every setting of the space that is cheaper fails.
        """
        if self.manifest.search is None:
            return None
        cost, least = self.manifest.prices.per_hour, self.least
        proven = all(
            cell.verdict is Verdict.FAILS
            for cell in self.cells
            if least is None or rank(cell.setting, cost) < rank(least.setting, cost)
        )
        return SearchEnd(proven, self.manifest.search.log[-1].why)

    @property
    def cells(self) -> list[Cell]:
        """Every setting of the space, with what is known of it."""
        rows = {row.setting: row for row in self.rows}
        return [
            Cell(cell, self.knowledge.verdict(cell), rows.get(cell)) for cell in self.space.cells
        ]

    def map(self) -> Fragment:
        """Draw what holds and what fails in the plane of CPU and memory."""
        return figures.frontier(self.cells, self.least, self.manifest.question.slo)

    def rows_table(self) -> Fragment:
        """List the settings that were measured in fresh containers."""
        return tables.vertical_table(self.rows)

    def stairs(self) -> Fragment:
        """Draw the live staircase."""
        if self.staircase is None:
            return page.note("No staircase was climbed: the settings were given by name.")
        return figures.staircase(self.staircase)

    def log(self) -> Fragment:
        """List the decisions, each with its reason and what came of it."""
        return tables.log_table([] if self.manifest.search is None else self.manifest.search.log)

    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""
        manifest = self.manifest
        ended = [] if self.ended is None else [self.ended.why]
        return [*ended, *conclusions(self.rows, manifest.prices, manifest.question)]

    def contradictions(self) -> list[str]:
        """Say which settings contradict that more never makes it worse."""
        return [
            f"{smaller.label} held, {larger.label} failed"
            for smaller, larger in self.knowledge.contradictions
        ]

    @cached_property
    def calibration(self) -> Calibration | None:
        """What the staircase's ramp told; None where none was climbed."""
        return None if self.staircase is None else calibrate(self.staircase)

    def calibration_sentences(self) -> list[str]:
        """Say what was calibrated, what it predicted, and how far off that was."""
        if self.calibration is None:
            return ["Nothing was calibrated: the settings were given by name."]
        said = self.calibration.sentences()
        if self.least is not None:
            said += errors_of(self.calibration, self.least.setting, self.least.memory_peak_mib)
        return said

    def cost_sentence(self) -> str:
        """Say what the answer cost, against measuring every setting of the space."""
        load_s = sum(evidence.trial.timings.load_s for evidence in self._records)
        whole = GridCost(len(self.space.cells), self.manifest.question.workload.duration_s)
        cold = f"{sum(len(m.trials) for m in self.table.measured)} trials"
        return whole.compared(cold if self.staircase is None else f"{cold} and a staircase", load_s)

    @property
    def noise_load(self) -> tuple[Setting, Question] | None:
        """Which setting to measure once more for the noise, under which question."""
        measured = [each.row for each in self.table.measured]
        held = [row for row in measured if row.verdict is Verdict.HOLDS]
        chosen = self.least or next(iter(held or measured), None)
        return None if chosen is None else (chosen.setting, self.manifest.question)

    def finish(self, _run: Path) -> None:
        """Leave the answer to the report's notebook, which adds the replicas to it."""

    @property
    def _records(self) -> list[Evidence]:
        cold = [evidence for measured in self.table.measured for evidence, _ in measured.trials]
        return cold if self.staircase is None else [self.staircase, *cold]


def read_minimum_search(run: Path) -> MinimumSearch | None:
    """Read the search a run recorded, judged anew; None where there was none."""
    table = read_table(run, VERTICAL)
    if table is None:
        return None
    key = None if table.manifest.search is None else table.manifest.search.staircase
    return MinimumSearch.of(table, None if key is None else Evidence.read(trial_folder(run, key)))
