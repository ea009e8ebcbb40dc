"""What was measured of contenders, round by round, and the file that keeps it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from loadtests.errors import RecordError


@dataclass(frozen=True)
class Machine:
    """Where it was measured; measurements of two machines are never in one file."""

    cpus: int
    cpu_model: str
    memory_mib: int
    kernel: str
    engine: str  # the container engine's version; "" where none took part
    python: str  # of the programs that measured


@dataclass(frozen=True)
class Measurement:
    """One contender in one round."""

    round: int  # from 1
    place: int  # in its round's random order, from 1
    contender: str
    started_at: str  # UTC, ISO 8601
    work_us: float | None  # CPU time of the speed gauge's piece of work meanwhile, us
    steal_ratio: float | None  # share of the machine's CPU that neighbours took meanwhile
    figures: dict[str, float] = field(default_factory=dict)  # by key, see `figures.Figure`
    notes: tuple[str, ...] = ()  # what a reader has to know of these figures
    failed: str = ""  # why it has no figures


@dataclass(frozen=True)
class Comparison:
    """All that one comparison has measured so far."""

    machine: Machine
    versions: dict[str, str] = field(default_factory=dict)  # by contender: "mlflow 3.17.2"
    made_of: dict[str, str] = field(default_factory=dict)  # by contender: what tells two apart
    absent: dict[str, str] = field(default_factory=dict)  # contenders that could not be had, why
    measurements: tuple[Measurement, ...] = ()

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return max((one.round for one in self.measurements), default=0)

    @property
    def measured_on(self) -> str:
        """The day it began, as 2026-11-27; "" where nothing was measured."""
        return min((one.started_at[:10] for one in self.measurements), default="")

    def has_round(self, number: int, contenders: frozenset[str]) -> bool:
        """Say whether a round is there with all of these contenders."""
        return contenders <= {one.contender for one in self.measurements if one.round == number}

    def with_round(self, measured: tuple[Measurement, ...]) -> "Comparison":
        """Return it with a round's measurements, in place of those of that round before."""
        numbers = {one.round for one in measured}
        kept = tuple(one for one in self.measurements if one.round not in numbers)
        return replace(self, measurements=(*kept, *measured))


_COMPARISON = TypeAdapter(Comparison)


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Keep a comparison, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.write_bytes(_COMPARISON.dump_json(comparison, indent=1) + b"\n")
    aside.replace(path)


def read_comparison(path: Path) -> Comparison | None:
    """Read a comparison; None where nothing was measured. Raises RecordError for another file."""
    try:
        return _COMPARISON.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise RecordError(
            f"{path} is no comparison that can be read; remove it and measure again"
        ) from error
