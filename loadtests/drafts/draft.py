"""A draft of a locustfile: the calls that users make, and those that are left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Credential:
    """A header, parameter or cookie whose value is secret: it is never in the draft itself."""

    variable: str  # name of the environment variable, and of the file, that has it
    field: str  # name of the header
    form: str  # of its value, as "Bearer {}"


@dataclass(frozen=True)
class Call:
    """One kind of request, with values to send."""

    method: str  # upper case
    template: str  # its path, with {names} for what differs from call to call
    url: str  # path and query to ask for
    summary: str = ""
    weight: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)  # {"json": …} or {"data": …}, or neither
    credentials: tuple[Credential, ...] = ()
    left_out: str = ""  # why; "" where users make it


@dataclass(frozen=True)
class Draft:
    """What a locustfile is written from."""

    title: str  # of the API
    source: str  # where it was read
    calls: tuple[Call, ...]

    @property
    def made(self) -> tuple[Call, ...]:
        """The calls that users make."""
        return tuple(call for call in self.calls if not call.left_out)
