"""A neighbour that comes and goes: for some minutes there, for some minutes not, by chance.

`python -m loadtests.jobs.visits 6 1 3600 $$` does so on CPU 1 for an hour at most, in the pattern
of seed 6, and writes a line for each second it works: wall time (s), kind. It ends by itself, also
when the process that started it, here the shell, is gone.
"""

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtests.jobs.neighbour import BUSY, CACHE, busy, thrash

SHORTEST_S, LONGEST_S = 60.0, 240.0  # of a visit, and of the quiet before it
LOOK_S = 1.0  # a line a look; then it is asked anew whether to go on
WORK = {BUSY: busy, CACHE: thrash}


@dataclass(frozen=True)
class Visit:
    """One stay of a neighbour, in seconds since the pattern began."""

    kind: str
    start_s: float
    end_s: float


def visits(seed: int, for_s: float) -> list[Visit]:
    """Return the visits within so many seconds, the same for the same seed; the last is cut off."""
    rng = random.Random(seed)  # noqa: S311  (no secret)
    found: list[Visit] = []
    at_s = rng.uniform(SHORTEST_S, LONGEST_S)
    while at_s < for_s:
        end_s = at_s + rng.uniform(SHORTEST_S, LONGEST_S)
        found.append(Visit(rng.choice((BUSY, CACHE)), at_s, min(end_s, for_s)))
        at_s = end_s + rng.uniform(SHORTEST_S, LONGEST_S)
    return found


@contextmanager
def comes_and_goes(seed: int, cpu: int, at_most_s: float, lines: Path) -> Iterator[None]:
    """Have the neighbour on one CPU within the block, its lines added to a file.

    It ends with the block, with this process, or by itself after so many seconds.
    """
    given = [str(seed), str(cpu), str(at_most_s), str(os.getpid())]
    lines.parent.mkdir(parents=True, exist_ok=True)
    with lines.open("a") as out:
        process = subprocess.Popen([sys.executable, "-m", __name__, *given], stdout=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def worked_share(lines: Path, from_wall_s: float, to_wall_s: float) -> float:
    """Return for which share of the time between two moments it worked; 0 where it never was."""
    if not lines.exists() or to_wall_s <= from_wall_s:
        return 0.0
    # A line that its end tore is no line.
    looks = map(float, re.findall(r"^(\d+\.\d{3}),\w", lines.read_text(), re.MULTILINE))
    seconds = sum(from_wall_s <= look < to_wall_s for look in looks) * LOOK_S
    return min(1.0, seconds / (to_wall_s - from_wall_s))


def main(arguments: list[str]) -> None:
    """Be the neighbour."""
    seed, cpu, for_s, parent = arguments
    os.sched_setaffinity(0, {int(cpu)})
    began_s = time.monotonic()
    for visit in visits(int(seed), float(for_s)):
        end_s = began_s + visit.end_s
        # Without its parent nobody is there to end it.
        while os.getppid() == int(parent) and (now_s := time.monotonic()) < end_s:
            if now_s < began_s + visit.start_s:
                time.sleep(LOOK_S)
                continue
            print(f"{time.time():.3f},{visit.kind}", flush=True)
            WORK[visit.kind](min(end_s, now_s + LOOK_S))


if __name__ == "__main__":
    main(sys.argv[1:])
