"""Read, judge and draw one table of trials as a report does, and say what each part took.

A process of its own, so that its memory is that of this work alone; `analysis_cost` starts it.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from loadtests.analysis.analysis_cost import Analysed
from loadtests.analysis.summary import by_size
from loadtests.errors import HostError, RecordError
from loadtests.report import checks, figures, tables, trial_pages
from loadtests.studies.manifest import SCALE_OUT
from loadtests.studies.results import ResultTable, read_table
from loadtests.studies.trials_file import TRIALS_PARQUET, write_table


class Stopwatch:
    """How much CPU time each part of the work took, in seconds, in order."""

    def __init__(self) -> None:
        """Begin with no part."""
        self.steps_s: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        began = time.process_time()
        yield
        self.steps_s[name] = time.process_time() - began


def analyse(run: Path, watch: Stopwatch) -> tuple[ResultTable, str]:
    """Return a run's table of trials and what a report shows of it, as HTML; timed part by part.

    Raises RecordError where the run has no such table.
    """
    with watch.part("read and judge"):
        table = read_table(run, SCALE_OUT)
    if table is None:
        raise RecordError(f"{run} has no table {SCALE_OUT}")
    with watch.part("trials.parquet"):
        write_table(table.to_frame(), run / TRIALS_PARQUET)
    slo, prices, rows = table.manifest.question.slo, table.manifest.prices, table.rows
    costs = {row: prices.per_hour(row.setting) for row in rows}
    with watch.part("tables"):
        shown = [tables.replicas_table(rows), checks.matrix(table.trials)]
    with watch.part("figures of all"):
        shown += [
            figures.replicas(by_size(rows), slo),
            figures.settings(rows, (), slo, None),
            figures.plane(rows, None, slo),
            figures.cost(rows, costs, slo, prices.currency),
        ]
    with watch.part("a page for each setting"):
        shown.append(trial_pages.pages(table.trials))
    return table, "\n".join(str(each.data) for each in shown)


def peak_mib() -> float:
    """Return the highest resident memory of this process, in MiB.

    Not `getrusage`, which on Linux counts what the process was before it became this program: its
    parent. Raises HostError where the kernel does not tell.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise HostError("/proc/self/status has no VmHWM, so memory cannot be told; use Linux")


def main(arguments: list[str]) -> int:
    """Analyse the run named first, write report.html there, and print what it took as JSON."""
    run, began_s, watch = Path(arguments[0]), float(arguments[1]), Stopwatch()
    watch.steps_s["start and imports"] = time.process_time()
    table, html = analyse(run, watch)
    (run / "report.html").write_text(html)
    told = Analysed(
        trials=len(table.manifest.trials),
        wall_s=time.time() - began_s,
        cpu_s=time.process_time(),
        peak_mib=peak_mib(),
        steps_s=watch.steps_s,
        pages=min(len(table.results), trial_pages.MOST),
    )
    print(json.dumps(asdict(told)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
