"""The order in which trials that are compared are measured: interleaved, by chance.

A fixed order measures how the host changes over an afternoon as if it were the settings: it made
equal systems differ at 95% confidence, where interleaving in random order did not (Abedi and
Brecht, "Conducting repeatable experiments in highly variable cloud computing environments", ICPE
2017).
"""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def rounds(items: Sequence[Item], times: int, seed: int) -> list[list[Item]]:
    """Return so many rounds, in each of which every item comes once, in an order by chance.

    The same seed gives the same order, so that what was interrupted goes on where it was.
    """
    dice = np.random.default_rng(seed)
    return [[items[place] for place in dice.permutation(len(items))] for _ in range(times)]


def seed_of(name: str) -> int:
    """Return a seed that follows from a name, the same on every machine."""
    return zlib.crc32(name.encode())
