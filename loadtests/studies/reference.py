"""The reference speed of a host: how fast its CPU was when it was first searched on.

Kept beside the runs, so that searches of other days, and those with a neighbour, compare with the
same speed. Another processor, or another load generator, whose work is another, has one of its own.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.speed import reference_of
from loadtests.bench.plan import Bench
from loadtests.errors import RecordError
from loadtests.record import HostReport

FILE = "reference_speed.json"
# So many times the time that the work takes now: the kept reference was taken on a busy machine,
# and every trial since would count as fast.
FAR_SLOWER = 1.15


@dataclass(frozen=True)
class Reference:
    """What the speed gauge showed of a processor."""

    cpu_model: str
    generator: str  # content of the load generator that did the work
    work_us: float  # CPU time of the gauge's work, microseconds
    date: str  # ISO 8601, UTC


_REFERENCES = TypeAdapter(list[Reference])


def kept_us(runs: Path, host: HostReport, generator: str) -> float | None:
    """Return the reference speed kept in a folder of runs, in microseconds; None: none is.

    Raises RecordError where the file cannot be read.
    """
    return next((one.work_us for one in _read(runs) if _is_of(one, host, generator)), None)


def with_reference(bench: Bench, runs: Path, stairs: Evidence) -> Bench:
    """Return the bench with a reference speed: given, or kept, or else that of its staircase.

    What is taken from the staircase is kept for later searches, also in place of one that was kept
    and is far slower. Raises RecordError where the file cannot be read.
    """
    taken_us = reference_of(stairs)
    kept = kept_us(runs, bench.host, bench.generator.content)
    if taken_us is None or bench.reference_us != kept:
        return bench
    if kept is not None and kept < FAR_SLOWER * taken_us:
        return bench
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    taken = Reference(bench.host.cpu_model, bench.generator.content, round(taken_us, 1), today)
    others = [one for one in _read(runs) if not _is_of(one, bench.host, bench.generator.content)]
    _write(runs, [*others, taken])
    return replace(bench, reference_us=taken.work_us)


def _is_of(reference: Reference, host: HostReport, generator: str) -> bool:
    return (reference.cpu_model, reference.generator) == (host.cpu_model, generator)


def _read(runs: Path) -> list[Reference]:
    path = runs / FILE
    if not path.exists():
        return []
    try:
        return _REFERENCES.validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path} cannot be read ({error}); remove it, and the next search takes the speed anew"
        ) from error


def _write(runs: Path, references: Sequence[Reference]) -> None:
    """Write all at once: whoever reads meanwhile sees the old file or the new one."""
    runs.mkdir(parents=True, exist_ok=True)
    aside = runs / f".{FILE}-{secrets.token_hex(4)}"
    aside.write_text(json.dumps([asdict(one) for one in references], indent=1) + "\n")
    aside.replace(runs / FILE)
