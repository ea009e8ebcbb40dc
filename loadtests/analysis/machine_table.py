"""A table of machine types, as CSV: this project's (`data/machines.csv`), or anybody's like it."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from loadtests.analysis.machines import MachineType
from loadtests.errors import QuestionError

COLUMNS = tuple(field.name for field in fields(MachineType))


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
