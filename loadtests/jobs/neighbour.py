"""A neighbour on purpose: a process that makes one CPU of this machine slower, for a while.

`python -m loadtests.jobs.neighbour cache 1 60` works on CPU 1 for 60 s and ends by itself.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from loadtests.analysis.speed import NOBODY
from loadtests.units import MIB

BUSY, CACHE = "busy loop", "cache thrashing"
BLOCK = 200_000  # steps between two looks at the clock
CACHE_BYTES = 64 * MIB  # more than a CPU's caches hold


def busy(until_s: float) -> None:
    """Count until a moment of the monotonic clock."""
    while time.monotonic() < until_s:
        for _ in range(BLOCK):
            pass


def thrash(until_s: float) -> None:
    """Write to random places of more memory than the caches hold, until that moment."""
    table = np.zeros(CACHE_BYTES // 8)
    places = np.random.default_rng(1).integers(0, len(table), BLOCK)
    while time.monotonic() < until_s:
        table[places] += 1.0


@contextmanager
def neighbour(kind: str, cpu: int, at_most_s: float) -> Iterator[None]:
    """Have a neighbour of a kind on one CPU within the block; it ends with it, or by itself."""
    if kind == NOBODY:
        yield
        return
    command = [sys.executable, "-m", __name__, kind, str(cpu), str(at_most_s)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def main(arguments: list[str]) -> None:
    """Be the neighbour."""
    kind, cpu, seconds = arguments
    os.sched_setaffinity(0, {int(cpu)})
    {BUSY: busy, CACHE: thrash}[kind](time.monotonic() + float(seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
