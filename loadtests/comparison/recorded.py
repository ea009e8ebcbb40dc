"""A grid of real trials, every cell measured beforehand, so that any search can be run on it."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loadtests.comparison.problem import Begun, Screening
from loadtests.errors import RecordError
from loadtests.question import SLO, Setting
from loadtests.search.knowledge import Knowledge
from loadtests.search.space import Space
from loadtests.search.staircase import forecast
from loadtests.verdicts import Finding, Step, Verdict

GRID, TRIALS, STAIRCASE = "grid.json", "trials.csv", "staircase.csv"


@dataclass(frozen=True)
class RecordedTrial:
    """One trial of the grid: what it told together with those before it, and by itself."""

    repeat: int
    finding: Finding
    full_load_s: float  # as recorded, to its end
    ended_early: bool  # it would have been stopped early
    own_verdict: Verdict  # of this trial alone, to its end

    @property
    def falsely_ended(self) -> bool:
        """Whether it would have been stopped early though, to its end, it does not fail."""
        return self.ended_early and self.own_verdict is not Verdict.FAILS

    @property
    def saved_s(self) -> float:
        """Seconds of load that stopping early saves."""
        return self.full_load_s - self.finding.load_s


@dataclass(frozen=True)
class RecordedGrid:
    """The trials of every setting in the order made, and one live staircase."""

    space: Space
    slo: SLO
    users: int
    recorded: str  # date
    host: str
    trials: Mapping[Setting, tuple[RecordedTrial, ...]]
    levels: tuple[Step, ...]
    memory_mib: float  # in use with all users, by the staircase
    staircase_load_s: float

    def __post_init__(self) -> None:
        """Refuse a grid with holes: a search could step into one."""
        holes = [cell.label for cell in self.space.cells if not self.trials.get(cell)]
        if holes:
            raise RecordError(
                f"{TRIALS} has no trial of {', '.join(holes)}; measure every setting of the grid"
            )

    @property
    def every_trial(self) -> list[RecordedTrial]:
        """All trials of all settings."""
        return [trial for cell in self.space.cells for trial in self.trials[cell]]

    @cached_property
    def contradictions(self) -> list[tuple[Setting, Setting]]:
        """Pairs of which the smaller holds and the larger fails, each by all its trials."""
        findings = (made[-1].finding for made in self.trials.values())
        return Knowledge(self.space, tuple(findings)).contradictions

    def truly_holds(self, setting: Setting) -> bool:
        """Say whether a setting holds by all its trials, and no larger one fails by all of its."""
        contradicted = any(smaller == setting for smaller, _ in self.contradictions)
        return self.trials[setting][-1].finding.verdict is Verdict.HOLDS and not contradicted

    def reliability(self, setting: Setting) -> float:
        """Return 1 for what truly holds, else 0: so few trials tell no more."""
        return float(self.truly_holds(setting))

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        """Return what as many recorded trials told; beyond the last, the last once more."""
        made = self.trials[setting]
        return made[min(len(trials), len(made)) - 1].finding

    def staircase(self) -> Screening:
        """Return what the recorded staircase told."""
        expected = forecast(self.levels, self.memory_mib, self.slo)
        return Screening(expected, self.staircase_load_s)


def read_grid(folder: Path) -> RecordedGrid:
    """Read a recorded grid; raises RecordError where a file is missing or torn."""
    try:
        described = json.loads((folder / GRID).read_text())
        trials = _rows(folder / TRIALS)
        levels = [_level(row) for row in _rows(folder / STAIRCASE)]
        by_setting: dict[Setting, list[RecordedTrial]] = {}
        for row in trials:
            trial = _trial(row)
            by_setting.setdefault(trial.finding.setting, []).append(trial)
        return RecordedGrid(
            space=Space(tuple(described["cpu_steps"]), tuple(described["memory_steps"])),
            slo=SLO(),
            users=described["users"],
            recorded=described["recorded"],
            host=described["host"],
            trials={s: tuple(sorted(t, key=lambda x: x.repeat)) for s, t in by_setting.items()},
            levels=tuple(levels),
            memory_mib=described["memory_mib"],
            staircase_load_s=described["staircase_load_s"],
        )
    except (OSError, KeyError, ValueError) as why:
        raise RecordError(
            f"{folder} is not a whole recorded grid ({why!r}); restore {GRID}, {TRIALS} and "
            f"{STAIRCASE} together"
        ) from why


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _trial(row: Mapping[str, str]) -> RecordedTrial:
    finding = Finding(
        setting=Setting(float(row["cpus"]), int(row["memory_mib"])),
        verdict=Verdict(row["verdict"]),
        reason=row["reason"],
        oom_killed=_truth(row["short_of_memory"]),
        load_s=float(row["load_s"]),
    )
    return RecordedTrial(
        repeat=int(row["repeat"]),
        finding=finding,
        full_load_s=float(row["full_load_s"]),
        ended_early=_truth(row["ended_early"]),
        own_verdict=Verdict(row["own_verdict"]),
    )


def _level(row: Mapping[str, str]) -> Step:
    return Step(
        cpus=float(row["cpus"]),
        users=int(row["users"]),
        requests=int(row["requests"]),
        slow=int(row["slow"]),
        failures=int(row["failures"]),
        cpu_cores=float(row["cpu_cores"]) if row["cpu_cores"] else None,
    )


def _truth(text: str) -> bool:
    lowered = text.lower()  # pandas writes True, a person true
    if lowered not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return lowered == "true"
