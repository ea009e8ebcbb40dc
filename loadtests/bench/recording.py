"""What is kept of a load that was carried out: its record, put together and stored."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from loadtests import record
from loadtests.bench.clocks import Offset
from loadtests.bench.generator import Line
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.provenance import versions
from loadtests.bench.sampler import Sampler
from loadtests.record import Event, GeneratorReport, Phases, Timings, Trial, WorkerReport
from loadtests.verdicts import Step


@dataclass(frozen=True)
class Outcome:
    """What is known when the load has ended and before the containers are removed."""

    report: dict[str, Any]
    files: dict[str, bytes]
    replicas: tuple[record.ReplicaReport, ...]
    companions: tuple[record.CompanionReport, ...] = ()
    nodes: tuple[record.NodeReport, ...] = ()
    proxy: record.ProxyReport | None = None


class Laps:
    """Wall time from mark to mark."""

    def __init__(self) -> None:
        """Begin now."""
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Note the seconds since the last mark under a name."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now


def write_record(
    bench: Bench,
    plan: LoadPlan,
    sampler: Sampler,
    outcome: Outcome,
    started_at: str,
    clock: Offset,
    laps: Laps,
    steps: Sequence[Step],
) -> Path:
    """Store what is known of a load that was carried out, and return the record's folder."""
    began_wall_s = outcome.report["started_wall_s"]  # by the clock of the engine, as its samples
    first, last = outcome.report["levels"][0], outcome.report["levels"][-1]
    trial = Trial(
        key=plan.key,
        question=bench.question,
        setting=plan.setting,
        target=bench.target,
        image_digest=bench.image_id,
        locustfile_sha256=bench.locustfile_sha256,
        repeat=plan.repeat,
        seed=seed_of(plan.key),
        started_at=started_at,
        started_wall_s=began_wall_s - clock.seconds,
        phases=_built(Phases, first),
        generator=_built(GeneratorReport, _in_tuples(outcome.report)),
        replicas=outcome.replicas,
        host=bench.host,
        versions=versions(),
        timings=_built(Timings, laps.seconds),
        events=tuple(
            Event(round(event.wall_s - began_wall_s, 3), event.container, event.action)
            for event in sampler.events
            # What follows is the generator's own end.
            if event.wall_s - began_wall_s <= last["steady_end_s"]
        ),
        steps=tuple(steps),
        own_script=bench.script.is_own,
        cpusets=bench.cpusets(plan.setting),
        reference_us=bench.reference_us,
        companions=outcome.companions,
        proxy=outcome.proxy,
        clock_offset_s=round(clock.seconds, 4),
        clock_offset_within_s=round(clock.within_s, 4),
        nodes=outcome.nodes,
        workers=tuple(_built(WorkerReport, told) for told in outcome.report.get("workers", ())),
    )
    stats = {record.DOCKER_STATS_CSV: csv(sampler.stats_table(began_wall_s))}
    return bench.store.write(trial, {**outcome.files, **stats})


def _in_tuples(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a generator told, with its lists as a record has them."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }


def seed_of(key: str) -> int:
    """Return the seed of a trial's dice, the same for the same question."""
    return int(key[:8], 16)


Built = TypeVar("Built")


def _built(kind: type[Built], values: dict[str, Any]) -> Built:
    """Build a dataclass from those of the values that are its fields."""
    return kind(**{f.name: values[f.name] for f in fields(kind) if f.name in values})  # type: ignore[arg-type]


def csv(table: pd.DataFrame) -> bytes:
    """Return a table as it is stored."""
    return table.to_csv(index=False).encode()


def host_table(ticks: Sequence[Line]) -> pd.DataFrame:
    """Return host.csv of the generator's lines: one row for each second that they tell of.

    A generator that got no CPU for some seconds tells of them in one line.
    """
    rows: list[tuple[float, float, float]] = []
    last_s = 0.0
    for tick in ticks:
        end_s, busy, steal = (tick[name] for name in record.HOST_COLUMNS)
        seconds = max(1, round(end_s - last_s))
        last_s = end_s
        if busy is not None:
            rows += [(round(end_s - ago, 3), busy, steal) for ago in reversed(range(seconds))]
    return pd.DataFrame(rows, columns=record.HOST_COLUMNS)
