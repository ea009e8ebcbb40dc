"""The journals of several workers as that of one load: their requests in the order they ended."""

import csv
import io
from collections.abc import Sequence

from loadtests.generator.naming import of_several

COLUMNS = ["start_s", "latency_ms", "outcome", "replica", "name"]


def in_order(journals: Sequence[bytes], *, grouped: bool = False) -> bytes:
    """Return the rows of all of them (requests.csv), by when they ended, under the same names.

    All count from the same moment. A row that a killed worker began to write is left out. `grouped`
    says that a worker had so many names that it called some alike: then all do.
    """
    rows: list[list[str]] = []
    for journal in journals:
        whole = journal[: journal.rfind(b"\n") + 1].decode()
        rows.extend([*csv.reader(io.StringIO(whole, newline=""))][1:])
    rows.sort(key=_ended_s)
    called = of_several((row[-1] for row in rows), grouped=grouped)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows((*row[:-1], called[row[-1]]) for row in rows)
    return out.getvalue().encode()


def _ended_s(row: Sequence[str]) -> float:
    return float(row[0]) + float(row[1]) / 1000
