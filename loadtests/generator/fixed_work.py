"""A fixed piece of work, timed in CPU seconds: how fast a CPU second is right now.

A neighbour on the other hardware thread, a cache that is not ours alone and the clock change the
speed of a CPU by tens of per cent, and the kernel's account shows none of it. The same work takes
as much more CPU time as the CPU is slower. It is of the kind that an API does: it parses and writes
JSON, and looks up objects in more memory than the innermost cache holds.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from itertools import cycle

_DOCUMENT = json.dumps(
    {"predictions": [{"name": f"item {n}", "shares": [n / 7, n / 11, n / 13]} for n in range(6)]}
)
_OBJECTS = 8_192  # about 1 MiB of keys and values
_LOOKED_UP = 256


def _places() -> Iterator[tuple[str, ...]]:
    """Yield what to look up in each piece: another part of the same random order every time."""
    keys = [f"key {n}" for n in range(_OBJECTS)]
    random.Random(1).shuffle(keys)  # noqa: S311  (no secret)
    return cycle(
        tuple(keys[first : first + _LOOKED_UP]) for first in range(0, _OBJECTS, _LOOKED_UP)
    )


class FixedWork:
    """The piece of work with what it works on; each piece is the same amount of it."""

    def __init__(self, cpu_s: Callable[[], float] = time.thread_time) -> None:
        """Lay out the objects."""
        self._cpu_s = cpu_s
        self._table = {f"key {n}": (n, str(n)) for n in range(_OBJECTS)}
        self._places = _places()

    def do(self) -> int:
        """Do one piece: about a third of a millisecond of CPU."""
        read = json.loads(json.dumps(json.loads(_DOCUMENT)))
        total = sum(len(one["name"]) for one in read["predictions"])
        table = self._table
        for key in next(self._places):
            number, text = table[key]
            total += number + len(text)
        return total

    def time_us(self) -> float:
        """Do one piece, and return the CPU time of this thread that it took, in microseconds."""
        began_s = self._cpu_s()
        self.do()
        return (self._cpu_s() - began_s) * 1e6
