"""The search for the most users that one setting holds."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import answer, formats
from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.calibration import calibrate
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.speed import common_reference_us
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report import figures, tables
from loadtests.report.markup import Fragment
from loadtests.studies.answer_file import write_answer_file
from loadtests.studies.manifest import USERS, read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import ResultTable, SettingResult, read_evidence, read_repeat
from loadtests.studies.search_result import SearchResult
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class CapacitySearch(SearchResult):
    """What was found on the axis of users: a result for each number of them, fewest first."""

    staircase: Evidence

    @property
    def steps(self) -> int:
        """How many numbers of users there were to choose from."""
        return len(self.manifest.search.users_steps) if self.manifest.search else 0

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
        """The most users that were measured to be held."""
        holding = [r for r in self.table.results if r.row.verdict is Verdict.HOLDS]
        return holding[-1] if holding else None

    @property
    def fails(self) -> SettingResult | None:
        """The fewest users that were measured not to be held."""
        return next((r for r in self.table.results if r.row.verdict is Verdict.FAILS), None)

    @property
    def by_users(self) -> dict[int, Row]:
        """The rows by the number of users."""
        return {users_of(result): result.row for result in self.table.results}

    @property
    def ended(self) -> SearchEnd | None:
        """How it ended; proven where the next step above what is held fails, or there is none."""
        search = self.manifest.search
        if search is None:
            return None
        most = 0 if self.held is None else users_of(self.held)
        above = next((users for users in search.users_steps if users > most), None)
        failing = above in self.by_users and self.by_users[above].verdict is Verdict.FAILS
        return SearchEnd(above is None or failing, search.log[-1].why)

    @property
    def worth_repeating(self) -> tuple[Setting, Question] | None:
        """The setting under the most users that are held, else under the fewest."""
        chosen = self.held or next(iter(self.table.results), None)
        return None if chosen is None else (self.setting, chosen.evidence.trial.question)

    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""
        held, fails, said = self.held, self.fails, []
        if self.ended is not None:
            said.append(self.ended.why)
        if held is not None:
            said.append(
                f"{self.setting.label} holds {users_of(held):,} users with "
                f"{formats.slo(self.manifest.question.slo)}: {_figures(held.row)}, "
                f"{formats.supported(held.row)}."
            )
        if fails is not None:
            said.append(
                f"{users_of(fails):,} users are not held ({formats.why(fails.row)}): "
                f"{_figures(fails.row)}."
            )
        return said

    def contradictions(self) -> list[str]:
        """Say which numbers of users contradict that more never make it better."""
        return [
            f"{more:,} users were held, {fewer:,} were not"
            for more, row in self.by_users.items()
            for fewer, other in self.by_users.items()
            if fewer < more and row.verdict is Verdict.HOLDS and other.verdict is Verdict.FAILS
        ]

    def calibration_sentences(self) -> list[str]:
        """Say what the first level told."""
        return calibrate(self.staircase).sentences()

    def answer_figure(self) -> Fragment:
        """Draw latency and error rate against the number of users."""
        return figures.users(self.by_users, self.setting, self.manifest.question.slo)

    def rows_table(self) -> Fragment:
        """List the numbers of users that were measured."""
        return tables.users_table(self.by_users)

    def write_answer(self, run: Path) -> Path:
        """Write answer.json, the answer as `capacity`."""
        trial, repeat = self.staircase.trial, read_repeat(run)
        built = answer.build_capacity(
            self.manifest.question,
            self.by_users,
            self.manifest.effort,
            trial.host,
            trial.versions,
            self.ended,
            None if repeat is None else repeat.row,
            common_reference_us(evidence for evidence, _ in self.table.trials),
        )
        return write_answer_file(run, built)


def users_of(result: SettingResult) -> int:
    """Return under how many users a setting was measured."""
    return result.evidence.trial.question.workload.users


def _figures(row: Row) -> str:
    return f"p95 {formats.p95_with_range(row)}, error rate {formats.errors(row)}"


def read_capacity_search(run: Path) -> CapacitySearch | None:
    """Read the search a run recorded, judged anew; None where there was none."""
    manifest = read_manifest(run, USERS)
    if manifest is None or manifest.search is None or manifest.search.staircase is None:
        return None
    trials = [read_evidence(trial_folder(run, key)) for key in manifest.trials]
    asked = sorted({evidence.trial.question.workload.users for evidence, _ in trials})
    results = tuple(
        SettingResult.of(
            manifest.settings[0],
            [pair for pair in trials if pair[0].trial.question.workload.users == users],
        )
        for users in asked
    )
    staircase = Evidence.read(trial_folder(run, manifest.search.staircase))
    return CapacitySearch(ResultTable(manifest, results), staircase)
