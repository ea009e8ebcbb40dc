"""The speed gauge's work on each CPU of this machine, one after the other, until told to end.

`python -m loadtests.jobs.pinned_work` writes a line a piece: wall time (s), CPU, time taken (us).
It is a candidate that `make repeatability` compares, and no part of a trial.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from loadtests.generator.fixed_work import FixedWork

INTERVAL_S = 0.1
COLUMNS = ["wall_s", "cpu", "work_us"]


@contextmanager
def pinned_work(lines: Path) -> Iterator[None]:
    """Measure within the block, and leave the lines in a file."""
    with lines.open("w") as out:
        process = subprocess.Popen([sys.executable, "-m", __name__], stdout=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def mean_us(lines: Path, from_wall_s: float, to_wall_s: float) -> float:
    """Return the mean over the CPUs of the median piece between two moments, in microseconds.

    NaN where there is none.
    """
    table = pd.read_csv(lines, names=COLUMNS, on_bad_lines="skip")
    inside = table[table["wall_s"].between(from_wall_s, to_wall_s)]
    return float(inside.groupby("cpu")["work_us"].median().mean())


def main() -> None:
    """Do the work, a piece on each CPU in turn."""
    work, cpus = FixedWork(), sorted(os.sched_getaffinity(0))
    parent = os.getppid()
    while os.getppid() == parent:  # else nobody is there to end it
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            time.sleep(INTERVAL_S)
            taken_us = work.time_us()
            print(f"{time.time():.3f},{cpu},{taken_us:.1f}", flush=True)


if __name__ == "__main__":
    main()
