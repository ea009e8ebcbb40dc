"""The requests of stored trials: kept in memory of those looked at last, read again of others.

A trial of 10,000 users has a megabyte of them, and a run may have a thousand trials.
"""

from pathlib import Path
from typing import ClassVar

import pandas as pd

from loadtests import record


class StoredRequests:
    """The requests of one trial's folder, which nothing changes once it is written."""

    MOST = 40  # tables in memory: those of all trials that a usual report shows
    _in_memory: ClassVar[dict["StoredRequests", pd.DataFrame]] = {}  # the last used is last

    def __init__(self, folder: Path) -> None:
        """Read them; raises RecordError where they are not whole."""
        self._folder = folder
        self._keep(record.read_requests(folder))

    @property
    def table(self) -> pd.DataFrame:
        """All of them, as `record.read_requests` has them."""
        known = self._in_memory.pop(self, None)
        return self._keep(record.read_requests(self._folder) if known is None else known)

    def _keep(self, table: pd.DataFrame) -> pd.DataFrame:
        self._in_memory[self] = table
        while len(self._in_memory) > self.MOST:
            del self._in_memory[next(iter(self._in_memory))]
        return table


class RequestsField:
    """What a dataclass has in place of a table of requests: one that it is given, or a stored one.

    Put in its place once the class is made, so that it is no default.
    """

    def __init__(self, name: str) -> None:
        """Name the field."""
        self._name = name

    def __get__(self, holder: object | None, owner: type) -> "pd.DataFrame | RequestsField":
        """Return the table; of the class itself the field."""
        if holder is None:
            return self
        given: pd.DataFrame | StoredRequests = holder.__dict__[self._name]
        return given.table if isinstance(given, StoredRequests) else given

    def __set__(self, holder: object, given: pd.DataFrame | StoredRequests) -> None:
        """Take the table; of a frozen dataclass nobody but its making does so."""
        holder.__dict__[self._name] = given
