"""The journals of several workers as that of one load: their requests in the order they ended."""

import csv
import io
from collections.abc import Sequence

COLUMNS = ["start_s", "latency_ms", "outcome", "replica", "name"]


def in_order(journals: Sequence[bytes]) -> bytes:
    """Return the rows of all of them (requests.csv), by when they ended.

    All count from the same moment. A row that a killed worker began to write is left out.
    """
    rows: list[list[str]] = []
    for journal in journals:
        whole = journal[: journal.rfind(b"\n") + 1].decode()
        rows.extend([*csv.reader(io.StringIO(whole, newline=""))][1:])
    rows.sort(key=_ended_s)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def _ended_s(row: Sequence[str]) -> float:
    return float(row[0]) + float(row[1]) / 1000
