"""One setting under more and more users: throughput, latency, and the knee between them.

Until something saturates, throughput grows with the users, X = N / (R + Z); from then on it stays
and latency grows instead (the asymptotic bounds of the interactive response time law, Denning and
Buzen 1978). The knee is where the two bounds meet: N* = X_max (R_0 + Z).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.loss import Loss, first_loss
from loadtests.analysis.staircase import LevelRow, level_rows
from loadtests.question import SLO, Setting

# Of what its users would ask if answers came at once; below it throughput has left its first bound.
SATURATED = 0.9


@dataclass(frozen=True)
class UsersCurve:
    """The levels of a live staircase of users, fewest users first."""

    setting: Setting
    slo: SLO
    think_s: float
    levels: tuple[LevelRow, ...]  # that were seen with all replicas
    loss: Loss | None = None  # that ended it; None: none did

    @classmethod
    def of(cls, stairs: Evidence) -> "UsersCurve":
        """Return what a staircase showed."""
        trial, rows, loss = stairs.trial, level_rows(stairs), first_loss(stairs)
        if loss is not None:
            rows = [row for row in rows if row.steady_end_s <= loss.at_s]
        question = trial.question
        return cls(trial.setting, question.slo, question.workload.think_mean_s, tuple(rows), loss)

    @property
    def held(self) -> int | None:
        """The most users with which it and every level below met the SLO; None: not the fewest."""
        most = None
        for level in self.levels:
            if not level.passes:
                break
            most = level.users
        return most

    @property
    def most_per_s(self) -> float:
        """The most throughput of any level."""
        return max((level.rps for level in self.levels if level.rps is not None), default=0.0)

    def asked_per_s(self, users: float) -> float:
        """Return the throughput of so many users if answers took what they take the fewest."""
        first_ms = self.levels[0].p50_ms if self.levels else 0.0
        rest_s = first_ms / 1000 if math.isfinite(first_ms) else 0.0
        return users / (self.think_s + rest_s)

    @property
    def is_saturated(self) -> bool:
        """Whether throughput fell behind the users at some level."""
        return any(
            level.rps is not None and level.rps < SATURATED * self.asked_per_s(level.users)
            for level in self.levels
        )

    @property
    def knee_users(self) -> float | None:
        """Where both bounds of throughput meet; None where nothing was saturated."""
        if not self.is_saturated:
            return None
        return self.most_per_s * self.levels[0].users / self.asked_per_s(self.levels[0].users)

    def sentences(self) -> list[str]:
        """Say how many users are held on the staircase, and where the knee is."""
        if not self.levels:
            return ["No level was measured.", *([self.loss.sentence] if self.loss else [])]
        most = self.levels[-1].users
        held = self.held
        said = [
            f"{self.setting.label} does not meet the SLO with {self.levels[0].users:,} users."
            if held is None
            else f"On the live staircase {self.setting.label} met the SLO up to {held:,} users."
        ]
        knee = self.knee_users
        if knee is None:
            said.append(
                f"Throughput grew with the users up to {most:,}, the most that were seen: the knee "
                "lies beyond."
            )
        else:
            said.append(
                f"Throughput grew with the users up to about {knee:,.0f}, to "
                f"{self.most_per_s:,.0f} requests/s: from there on more users only wait longer."
            )
        if self.loss is not None:
            said.append(self.loss.sentence)
        return [
            *said,
            "Levels are short and follow each other in the same containers: they screen.",
        ]

    def hidden_miss(self, level: LevelRow) -> str:
        """Say in a word or two why a level missed the SLO though its p95 met it; "" elsewhere.

        A level is judged by the requests that ended in it, its p95 is of those that began in it.
        """
        if level.passes or not level.p95_ms <= self.slo.latency_ms:
            return ""
        if level.error_rate > self.slo.error_rate:
            return f"{formats.share(level.error_rate)} failed"
        return "by requests begun before"

    def clauses(self) -> Sequence[str]:
        """Say each level in a clause, for alternative texts."""
        levels = [
            f"{level.users:,} users: {formats.quantity(level.rps, '/s')}, p95 "
            f"{formats.milliseconds(level.p95_ms)}, {self._outcome(level)}"
            for level in self.levels
        ]
        lost = [] if self.loss is None else [f"{self.loss.users:,} users: {self.loss.how}"]
        return [*levels, *lost]

    def _outcome(self, level: LevelRow) -> str:
        why = self.hidden_miss(level)
        return "passes" if level.passes else f"fails ({why})" if why else "fails"
