"""The search for the least CPU and memory of one replica that hold, and for how many replicas."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.calibration import Calibration, calibrate, memory_error
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.forecast import CpuForecast, forecast_cpus
from loadtests.analysis.forecast_made import ForecastMade
from loadtests.analysis.frontier import Cell
from loadtests.analysis.recommend import minimum
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.summary import Judged
from loadtests.analysis.weighed import Weighed, cells_by_name
from loadtests.errors import RecordError
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report import figures, tables
from loadtests.report.conclusions import conclusions
from loadtests.report.markup import Fragment
from loadtests.search.confirm import is_proven
from loadtests.search.knowledge import Knowledge
from loadtests.search.reliability import Band, Goal, Reliability
from loadtests.search.space import Space
from loadtests.studies.expected import expected
from loadtests.studies.manifest import REPLICA_AXIS, VERTICAL, Manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.replica_search import ReplicaSearch
from loadtests.studies.results import ResultTable, SettingResult, read_table
from loadtests.studies.search_result import SearchResult
from loadtests.studies.trial_runner import findings_of
from loadtests.verdicts import Forecast, Verdict


@dataclass(frozen=True)
class MinimumSearch(SearchResult):
    """What was found in the plane of CPU and memory, and then of several replicas."""

    space: Space
    axis: ReplicaSearch | None = None  # of several replicas; None: they were not asked about

    @classmethod
    def of(cls, table: ResultTable, staircase: Evidence | None = None) -> "MinimumSearch":
        """Take the space that was searched; without a search it is made of what was measured."""
        search = table.manifest.search
        if search is not None:
            return cls(table, staircase, Space(search.cpu_steps, search.memory_steps))
        cpus, memory = {s.cpus for s in table.asked}, {s.memory_mib for s in table.asked}
        return cls(table, staircase, Space(tuple(sorted(cpus)), tuple(sorted(memory))))

    def with_replicas(self, table: ResultTable | None) -> "MinimumSearch":
        """Return the search with what it found of several replicas; None: it did not ask."""
        if table is None or self.manifest.search is None:
            return self
        host = self.table.results[0].evidence.trial.host
        findings = tuple(findings_of(table))
        axis = ReplicaSearch(table, self.reliability, findings, self.calibration, host)
        return replace(self, axis=axis)

    @property
    def steps(self) -> int:
        """How many settings there were to choose from."""
        return len(self.space.cells if self.axis is None else self.axis.rivals.says.space.cells)

    def answers(self, asked: Parameters) -> bool:
        """Say whether this is what is asked now."""
        manifest, search = self.manifest, self.manifest.search
        if manifest.prices != asked.prices:
            return False
        if asked.settings is not None:
            return manifest.answers(asked.question, asked.target, asked.vertical_settings)
        return (
            search is not None
            and (manifest.question, manifest.target) == (asked.question, asked.target)
            and tuple(asked.cpu_steps or search.cpu_steps) == search.cpu_steps
            and tuple(asked.memory_steps or search.memory_steps) == search.memory_steps
            and asked.goal == search.goal
            and search.final_steady_s in (None, asked.final_question.workload.steady_s)
            and search.replica_counts in ((), asked.counts_asked_about)
        )

    @cached_property
    def knowledge(self) -> Knowledge:
        """What the trials say of every setting of the space."""
        return Knowledge(self.space, tuple(findings_of(self.table)))

    @cached_property
    def reliability(self) -> Reliability:
        """How reliably each setting of the space holds; of use after a search only."""
        search = self.manifest.search
        goal = Goal() if search is None else search.goal
        return Reliability(self.space, self.knowledge.findings, goal, self._expected)

    @property
    def _expected(self) -> Forecast | None:
        """What the search began with; the staircase itself may be from before its reference."""
        if self.staircase is None:
            return None
        trials = [evidence for result in self.table.results for evidence, _ in result.trials]
        reference_us = next((t.trial.reference_us for t in trials if t.trial.reference_us), None)
        return expected(self.staircase, self.space, reference_us)

    @cached_property
    def weighed(self) -> Weighed | None:
        """The rows, weighed by all trials together; None where settings were given by name."""
        if self.manifest.search is None:
            return None
        return Weighed(self.reliability, tuple(self.table.rows), self.manifest.prices)

    @property
    def rows(self) -> list[Row]:
        """One row for each setting that was measured, after a search with its reliability."""
        return self.table.rows if self.weighed is None else self.weighed.rows

    @cached_property
    def least(self) -> Row | None:
        """The cheapest setting that holds, and after a search does so as reliably as asked."""
        return minimum(self.rows, self.manifest.prices)

    @property
    def replica_rows(self) -> list[Row]:
        """One row for each setting of several replicas that was measured, with its reliability."""
        return [] if self.axis is None else self.axis.rows

    @property
    def answer(self) -> Row | None:
        """The least setting on all axes that were asked about."""
        return minimum([*self.rows, *self.replica_rows], self.manifest.prices)

    @property
    def results(self) -> list[SettingResult]:
        """The trials of every setting that was measured."""
        return [*self.table.results, *(() if self.axis is None else self.axis.table.results)]

    @property
    def manifests(self) -> list[Manifest]:
        """What is kept of it."""
        return [self.manifest, *([] if self.axis is None else [self.axis.table.manifest])]

    @property
    def band(self) -> Band | None:
        """Between which limits of CPU it is a matter of luck; None without a search or answer."""
        return None if self.weighed is None else self.weighed.band

    @property
    def repeated(self) -> Repeat | None:
        """The answer's last trial, a long one, beside those before it; None: there was none."""
        if self.answer is None:
            return None
        if self.axis is not None and self.answer.setting.replicas > 1:
            return self.axis.repeated()
        result = next(r for r in self.table.results if r.setting == self.answer.setting)
        longest_s = max(_steady_s(trial) for trial in result.trials)
        long = [trial for trial in result.trials if _steady_s(trial) == longest_s]
        others = tuple(trial for trial in result.trials if trial is not long[-1])
        return Repeat(others, long[-1]) if len(long) < len(result.trials) else None

    @property
    def cells(self) -> list[Cell]:
        """Every setting of the space, with what is known of it."""
        if self.weighed is not None:
            return self.weighed.cells
        return cells_by_name(self.knowledge, self.rows, self.least, self.manifest.prices)

    @property
    def ended(self) -> SearchEnd | None:
        """How the search ended; proven: as reliable as asked, and nothing cheaper is."""
        if self.manifest.search is None:
            return None
        cost = self.manifest.prices.per_hour
        search = self.manifest.search
        proven = not search.is_cut_short and is_proven(self.reliability, cost)
        if self.axis is None or not proven:
            return SearchEnd(proven, search.log[-1].why)
        return SearchEnd(not self.axis.is_cut_short, self.axis.why)

    @property
    def worth_repeating(self) -> tuple[Setting, Question] | None:
        """The answer, where the search did not repeat it, else what holds, else the first."""
        if self.repeated is not None:
            return None
        measured = [result.row for result in self.table.results]
        held = [row for row in measured if row.verdict is Verdict.HOLDS]
        chosen = self.answer or next(iter(held or measured), None)
        return None if chosen is None else (chosen.setting, self.manifest.question)

    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""
        search, rows = self.manifest.search, [*self.rows, *self.replica_rows]
        ended = [] if search is None else [search.log[-1].why]
        ended += [] if self.axis is None else [self.axis.why]
        return [*ended, *conclusions(rows, self.manifest.prices, self.manifest.question)]

    def contradictions(self) -> list[str]:
        """Say which settings contradict that more never makes it worse."""
        known = self.knowledge if self.weighed is None else self.weighed.concluded
        return [
            f"{smaller.label} {known.last[smaller].told}, {larger.label} {known.last[larger].told}"
            for smaller, larger in known.contradictions
        ]

    @cached_property
    def calibration(self) -> Calibration | None:
        """What the staircase's ramp-up told; None where none was climbed, or all died at once."""
        try:
            return None if self.staircase is None else calibrate(self.staircase)
        except RecordError:
            return None

    @cached_property
    def forecast(self) -> CpuForecast | None:
        """The least CPU as the staircase forecasts it; None where it cannot."""
        return None if self.staircase is None else forecast_cpus(self.staircase)

    @property
    def forecast_made(self) -> ForecastMade | None:
        """The forecast beside what trials found; None until what is below is known to fail."""
        forecast, least, staircase = self.forecast, self.least, self.staircase
        if forecast is None or least is None or staircase is None or self.calibration is None:
            return None
        found, most_mib = least.setting.cpus, self.space.memory_mib[-1]
        below = [cpus for cpus in self.space.cpus if cpus < found]
        failing = [
            cpus
            for cpus in below
            if self.knowledge.verdict(Setting(cpus, most_mib)) is Verdict.FAILS
        ]
        if below and not failing:
            return None
        law = self.calibration.cpus
        return ForecastMade(
            started_at=staircase.trial.started_at,
            forecast=forecast,
            law_cpus=None if law is None else law.estimate * (forecast.speed or 1.0),
            found_cpus=found,
            failing_cpus=max(failing, default=None),
            found_cpu_ms=1000 * least.cpu_cores / least.rps
            if least.cpu_cores and least.rps
            else None,
        )

    def calibration_sentences(self) -> list[str]:
        """Say what was calibrated, what it predicted, and how far off that was."""
        if self.calibration is None:
            return ["Nothing was calibrated: the settings were given by name."]
        said = self.calibration.sentences()
        if self.forecast is not None:
            said.append(self.forecast.sentence)
        if self.forecast_made is not None:
            said.append(self.forecast_made.sentence)
        memory = None if self.least is None else memory_error(self.calibration, self.least)
        return said if memory is None else [*said, memory]

    def answer_figure(self) -> Fragment:
        """Draw what holds and what fails in the plane of CPU and memory."""
        return figures.frontier(self.cells, self.least, self.manifest.question.slo)

    def rows_table(self) -> Fragment:
        """List the settings that were measured."""
        if not self.replica_rows:
            return tables.vertical_table(self.rows)
        return tables.vertical_table([*self.rows, *self.replica_rows], "Settings, as measured")

    def replica_figure(self) -> Fragment | None:
        """Draw what every number of replicas costs at least; None where none was asked about."""
        return None if self.axis is None else self.axis.figure()

    def replica_decisions(self) -> Fragment | None:
        """List the decisions about several replicas; None where none was asked about."""
        return None if self.axis is None else self.axis.decisions()

    def replica_sentences(self) -> list[str]:
        """Say how many replicas cost least, and how that is known."""
        return super().replica_sentences() if self.axis is None else self.axis.sentences()


def _steady_s(trial: Judged) -> float:
    return trial[0].trial.question.workload.steady_s


def read_minimum_search(run: Path) -> MinimumSearch | None:
    """Read the search a run recorded, judged anew; None where there was none."""
    table = read_table(run, VERTICAL)
    if table is None:
        return None
    key = None if table.manifest.search is None else table.manifest.search.staircase
    staircase = None if key is None else Evidence.read(trial_folder(run, key))
    found = MinimumSearch.of(table, staircase)
    several = read_table(run, REPLICA_AXIS)
    same = several is not None and several.manifest.answers_as(table.manifest)
    return found.with_replicas(several) if same and table.results else found
