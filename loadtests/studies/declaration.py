"""How a parameter is declared: its default, its meaning, and the check of a value's type.

A value is held to its declared type alone, in pydantic's strict mode: text is no number, True is no
number, 5 will do for 5.0. Whether it makes sense is for the question to say.
"""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from loadtests.errors import QuestionError

Value = TypeVar("Value")
# A list of which None is another choice, so that an empty one would be no choice at all.
Some = Annotated[Sequence[Value], Field(min_length=1)]
Pair = Annotated[Sequence[float], Field(min_length=2, max_length=2)]

_STRICT = ConfigDict(strict=True)
_MUST_BE: dict[object, str] = {
    str: "text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    float | None: "a number",
    Mapping[str, str] | None: "names with text like {'LOG_LEVEL': 'info'}",
    Mapping[str, Mapping[str, float]] | None: (
        "limits by endpoint like {'/predict': {'p95_ms': 300}}"
    ),
    Sequence[int] | None: "a list of whole numbers like [1, 3]",
    Sequence[float] | None: "a list of numbers like [0.1, 0.5]",
    Sequence[Sequence[float]] | None: "a list of [cpus, memory_mib] like [[0.5, 300]]",
}


@dataclass(frozen=True)
class Meaning:
    """What a parameter means, for every place that lists parameters."""

    group: str
    text: str
    unit: str = ""

    def __str__(self) -> str:
        """Return unit and meaning on one line, as they stand beside a notebook's parameter."""
        return f"{self.unit}, {self.text}" if self.unit else self.text


def declare(default: Value, group: str, text: str, unit: str = "") -> Value:
    """Return a dataclass's field with its default and its meaning."""
    meaning = Meaning(group, text, unit)
    field: Value = dataclasses.field(default=default, metadata={Meaning: meaning})
    return field


def meanings(declaration: type) -> dict[str, Meaning]:
    """Return the meaning of every field, in the order declared."""
    return {field.name: field.metadata[Meaning] for field in dataclasses.fields(declaration)}


def require_known_names(
    declaration: type, names: Iterable[str], renamed: Mapping[str, str]
) -> None:
    """Raise QuestionError for the first name that is no field, saying which may be meant."""
    known = list(meanings(declaration))
    for name in names:
        if name in known:
            continue
        if name in renamed:
            hint = f"it is called {renamed[name]} now"
        elif near := difflib.get_close_matches(name, known, 1):
            hint = f"did you mean {near[0]}?"
        else:
            hint = f"there are {', '.join(known)}"
        raise QuestionError(f"there is no parameter {name!r}; {hint}")


def require_declared_types(declared: Any) -> None:
    """Raise QuestionError for the first value that is not of the type its field declares."""
    declaration: type = type(declared)
    adapters = _adapters(declaration)
    for field in dataclasses.fields(declared):
        value = getattr(declared, field.name)
        try:
            adapters[field.name].validate_python(value)
        except ValidationError as error:
            must_be = _MUST_BE[get_type_hints(declaration)[field.name]]
            raise QuestionError(_refusal(field, value, must_be, error)) from error


@cache
def _adapters(declaration: type) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(declaration, include_extras=True)
    return {name: TypeAdapter(hint, config=_STRICT) for name, hint in hints.items()}


def _refusal(
    field: dataclasses.Field[Any], value: Any, must_be: str, error: ValidationError
) -> str:
    first = error.errors()[0]
    if first["type"] == "too_short" and not first["loc"]:
        return f"{field.name} is {value!r}; name some, or leave it out (None)"
    example = "" if field.default is None else f", for example {field.default!r}"
    if first["loc"]:
        return f"{field.name} has {value[first['loc'][0]]!r}; it must be {must_be}{example}"
    return f"{field.name} is {value!r}; it must be {must_be}{example}"
