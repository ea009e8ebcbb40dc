"""The containers that send a load: one alone, or Locust's master and its workers."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from docker.errors import APIError
from docker.models.containers import Container

from loadtests import record
from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.generator import PRINTED_BYTES, GeneratorRun, Line, parsed
from loadtests.bench.plan import Bench
from loadtests.bench.recording import csv, host_table
from loadtests.bench.worker_journals import in_order
from loadtests.errors import TrialError

_ALONE, _MASTER, _WORKER = (
    "loadtests.generator",
    "loadtests.generator.master",
    "loadtests.generator.worker",
)


@dataclass(frozen=True)
class LoadGenerator:
    """What sends a load."""

    lead: Container  # tells of all of it, and is told to end it
    workers: tuple[Container, ...] = ()  # of a lead that is Locust's master

    def results(self, run: GeneratorRun) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return the report of a load that is over, and what is kept of its files."""
        left = containers.results_of(self.lead)
        report = json.loads(left["report.json"])
        files = {
            record.GENERATOR_CSV: csv(pd.DataFrame(run.ticks, columns=record.GENERATOR_COLUMNS)),
            record.HOST_CSV: csv(host_table(run.ticks)),
            record.GENERATOR_LOG: run.log,
            **{name: left[f"locust_{name}"] for name in record.LOCUST_CSVS},
        }
        if not self.workers:
            return report, files | {record.REQUESTS_CSV: left["requests.csv"]}
        lines = [_lines(worker) for worker in self.workers]
        report["workers"] = [
            told | {"container": str(worker.name), "lost": told["lost"] and _lost(worker, told)}
            for worker, told in zip(self.workers, report["workers"], strict=True)
        ]
        return report, files | {
            record.REQUESTS_CSV: in_order([*map(_journal, self.workers)]),
            record.GENERATOR_LOG: run.log + b"".join(map(_printed, self.workers)),
            record.WORKERS_CSV: csv(_seconds(lines)),
        }

    @staticmethod
    def refuse_lost(report: dict[str, Any]) -> None:
        """Raise TrialError where a worker was lost before there was a load."""
        for told in report.get("workers", ()):
            if told["lost"]:
                raise TrialError(
                    f"worker {told['number']} of the load was lost before it began: "
                    f"{told['lost']}; repeat the same run"
                )


def create(
    bench: Bench, names: Names, job: dict[str, Any], users: int, created: list[Container]
) -> LoadGenerator:
    """Create (not start) what sends a load of so many users; each is appended to `created`.

    Raises EngineError when the engine refuses.
    """
    if bench.workers == 1:
        created.append(_create(bench, names, "locust", _ALONE, job, users))
        return LoadGenerator(created[-1])
    job = job | {"workers": bench.workers, "master": names.master}
    created.append(_create(bench, names, "locust", _MASTER, job, 0, [names.master]))
    lead = created[-1]
    each = -(-users // bench.workers)
    for worker in range(bench.workers):
        part = f"worker-{worker + 1}"
        created.append(_create(bench, names, part, _WORKER, job | {"worker": worker}, each))
    return LoadGenerator(lead, tuple(created[-bench.workers :]))


def _create(
    bench: Bench,
    names: Names,
    part: str,
    program: str,
    job: dict[str, Any],
    users: int,
    aliases: Sequence[str] = (),
) -> Container:
    return containers.create_generator(
        bench.client,
        names,
        bench.generator.id,
        job,
        users,
        bench.script,
        part=part,
        program=program,
        aliases=aliases,
    )


def _journal(worker: Container) -> bytes:
    """Return a worker's requests, as many as it could write; none of one that had not begun."""
    with contextlib.suppress(APIError):
        return containers.results_of(worker).get("requests.csv", b"")
    return b""


def _lost(worker: Container, told: Line) -> str:
    """Say how a worker was lost: by its end, if it ended, else as its master saw it."""
    worker.reload()
    state = worker.attrs["State"]
    if state["Running"]:
        return str(told["lost"])
    out_of_memory = ", out of memory" if state.get("OOMKilled") else ""
    return f"its container ended with exit code {state['ExitCode']}{out_of_memory}"


def _lines(worker: Container) -> list[Line]:
    said = worker.logs(stdout=True, stderr=False).decode(errors="replace")
    return [line for text in said.splitlines() if (line := parsed(text)) is not None]


def _printed(worker: Container) -> bytes:
    said = worker.logs(stdout=False, stderr=True)[-PRINTED_BYTES:]
    return f"{worker.name} printed:\n".encode() + said if said else b""


def _seconds(lines: Sequence[Sequence[Line]]) -> pd.DataFrame:
    """Return workers.csv: one row a second and worker."""
    rows = [
        {"worker": number, **line}
        for number, own in enumerate(lines, 1)
        for line in own
        if line["event"] == "tick"
    ]
    table = pd.DataFrame(rows, columns=record.WORKER_COLUMNS)
    return table.sort_values(["time_s", "worker"])
