"""What is kept of whole searches of one question: data/searches.csv and data/searches-trials.csv.

The fields of a line are the columns; data/README.md describes them. None is a blank.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from loadtests.analysis.evidence import CauseName
from loadtests.analysis.speed import NOBODY
from loadtests.verdicts import Verdict

SEARCHES_CSV, TRIALS_CSV = "searches.csv", "searches-trials.csv"
COMES_AND_GOES = "comes and goes"  # a neighbour on purpose, for some minutes at a time
SEARCH, DEPLOY = "search", "deploy"  # the parts that a trial may belong to

Line = TypeVar("Line", "SearchLine", "TrialLine")


@dataclass(frozen=True, kw_only=True)
class SearchLine:
    """One whole search, and the trial of the size to deploy after it."""

    number: int
    started_at: str
    neighbour: str
    cpu_model: str
    users: int
    trials: int
    load_min: float
    wall_min: float
    finished: bool  # nothing cheaper than the least was left open
    reference_us: float | None = None  # the gauge's work at the reference speed
    least_cpus: float | None = None
    least_memory_mib: int | None = None
    cpu_step: int | None = None  # which of the search's steps that is, from 0
    memory_step: int | None = None
    reliability: float | None = None
    band_memory_mib: int | None = None
    fails_to_cpus: float | None = None
    holds_from_cpus: float | None = None
    speed_min: float | None = None
    speed_median: float | None = None
    speed_max: float | None = None
    voided_by_speed: int | None = None
    deploy_started_at: str | None = None
    deploy_cpus: float | None = None
    deploy_memory_mib: int | None = None
    deploy_verdict: Verdict | None = None
    deploy_p95_ms: float | None = None
    deploy_speed: float | None = None
    deploy_cpu_used_cores: float | None = None
    deploy_demand_cores: float | None = None

    @property
    def is_alone(self) -> bool:
        """Whether no neighbour was put beside it."""
        return self.neighbour == NOBODY

    @property
    def band(self) -> tuple[float, float] | None:
        """CPU up to which it is expected to fail (0: none) and from which to hold (inf: none)."""
        if self.band_memory_mib is None:
            return None
        holds_from = math.inf if self.holds_from_cpus is None else self.holds_from_cpus
        return self.fails_to_cpus or 0.0, holds_from


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """One trial of a search, or of the size to deploy after it, in raw figures."""

    search: int
    part: str
    trial: str
    started_at: str
    cpus: float
    memory_mib: int
    steady_s: float
    neighbour_share: float  # of its time under load
    verdict: Verdict
    own_verdict: Verdict  # by its own figures, whatever the speed of its CPU
    cause: CauseName | None = None
    speed: float | None = None  # of its CPU, relative to the reference
    p95_ms: float | None = None
    error_rate: float | None = None
    memory_peak_mib: float | None = None
    cpu_used_cores: float | None = None
    demand_cores: float | None = None
    throttled_ratio: float | None = None
    reasons: str | None = None


def write_lines(path: Path, kind: type[Line], lines: Sequence[Line]) -> None:
    """Write lines as CSV, numbers with four digits after the point."""
    with path.open("w", newline="") as file:
        names = [field.name for field in fields(kind)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({n: _written(x) for n, x in asdict(line).items()} for line in lines)


def _written(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return round(value, 4) if isinstance(value, float) else value


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """Read lines as they were written; none where there is no such file.

    Raises pydantic's ValidationError for a file that holds others.
    """
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [{name: x for name, x in row.items() if x != ""} for row in csv.DictReader(file)]
    read: list[Line] = TypeAdapter(list[kind]).validate_python(rows)  # type: ignore[valid-type]
    return read
