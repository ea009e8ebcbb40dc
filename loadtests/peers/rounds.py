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
    Machine,
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


Measure = Callable[[str], Figures]  # of a contender, by its name; raises AguantaError
Say = Callable[[str], None]


def order(contenders: Sequence[str], number: int) -> list[str]:
    """Return a round's order: random, and the same whenever the round is measured.

    A fixed order would measure what the machine does over a round (Abedi and Brecht, "Conducting
    repeatable experiments in highly variable cloud computing environments", ICPE 2017).
    """
    shuffled = [*contenders]
    random.Random(f"{SEED} {number}").shuffle(shuffled)  # noqa: S311  (no secret)
    return shuffled


def resume(path: Path, machine: Machine) -> Comparison:
    """Return what a file has of this machine, or an empty comparison.

    Raises RecordError where it was measured on another machine.
    """
    there = read_comparison(path)
    if there is None:
        return Comparison(machine)
    if there.machine != machine:
        raise RecordError(
            f"{path} was measured on another machine or system ({there.machine}); only ratios "
            "within a round count, so remove it, or move it away, to measure here"
        )
    return there


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
            one = _measured(name, measure, gauge)
            measured.append(replace(one, round=number, place=place))
            said = one.failed or ", ".join(f"{key} {of:.4g}" for key, of in one.figures.items())
            say(f"Round {number} of {rounds}, {place} of {len(contenders)}, {name}: {said}")
        comparison = comparison.with_round(tuple(measured))
        write_comparison(path, comparison)
    return comparison


def _measured(name: str, measure: Measure, gauge: Gauge) -> Measurement:
    """Measure a contender once, with the speed of the CPU before and after."""
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    gauge.begin()
    try:
        found, failed = measure(name), ""
    except AguantaError as error:
        found, failed = Figures({}), str(error)
    work_us, steal_ratio = gauge.end()
    return Measurement(
        0, 0, name, started_at, work_us, steal_ratio, found.values, found.notes, failed
    )
