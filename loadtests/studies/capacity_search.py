"""How many users one setting was found to hold, as measured or as recorded."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import formats
from loadtests.analysis.answer import ANSWER, Ended, build_capacity, to_json
from loadtests.analysis.calibration import calibrate
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.frontier import GridCost
from loadtests.question import Question, Setting
from loadtests.record import trial_folder
from loadtests.report import figures, tables
from loadtests.report.conclusions import p95_with_range
from loadtests.report.markup import Fragment
from loadtests.studies.manifest import USERS, Part, read_part
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import Measured, read_evidence, read_repeat
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class FoundUsers:
    """The search for the most users that one setting holds."""

    part: Part
    measured: tuple[Measured, ...]  # one a number of users, fewest first
    staircase: Evidence

    def answers(self, asked: Parameters) -> bool:
        """Say whether this is what is asked now."""
        same = (self.part.question, self.part.target) == (asked.question, asked.target)
        return same and self.part.settings == (asked.setting,)

    @property
    def setting(self) -> Setting:
        """The setting that was asked about."""
        return self.part.settings[0]

    @property
    def held(self) -> Measured | None:
        """The most users that are shown to be held."""
        holding = [m for m in self.measured if m.row.verdict is Verdict.HOLDS]
        return holding[-1] if holding else None

    @property
    def fails(self) -> Measured | None:
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
        return figures.users(self.rows, self.setting, self.part.question.objective)

    def rows_table(self) -> Fragment:
        """List the numbers of users that were measured cold."""
        return tables.users_table(self.rows)

    def stairs(self) -> Fragment:
        """Draw the live staircase."""
        return figures.staircase(self.staircase)

    def log(self) -> Fragment:
        """List the decisions, each with its reason and what came of it."""
        return tables.log_table([] if self.part.search is None else self.part.search.log)

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
                f"{formats.objective(self.part.question.objective)}: "
                f"p95 {p95_with_range(held.row)}, failures {formats.share(held.row.failure_ratio)}."
            )
        if fails is not None:
            said.append(
                f"{users_of(fails):,} users are not held ({formats.cause(fails.row.cause)}): p95 "
                f"{p95_with_range(fails.row)}, failures {formats.share(fails.row.failure_ratio)}."
            )
        return said

    @property
    def ended(self) -> Ended | None:
        """How it ended; proven where the next step above what is held fails, or there is none."""
        notes = self.part.search
        if notes is None:
            return None
        most = 0 if self.held is None else users_of(self.held)
        above = next((users for users in notes.users_steps if users > most), None)
        proven = above is None or (above in self.rows and self.rows[above].verdict is Verdict.FAILS)
        return Ended(proven, notes.log[-1].why)

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
        steps = self.part.search.users_steps if self.part.search else ()
        whole = GridCost(len(steps), self.part.question.load.duration_s)
        return whole.compared(f"{len(cold)} cold trials and a staircase", load_s)

    def finish(self, run: Path) -> None:
        """Write answer.json into the run's folder."""
        trial, repeat = self.staircase.trial, read_repeat(run)
        answer = build_capacity(
            self.part.question,
            self.rows,
            self.part.effort,
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


def users_of(measured: Measured) -> int:
    """Return under how many users a setting was measured."""
    return measured.evidence.trial.question.load.users


def read_found_users(run: Path) -> FoundUsers | None:
    """Read the search a run recorded, judged anew; None where there was none."""
    part = read_part(run, USERS)
    if part is None or part.search is None or part.search.staircase is None:
        return None
    trials = [read_evidence(trial_folder(run, key)) for key in part.trials]
    asked = sorted({evidence.trial.question.load.users for evidence, _ in trials})
    measured = tuple(
        Measured.of(
            part.settings[0],
            [pair for pair in trials if pair[0].trial.question.load.users == users],
        )
        for users in asked
    )
    return FoundUsers(part, measured, Evidence.read(trial_folder(run, part.search.staircase)))
