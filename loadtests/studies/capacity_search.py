"""How many users one setting was found to hold, as measured or as recorded."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import formats
from loadtests.analysis.answer import ANSWER, SearchEnd, build_capacity, to_json
from loadtests.analysis.calibration import calibrate
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.frontier import GridCost
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report import figures, tables
from loadtests.report.conclusions import p95_with_range
from loadtests.report.markup import Fragment
from loadtests.studies.manifest import USERS, Manifest, read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import SettingResult, read_evidence, read_repeat
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class CapacitySearch:
    """The search for the most users that one setting holds."""

    manifest: Manifest
    measured: tuple[SettingResult, ...]  # one a number of users, fewest first
    staircase: Evidence

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
        """The most users that are shown to be held."""
        holding = [m for m in self.measured if m.row.verdict is Verdict.HOLDS]
        return holding[-1] if holding else None

    @property
    def fails(self) -> SettingResult | None:
        """The fewest users that are shown not to be held."""
        return next((m for m in self.measured if m.row.verdict is Verdict.FAILS), None)

    @property
    def rows(self) -> dict[int, Row]:
        """One row a number of users."""
        return {users_of(measured): measured.row for measured in self.measured}

    @property
    def skipped(self) -> list[Skipped]:
        """Nothing: one setting is asked about, and refused where it cannot be granted."""
        return []

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each number of users."""
        return [(measured.evidence, measured.judgement) for measured in self.measured]

    def map(self) -> Fragment:
        """Draw latency and failures against the number of users."""
        return figures.users(self.rows, self.setting, self.manifest.question.slo)

    def rows_table(self) -> Fragment:
        """List the numbers of users that were measured in fresh containers."""
        return tables.users_table(self.rows)

    def stairs(self) -> Fragment:
        """Draw the live staircase."""
        return figures.staircase(self.staircase)

    def log(self) -> Fragment:
        """List the decisions, each with its reason and what came of it."""
        return tables.log_table([] if self.manifest.search is None else self.manifest.search.log)

    def calibration_sentences(self) -> list[str]:
        """Say what the first level told."""
        return calibrate(self.staircase).sentences()

    def sentences(self) -> list[str]:
        """Say what was found, the answer first."""
        held, fails, said = self.held, self.fails, []
        if self.ended is not None:
            said.append(self.ended.why)
        if held is not None:
            said.append(
                f"{self.setting.label} holds {users_of(held):,} users with "
                f"{formats.slo(self.manifest.question.slo)}: "
                f"p95 {p95_with_range(held.row)}, failures {formats.share(held.row.error_rate)}."
            )
        if fails is not None:
            said.append(
                f"{users_of(fails):,} users are not held ({formats.cause(fails.row.cause)}): p95 "
                f"{p95_with_range(fails.row)}, failures {formats.share(fails.row.error_rate)}."
            )
        return said

    @property
    def ended(self) -> SearchEnd | None:
        """How it ended; proven where the next step above what is held fails, or there is none."""
        notes = self.manifest.search
        if notes is None:
            return None
        most = 0 if self.held is None else users_of(self.held)
        above = next((users for users in notes.users_steps if users > most), None)
        proven = above is None or (above in self.rows and self.rows[above].verdict is Verdict.FAILS)
        return SearchEnd(proven, notes.log[-1].why)

    def contradictions(self) -> list[str]:
        """Say which numbers of users contradict that more never make it better."""
        return [
            f"{more:,} users were held, {fewer:,} were not"
            for more, row in self.rows.items()
            for fewer, other in self.rows.items()
            if fewer < more and row.verdict is Verdict.HOLDS and other.verdict is Verdict.FAILS
        ]

    def cost_sentence(self) -> str:
        """Say what the answer cost, against measuring every number of users."""
        cold = [evidence for measured in self.measured for evidence, _ in measured.trials]
        load_s = sum(evidence.trial.timings.load_s for evidence in [self.staircase, *cold])
        steps = self.manifest.search.users_steps if self.manifest.search else ()
        whole = GridCost(len(steps), self.manifest.question.workload.duration_s)
        return whole.compared(f"{len(cold)} trials and a staircase", load_s)

    def finish(self, run: Path) -> None:
        """Write answer.json into the run's folder."""
        trial, repeat = self.staircase.trial, read_repeat(run)
        answer = build_capacity(
            self.manifest.question,
            self.rows,
            self.manifest.effort,
            trial.host,
            trial.versions,
            self.ended,
            None if repeat is None else repeat.row,
        )
        (run / ANSWER).write_text(to_json(answer))

    @property
    def noise_load(self) -> tuple[Setting, Question] | None:
        """Which setting to measure once more for the noise, under which question."""
        chosen = self.held or (self.measured[0] if self.measured else None)
        return None if chosen is None else (self.setting, chosen.evidence.trial.question)


def users_of(measured: SettingResult) -> int:
    """Return under how many users a setting was measured."""
    return measured.evidence.trial.question.workload.users


def read_capacity_search(run: Path) -> CapacitySearch | None:
    """Read the search a run recorded, judged anew; None where there was none."""
    manifest = read_manifest(run, USERS)
    if manifest is None or manifest.search is None or manifest.search.staircase is None:
        return None
    trials = [read_evidence(trial_folder(run, key)) for key in manifest.trials]
    asked = sorted({evidence.trial.question.workload.users for evidence, _ in trials})
    measured = tuple(
        SettingResult.of(
            manifest.settings[0],
            [pair for pair in trials if pair[0].trial.question.workload.users == users],
        )
        for users in asked
    )
    return CapacitySearch(
        manifest, measured, Evidence.read(trial_folder(run, manifest.search.staircase))
    )
