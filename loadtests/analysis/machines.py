"""Machine types that can be rented: what each has and costs, and how many replicas fit on one.

A table of them is a CSV file, this project's (`data/machines.csv`) or anybody's with its columns.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from loadtests.errors import QuestionError
from loadtests.question import Setting

ARCHITECTURES = ("amd64", "arm64")  # as container images name them
MIB_PER_GIB = 1024
# Kubernetes supports no more pods on a node than this (kubernetes.io, "Considerations for large
# clusters").
MOST_REPLICAS = 110
# What Google Kubernetes Engine keeps of a node, by size: a share of each part of its cores, and of
# its GiB, and 100 MiB below which pods are evicted (cloud.google.com, "Plan node sizes").
CPU_KEPT = ((1.0, 0.06), (1.0, 0.01), (2.0, 0.005), (math.inf, 0.0025))
MEMORY_KEPT = ((4.0, 0.25), (4.0, 0.2), (8.0, 0.1), (112.0, 0.06), (math.inf, 0.02))
EVICTION_GIB = 100 / MIB_PER_GIB
_SLACK = 1e-9  # rounding never takes a replica away
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")


@dataclass(frozen=True)
class MachineType:
    """One line of a price list: a machine on demand, without discounts."""

    name: str
    provider: str
    region: str
    architecture: str  # of its CPU: amd64 or arm64
    vcpus: int
    memory_gib: float
    price_hour: float  # in `currency`
    currency: str
    date: str  # of the price, YYYY-MM-DD or YYYY-MM
    source: str  # who says so

    def __post_init__(self) -> None:
        """Refuse what is no machine, naming the column and what to write instead."""
        for column in ("name", "provider", "region", "currency", "source"):
            if not getattr(self, column).strip():
                raise QuestionError(f"{column} is empty; write a text")
        if self.architecture not in ARCHITECTURES:
            raise QuestionError(
                f"architecture is {self.architecture!r}; write {' or '.join(ARCHITECTURES)}"
            )
        for column in ("vcpus", "memory_gib", "price_hour"):
            value = getattr(self, column)
            if not (value > 0 and math.isfinite(value)):
                raise QuestionError(f"{column} is {value!r}; write a number above 0")
        if not _DATE.fullmatch(self.date):
            raise QuestionError(f"date is {self.date!r}; write the day of the price as 2026-01-31")

    @property
    def label(self) -> str:
        """The machine as a person would name it."""
        return f"{self.provider} {self.name}"


COLUMNS = tuple(field.name for field in fields(MachineType))


@dataclass(frozen=True)
class Reserve:
    """What operating system and orchestrator keep of a machine: shares; None: as GKE keeps."""

    cpu: float | None = None
    memory: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share, or would leave nothing."""
        for name, share in (("cpu_reserve", self.cpu), ("memory_reserve", self.memory)):
            if share is not None and not 0 <= share < 1:
                raise QuestionError(f"{name} is {share!r}; it must be a share from 0 to below 1")

    def free_vcpus(self, machine: MachineType) -> float:
        """Return the vCPUs left for replicas."""
        if self.cpu is None:
            return machine.vcpus - _kept(machine.vcpus, CPU_KEPT)
        return machine.vcpus * (1 - self.cpu)

    def free_mib(self, machine: MachineType) -> float:
        """Return the MiB left for replicas."""
        free_gib = machine.memory_gib * (1 - (self.memory or 0.0))
        if self.memory is None:
            free_gib -= _kept(machine.memory_gib, MEMORY_KEPT) + EVICTION_GIB
        return MIB_PER_GIB * max(0.0, free_gib)


def _kept(amount: float, steps: Iterable[tuple[float, float]]) -> float:
    """Return what is kept of an amount of which each part is taken a share of."""
    kept, left = 0.0, amount
    for width, share in steps:
        part = min(left, width)
        kept, left = kept + share * part, left - part
    return kept


def replicas_that_fit(
    machine: MachineType, size: Setting, reserve: Reserve, cpu_ratio: float
) -> int:
    """Return how many replicas of one size a machine takes, by CPU, memory and number.

    They are all alike, so packing them is division. cpu_ratio: work that a vCPU of the price list
    does, in CPUs of the measured host.
    """
    by_cpu = reserve.free_vcpus(machine) * cpu_ratio / size.cpus
    by_memory = reserve.free_mib(machine) / size.memory_mib
    return min(MOST_REPLICAS, math.floor(by_cpu + _SLACK), math.floor(by_memory + _SLACK))


def read_machines(path: Path) -> tuple[MachineType, ...]:
    """Return the machines of a CSV file; raises QuestionError as `parse_machines` does."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # as spreadsheets write it
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(
            f"machines is {str(path)!r}; it must be a CSV file in UTF-8 that can be read"
        ) from error
    return parse_machines(text, path.name)


def parse_machines(text: str, name: str) -> tuple[MachineType, ...]:
    """Return the machines of a CSV text; `name` is what messages call its file.

    Raises QuestionError for a table that has no rows, other columns, a value that makes no sense,
    a machine twice, or prices in several currencies.
    """
    reader = csv.DictReader(io.StringIO(text))
    header = reader.fieldnames or []
    if sorted(header) != sorted(COLUMNS):
        raise QuestionError(_wrong_columns(name, header))
    machines = []
    for row in reader:
        try:
            machines.append(_machine(row))
        except QuestionError as error:
            raise QuestionError(f"{name}, line {reader.line_num}: {error}") from error
    _require_comparable(machines, name)
    return tuple(machines)


def _wrong_columns(name: str, header: Sequence[str]) -> str:
    missing = [column for column in COLUMNS if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    twice = sorted({column for column in header if list(header).count(column) > 1})
    wrong = [
        f"{what} {', '.join(names)}"
        for what, names in (("lacks", missing), ("has an unknown", unknown), ("repeats", twice))
        if names
    ]
    return f"{name} {' and '.join(wrong)}; its first line must be {','.join(COLUMNS)}"


def _machine(row: dict[str, str | None]) -> MachineType:
    texts = {column: row.get(column) for column in COLUMNS}
    short = [column for column, text in texts.items() if text is None]
    if short or None in row:  # csv puts what is too many under None
        raise QuestionError(f"it does not have {len(COLUMNS)} values; write one for each column")
    given = {column: (text or "").strip() for column, text in texts.items()}
    numbers = {column: _number(column, given) for column in ("memory_gib", "price_hour", "vcpus")}
    if numbers["vcpus"] != int(numbers["vcpus"]):
        raise QuestionError(f"vcpus is {given['vcpus']!r}; write a whole number above 0")
    words = {column: text for column, text in given.items() if column not in numbers}
    return MachineType(
        **words,
        vcpus=int(numbers["vcpus"]),
        memory_gib=numbers["memory_gib"],
        price_hour=numbers["price_hour"],
    )


def _number(column: str, given: dict[str, str]) -> float:
    try:
        number = float(given[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise QuestionError(f"{column} is {given[column]!r}; write a number such as 0.1785")
    return number


def _require_comparable(machines: Sequence[MachineType], name: str) -> None:
    if not machines:
        raise QuestionError(f"{name} has no machines; write at least one line below its columns")
    currencies = sorted({machine.currency for machine in machines})
    if len(currencies) > 1:
        raise QuestionError(
            f"{name} has prices in {' and '.join(currencies)}, which cannot be compared; write "
            "them in one currency"
        )
    seen = set()
    for machine in machines:
        key = (machine.provider, machine.region, machine.name)
        if key in seen:
            raise QuestionError(f"{name} has {machine.label} in {machine.region} twice; leave one")
        seen.add(key)
