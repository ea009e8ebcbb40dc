"""Carry out one trial: start, load, watch, collect, always remove, then record."""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from loadtests import record
from loadtests.bench import containers
from loadtests.bench.containers import NETWORK, Names
from loadtests.bench.ending import last_words, report_replica
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.generator import READY_LIMIT_S, GeneratorRun, Line, NotReadyError
from loadtests.bench.sampler import Sampler
from loadtests.bench.store import Store, trial_key
from loadtests.errors import EngineError, TrialError
from loadtests.question import Question, Setting, Target
from loadtests.record import Event, GeneratorReport, HostReport, Phases, Timings, Trial

VERSIONED = ("locust", "gevent", "geventhttpclient", "docker", "pandas", "numpy")
# How long a load goes on after a replica has died: the verdict is certain, the aftermath is
# worth a look.
AFTERMATH_S = 3.0
OnTick = Callable[[Line], None]


@dataclass(frozen=True)
class Bench:
    """What all trials of a run share."""

    client: DockerClient
    store: Store
    host: HostReport
    question: Question
    target: Target
    image_digest: str
    generator_image: str
    locustfile: Path

    @cached_property
    def locustfile_sha256(self) -> str:
        """Hash of the users' script."""
        return hashlib.sha256(self.locustfile.read_bytes()).hexdigest()

    def key(self, setting: Setting, repeat: int) -> str:
        """Return the key under which a trial of this setting is kept."""
        return trial_key(
            self.question, setting, self.target, self.image_digest, self.locustfile_sha256, repeat
        )


@dataclass(frozen=True)
class _Load:
    """What is known when the load has ended and before the containers are removed."""

    report: dict[str, Any]
    files: dict[str, bytes]
    replicas: tuple[record.ReplicaReport, ...]


class _Laps:
    """Wall time from mark to mark."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def mark(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now


def run_trial(bench: Bench, setting: Setting, repeat: int, on_tick: OnTick) -> Path:
    """Measure one setting from a cold start and return the stored trial's folder.

    Raises EngineError or HostError when a container cannot be had or the engine goes away, and
    TrialError when the load could not be carried out; nothing is stored then. Nothing is left
    running as long as there is an engine to remove it.
    """
    key = bench.key(setting, repeat)
    names = Names(bench.store.identity, key)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    created: list[Container] = []
    sampler = Sampler(bench.client, names.labels, lambda name: _end_soon(created, name))
    laps = _Laps()
    try:
        containers.ensure_network(bench.client)
        load = _carry_out(bench, names, setting, sampler, created, laps, on_tick)
        _require_engine(setting, sampler)
    except TrialError:
        _require_engine(setting, sampler)
        raise
    except (APIError, *ENGINE_LOST) as error:
        raise _engine_failed(setting, str(error)) from error
    finally:
        with contextlib.suppress(*ENGINE_LOST):
            containers.remove(created)
            # An interruption may have come between a container's creation and its name.
            containers.remove_leftovers(bench.client, bench.store.identity)
        sampler.close()
    laps.mark("remove_s")
    began_wall_s = load.report["started_wall_s"]
    trial = Trial(
        key=key,
        question=bench.question,
        setting=setting,
        target=bench.target,
        image_digest=bench.image_digest,
        locustfile_sha256=bench.locustfile_sha256,
        repeat=repeat,
        seed=_seed(key),
        started_at=started_at,
        started_wall_s=began_wall_s,
        phases=_built(Phases, load.report),
        generator=_built(GeneratorReport, load.report),
        replicas=load.replicas,
        host=bench.host,
        versions={name: version(name) for name in VERSIONED},
        timings=_built(Timings, laps.seconds),
        events=tuple(
            Event(round(event.wall_s - began_wall_s, 3), event.container, event.action)
            for event in sampler.events
            # What follows is this trial's own clearing up.
            if event.wall_s - began_wall_s <= load.report["hold_end_s"]
        ),
    )
    tables = {
        record.DOCKER_STATS_CSV: _csv(sampler.stats_table(began_wall_s)),
        record.HOST_CSV: _csv(sampler.host_table(began_wall_s)),
    }
    return bench.store.write(trial, {**load.files, **tables})


def _carry_out(
    bench: Bench,
    names: Names,
    setting: Setting,
    sampler: Sampler,
    created: list[Container],
    laps: _Laps,
    on_tick: OnTick,
) -> _Load:
    """Start, load and collect; every container made is appended to `created` at once."""
    load = bench.question.load
    job = _job(bench, names, setting)
    for number in range(1, setting.replicas + 1):
        created.append(
            containers.create_replica(
                bench.client, names, number, setting, bench.target, load.users
            )
        )
    replicas = created.copy()
    generator = containers.create_generator(
        bench.client, names, bench.generator_image, job, bench.locustfile
    )
    created.append(generator)
    addresses = []
    for container in created:
        containers.start(container)
        sampler.watch(container, "generator" if container is generator else "replica")
        container.reload()
        addresses.append(container.attrs["NetworkSettings"]["Networks"][NETWORK]["IPAddress"])
    laps.mark("start_replicas_s")
    run = GeneratorRun(generator, 1.25 * load.ramp_s + 3 + load.settle_s + load.hold_s)
    try:
        run.follow(lambda _line: laps.mark("ready_s"), on_tick)
    except NotReadyError as error:
        raise TrialError(_why_not_ready(str(error), replicas)) from error
    if "ready_s" not in laps.seconds:
        laps.mark("ready_s")
    laps.mark("load_s")
    left = containers.results_of(generator)
    reports = tuple(
        report_replica(bench.client, replica, address, sampler)
        for replica, address in zip(replicas, addresses, strict=False)
    )
    crashed = not run.ticks and not any(report.oom_kills for report in reports)
    if crashed:
        raise TrialError(_why_not_ready("the replicas ended before the load began", replicas))
    files = {
        record.REQUESTS_CSV: left["requests.csv"],
        record.GENERATOR_CSV: _csv(pd.DataFrame(run.ticks, columns=record.GENERATOR_COLUMNS)),
        record.GENERATOR_LOG: run.log,
        **{name: left[f"locust_{name}"] for name in record.LOCUST_CSVS},
    }
    laps.mark("collect_s")
    return _Load(json.loads(left["report.json"]), files, reports)


def _require_engine(setting: Setting, sampler: Sampler) -> None:
    """Refuse what an engine that ended left: containers it stopped say nothing of a setting."""
    if sampler.engine_left or any(event.action == "stop" for event in sampler.events):
        raise _engine_failed(setting, "it stopped them")


def _engine_failed(setting: Setting, how: str) -> EngineError:
    return EngineError(
        f"the engine failed the containers of a trial of {setting.label} ({how}); see that it "
        "answers (`make engine`), then repeat the same run: finished trials are kept, and it "
        "removes what this one left"
    )


def _end_soon(created: Sequence[Container], dead: str) -> None:
    """Let the generator finish when a replica has died (called in the sampler's thread)."""
    *replicas, generator = created
    if dead not in [replica.name for replica in replicas]:
        return

    def finish() -> None:
        # It has ended by itself meanwhile, or the engine has.
        with contextlib.suppress(APIError, *ENGINE_LOST):
            generator.kill("SIGTERM")

    threading.Timer(AFTERMATH_S, finish).start()


def _job(bench: Bench, names: Names, setting: Setting) -> dict[str, object]:
    load = bench.question.load
    return {
        "host": names.alias,
        "port": bench.target.port,
        "health_path": bench.target.health_path,
        "replicas": setting.replicas,
        "users": load.users,
        "spawn_rate": load.spawn_rate,
        "think_time_s": load.think_time_s,
        "settle_s": load.settle_s,
        "hold_s": load.hold_s,
        "timeout_s": load.timeout_s,
        "ready_timeout_s": READY_LIMIT_S,
        "seed": _seed(names.trial_key),
    }


def _seed(key: str) -> int:
    return int(key[:8], 16)


def _why_not_ready(what: str, replicas: Sequence[Container]) -> str:
    words = (last_words(replica) for replica in replicas)
    return "\n".join([what, *(word for word in words if word)])


Built = TypeVar("Built")


def _built(kind: type[Built], values: dict[str, Any]) -> Built:
    """Build a dataclass from those of the values that are its fields."""
    return kind(**{f.name: values[f.name] for f in fields(kind) if f.name in values})  # type: ignore[arg-type]


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()
