"""Problems to search on that hold no surprise, and a recorded one written down."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.comparison.problem import Begun, Screening
from loadtests.question import Setting
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

SPACE = Space((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8), (50, 100, 150, 200, 300))


@dataclass(frozen=True)
class PlainProblem:
    """Holds from so much CPU and memory on; the trials named first tell nothing."""

    cpus: float = 0.4
    memory_mib: int = 150
    undecided: tuple[tuple[Setting, int], ...] = ()  # setting, and how many of its first trials
    expected: Forecast | None = None  # of the staircase; None: the truth
    space: Space = SPACE

    def reliability(self, setting: Setting) -> float:
        return float(self.is_enough(setting))

    def is_enough(self, setting: Setting) -> bool:
        return setting.cpus >= self.cpus and setting.memory_mib >= self.memory_mib

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        if len(trials) <= dict(self.undecided).get(setting, 0):
            return Finding(setting, Verdict.UNDECIDED, load_s=60.0)
        if self.is_enough(setting):
            return Finding(setting, Verdict.HOLDS, load_s=60.0)
        short = setting.memory_mib < self.memory_mib
        return Finding(setting, Verdict.FAILS, oom_killed=short, load_s=20.0)

    def staircase(self) -> Screening:
        return Screening(self.expected or Forecast(self.cpus, self.memory_mib), 70.0)


TRIAL_COLUMNS = (
    "cpus", "memory_mib", "repeat", "verdict", "reason", "short_of_memory", "load_s",
    "full_load_s", "ended_early", "own_verdict", "p95_ms", "failure_ratio", "steal_ratio", "trial",
)  # fmt: skip


def trial_row(cpus: float, memory_mib: int, verdict: str, **other: object) -> dict[str, object]:
    """One line of trials.csv."""
    usual = {
        "cpus": cpus, "memory_mib": memory_mib, "repeat": 1, "verdict": verdict, "reason": "",
        "short_of_memory": "false", "load_s": 60.0, "full_load_s": 60.0, "ended_early": "false",
        "own_verdict": verdict, "p95_ms": 100.0, "failure_ratio": 0.0, "steal_ratio": 0.0,
        "trial": "0123456789abcdef",
    }  # fmt: skip
    return usual | other


def failing_row(cpus: float, memory_mib: int, **other: object) -> dict[str, object]:
    """One line of a trial that would have been stopped early."""
    ended = {"load_s": 33.0, "ended_early": "true"}
    return trial_row(cpus, memory_mib, "fails", **(ended | other))


# 0.2 CPU / 100 MiB is the least; 0.1 CPU is too little, and so are 50 MiB.
USUAL_ROWS = (
    failing_row(0.1, 50, short_of_memory="true", load_s=10.0),
    failing_row(0.1, 100),
    failing_row(0.2, 50, short_of_memory="true", load_s=10.0),
    trial_row(0.2, 100, "undecided"),
    trial_row(0.2, 100, "undecided", repeat=2, own_verdict="holds"),
    trial_row(0.2, 100, "holds", repeat=3),
    failing_row(0.4, 50, short_of_memory="true", load_s=10.0),
    trial_row(0.4, 100, "holds"),
)
LEVELS = (
    {"cpus": 0.4, "users": 1000, "requests": 750, "slow": 0, "failures": 0, "cpu_cores": 0.15,
     "end_s": 37.5},
    {"cpus": 0.2, "users": 1000, "requests": 750, "slow": 10, "failures": 0, "cpu_cores": 0.15,
     "end_s": 48.0},
    {"cpus": 0.1, "users": 1000, "requests": 400, "slow": 400, "failures": 0, "cpu_cores": "",
     "end_s": 58.5},
)  # fmt: skip


def write_grid(folder: Path, rows: tuple[dict[str, object], ...] = USUAL_ROWS) -> Path:
    """Write a recorded grid of three steps of CPU and two of memory."""
    folder.mkdir(exist_ok=True)
    _write_csv(folder / "trials.csv", TRIAL_COLUMNS, rows)
    _write_csv(folder / "staircase.csv", tuple(LEVELS[0]), LEVELS)
    described = {
        "cpu_steps": [0.1, 0.2, 0.4], "memory_steps": [50, 100], "users": 1000, "memory_mib": 80.0,
        "staircase_load_s": 58.5, "recorded": "2026-11-25", "host": "2 cores, Linux",
    }  # fmt: skip
    (folder / "grid.json").write_text(json.dumps(described))
    return folder


def _write_csv(path: Path, columns: tuple[str, ...], rows: tuple[dict[str, object], ...]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
