"""Measure contenders in rounds, each in a random order; a finished round is kept."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from loadtests.errors import AguantaError, RecordError
from loadtests.peers.gauge import Gauge
from loadtests.peers.measurement import (
    Comparison,
    Measurement,
    read_comparison,
    write_comparison,
)

SEED = 6  # of the orders


@dataclass(frozen=True)
class Figures:
    """What measuring one contender once gave."""

    values: dict[str, float]  # by key
    notes: tuple[str, ...] = ()


# Of a contender, by its name, in a round; raises AguantaError where there is nothing to tell.
Measure = Callable[[str, int], Figures]
Say = Callable[[str], None]


def order(contenders: Sequence[str], number: int) -> list[str]:
    """Return a round's order: random, and the same whenever the round is measured.

    A fixed order would measure what the machine does over a round (Abedi and Brecht, "Conducting
    repeatable experiments in highly variable cloud computing environments", ICPE 2017).
    """
    shuffled = [*contenders]
    random.Random(f"{SEED} {number}").shuffle(shuffled)  # noqa: S311  (no secret)
    return shuffled


def resume(path: Path, here: Comparison, say: Say) -> Comparison:
    """Return what is compared here and now with the rounds that a file has of the same.

    Rounds of other contenders of the same names are left out. Raises RecordError where the file is
    of another machine.
    """
    there = read_comparison(path)
    if there is None:
        return here
    if there.machine != here.machine:
        raise RecordError(
            f"{path} was measured on another machine or system ({there.machine}); only ratios "
            "within a round count, so remove it, or move it away, to measure here"
        )
    changed = [name for name, made in here.made_of.items() if there.made_of.get(name, made) != made]
    if changed:
        say(f"Measured anew, as these have changed since: {', '.join(changed)}")
        return here
    absent = {name: why for name, why in there.absent.items() if name not in here.made_of}
    return replace(
        here,
        versions=there.versions | here.versions,
        made_of=there.made_of | here.made_of,
        absent=absent | here.absent,
        measurements=there.measurements,
    )


def measure_rounds(
    path: Path,
    comparison: Comparison,
    contenders: Sequence[str],
    rounds: int,
    measure: Measure,
    gauge: Gauge,
    say: Say,
) -> Comparison:
    """Measure every contender in each round that the comparison does not have, and return it.

    A contender that raises AguantaError has no figures in that round, with why; it ends nothing.
    """
    write_comparison(path, comparison)
    for number in range(1, rounds + 1):
        if comparison.has_round(number, frozenset(contenders)):
            say(f"Round {number} of {rounds}: measured before")
            continue
        measured = []
        for place, name in enumerate(order(contenders, number), 1):
            one = _measured(name, number, place, measure, gauge)
            measured.append(one)
            said = one.failed or ", ".join(f"{key} {of:.4g}" for key, of in one.figures.items())
            say(f"Round {number} of {rounds}, {place} of {len(contenders)}, {name}: {said}")
        comparison = comparison.with_round(tuple(measured))
        write_comparison(path, comparison)
    return comparison


def _measured(name: str, number: int, place: int, measure: Measure, gauge: Gauge) -> Measurement:
    """Measure a contender once, with the speed of the CPU before and after."""
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    gauge.begin()
    try:
        found, failed = measure(name, number), ""
    except AguantaError as error:
        found, failed = Figures({}), str(error)
    work_us, steal_ratio = gauge.end()
    return Measurement(
        number, place, name, started_at, work_us, steal_ratio, found.values, found.notes, failed
    )
