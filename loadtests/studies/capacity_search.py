"""The search for the most load that one setting holds: users, or arrivals per second."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import answer, formats
from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.calibration import calibrate
from loadtests.analysis.endings import limit_of
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.speed import common_reference_us
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report import figures, tables
from loadtests.report.markup import Fragment
from loadtests.search.capacity import RATE, USERS, Axis
from loadtests.studies.answer_file import write_answer_file
from loadtests.studies.ladder import load_of
from loadtests.studies.manifest import RATE as RATE_PART
from loadtests.studies.manifest import USERS as USERS_PART
from loadtests.studies.manifest import read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import ResultTable, SettingResult, read_evidence, read_repeat
from loadtests.studies.search_result import SearchResult
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class CapacitySearch(SearchResult):
    """What was found on the axis of load: a result for each amount of it, the least first."""

    staircase: Evidence

    @property
    def steps(self) -> int:
        """How many amounts of load there were to choose from."""
        return len(self._steps)

    @property
    def _steps(self) -> tuple[float, ...]:
        search = self.manifest.search
        return () if search is None else search.rate_steps or search.users_steps

    @property
    def axis(self) -> Axis:
        """What there is more and more of."""
        return RATE if self.manifest.question.workload.is_open else USERS

    def answers(self, asked: Parameters) -> bool:
        """Say whether this is what is asked now."""
        same = (self.manifest.question, self.manifest.target) == (asked.question, asked.target)
        return same and self.manifest.settings == (asked.setting,)

    @property
    def setting(self) -> Setting:
        """The setting that was asked about."""
        return self.manifest.settings[0]

    @property
    def held(self) -> SettingResult | None:
        """The most load that was measured to be held."""
        holding = [r for r in self.table.results if r.row.verdict is Verdict.HOLDS]
        return holding[-1] if holding else None

    @property
    def fails(self) -> SettingResult | None:
        """The least load that was measured not to be held."""
        return next((r for r in self.table.results if r.row.verdict is Verdict.FAILS), None)

    @property
    def by_load(self) -> dict[float, Row]:
        """The rows by the load."""
        return {amount_of(result): result.row for result in self.table.results}

    @property
    def ended(self) -> SearchEnd | None:
        """How it ended; proven where the next step above what is held fails, or there is none."""
        search = self.manifest.search
        if search is None:
            return None
        most = 0 if self.held is None else amount_of(self.held)
        above = next((load for load in self._steps if load > most), None)
        failing = above in self.by_load and self.by_load[above].verdict is Verdict.FAILS
        return SearchEnd(above is None or failing, search.log[-1].why)

    @property
    def worth_repeating(self) -> tuple[Setting, Question] | None:
        """The setting under the most load that is held, else under the least."""
        chosen = self.held or next(iter(self.table.results), None)
        return None if chosen is None else (self.setting, chosen.evidence.trial.question)

    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""
        held, fails, said = self.held, self.fails, []
        if self.ended is not None:
            said.append(self.ended.why)
        if held is not None:
            said.append(
                f"{self.setting.label} holds {self.axis.said(amount_of(held))} with "
                f"{formats.slo(self.manifest.question.slo)}: {_figures(held.row)}, "
                f"{formats.supported(held.row)}."
            )
        if fails is not None:
            said.append(
                f"{self.axis.said(amount_of(fails))} are not held ({formats.why(fails.row)}): "
                f"{_figures(fails.row)}."
            )
            limit = limit_of(fails.trials)
            said += [] if limit is None else [f"{limit.sentence}."]
        return said

    def contradictions(self) -> list[str]:
        """Say which loads contradict that more of it never makes it better."""
        return [
            f"{self.axis.said(more)} were held, {less:,g} were not"
            for more, row in self.by_load.items()
            for less, other in self.by_load.items()
            if less < more and row.verdict is Verdict.HOLDS and other.verdict is Verdict.FAILS
        ]

    def calibration_sentences(self) -> list[str]:
        """Say what the first level told."""
        return calibrate(self.staircase).sentences()

    def answer_figure(self) -> Fragment:
        """Draw latency and error rate against the load."""
        noun, slo = self.axis.noun, self.manifest.question.slo
        return figures.loads(self.by_load, self.setting, slo, noun)

    def rows_table(self) -> Fragment:
        """List the loads that were measured."""
        return tables.loads_table(self.by_load, self.axis.noun)

    def write_answer(self, run: Path) -> Path:
        """Write answer.json, the answer as `capacity`."""
        trial, repeat = self.staircase.trial, read_repeat(run)
        built = answer.build_capacity(
            self.manifest.question,
            self.by_load,
            self.manifest.effort,
            trial.host,
            trial.versions,
            self.ended,
            None if repeat is None else repeat.row,
            common_reference_us(evidence for evidence, _ in self.table.trials),
        )
        return write_answer_file(run, built)


def amount_of(result: SettingResult) -> float:
    """Return under how many users, or arrivals per second, a setting was measured."""
    return load_of(result.evidence.trial.question.workload)


def _figures(row: Row) -> str:
    return f"p95 {formats.p95_with_range(row)}, error rate {formats.errors(row)}"


def read_capacity_search(run: Path, of_rate: bool = False) -> CapacitySearch | None:
    """Read the search a run recorded, of users or of a rate, judged anew; None for none."""
    manifest = read_manifest(run, RATE_PART if of_rate else USERS_PART)
    if manifest is None or manifest.search is None or manifest.search.staircase is None:
        return None
    trials = [read_evidence(trial_folder(run, key)) for key in manifest.trials]
    loads = [load_of(evidence.trial.question.workload) for evidence, _ in trials]
    results = tuple(
        SettingResult.of(
            manifest.settings[0],
            [pair for pair, load in zip(trials, loads, strict=True) if load == asked],
        )
        for asked in sorted(set(loads))
    )
    staircase = Evidence.read(trial_folder(run, manifest.search.staircase))
    return CapacitySearch(ResultTable(manifest, results), staircase)
