"""Numbers and texts that a schema accepts, the plainest first."""

import math
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import rstr

from loadtests.drafts.schemas import NoValueError, Schema

NARROW = 10_000  # a range up to so wide tells what is usual in it; a wider one is a type's
ATTEMPTS = 20  # at a pattern, of which the shortest is taken
_FORMATS = {
    "date-time": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "user@example.com",
    "idn-email": "user@example.com",
    "hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://www.example.com/",
    "uri-reference": "/",
    "uuid": "6f1c2f0e-3c5b-4b1e-9a57-0d7b1c1f2a10",
    "byte": "dGV4dA==",
}


def number(schema: Schema, *, whole: bool) -> float:
    """Return a usual number: the middle of a narrow range, else the first that is allowed."""
    step = float(schema.get("multipleOf", 1 if whole else 0))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    low, high = schema.get("minimum", above), schema.get("maximum", below)
    if low is not None and high is not None and high - low <= NARROW:
        value = (low + high) / 2
    elif low is not None:
        value = low + 1 if above is not None else max(low, 1) if high is None else low
    else:
        value = 1 if high is None or high > 1 else high - 1
    if step:
        value = math.floor(value / step) * step
        value += step if (low is not None and value < low) or value == above else 0
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) and (whole or step) else rounded


def text(schema: Schema, name: str) -> str:
    """Return a text by its format and length; the name of what it is where nothing says more."""
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    found = _FORMATS.get(str(schema.get("format")), name)
    found += found[-1:] * (least - len(found))
    return found[:most]


def matching(schema: Schema, accepts: Callable[[str], bool]) -> str:
    """Return the shortest of some texts that match a schema's pattern and are accepted.

    Raises NoValueError where there is none.
    """
    found = sorted(filter(accepts, _attempts(schema["pattern"])), key=len)
    if not found:
        raise NoValueError(f"no text for the pattern {schema['pattern']} was found")
    return found[0]


def _attempts(pattern: str) -> Iterator[str]:
    for seed in range(ATTEMPTS):
        try:
            # Python's and JavaScript's expressions differ in rare parts.
            yield rstr.Rstr(random.Random(seed)).xeger(pattern)  # noqa: S311
        except (re.error, ValueError, TypeError, KeyError, NotImplementedError):
            return


def varied(value: Any, turn: int) -> Any:
    """Return a value that differs from turn to turn, where that is easy."""
    if turn == 0 or isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return f"{value}{turn}" if isinstance(value, str) else value + turn
