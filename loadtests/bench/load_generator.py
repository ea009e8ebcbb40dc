"""The containers that send a load: one alone, or Locust's master and its workers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from docker import DockerClient
from docker.models.containers import Container

from loadtests import record
from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.generator import GeneratorRun, Line
from loadtests.bench.plan import Bench
from loadtests.bench.recording import csv, host_table
from loadtests.bench.sampler import GENERATOR, Sampler
from loadtests.bench.start import start
from loadtests.bench.trial_nodes import TrialNodes
from loadtests.bench.worker_journals import in_order
from loadtests.bench.workers import Left, Worker
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
    workers: tuple[Worker, ...] = ()  # of a lead that is Locust's master

    def start(self, sampler: Sampler) -> None:
        """Start the lead and then the workers, and have all of them watched."""
        start(self.lead)
        self.lead.reload()
        sampler.watch(self.lead, GENERATOR)
        for worker in self.workers:
            worker.start(sampler)

    def results(
        self, run: GeneratorRun, sampler: Sampler
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
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
        of_workers = self._left([told["lost"] for told in report["workers"]], sampler)
        report["workers"] = [
            told | {"container": worker.name, "node": worker.node, "lost": own.lost}
            for worker, told, own in zip(self.workers, report["workers"], of_workers, strict=True)
        ]
        return report, files | {
            record.REQUESTS_CSV: in_order(
                [own.journal for own in of_workers],
                grouped=any(own.names_grouped for own in of_workers),
            ),
            record.GENERATOR_LOG: run.log + b"".join(own.printed for own in of_workers),
            record.WORKERS_CSV: csv(_seconds([own.lines for own in of_workers])),
        }

    def _left(self, lost: Sequence[str], sampler: Sampler) -> list[Left]:
        """Return what each worker left; `lost` is what the lead saw of their ends."""
        nodes = self.workers[0].nodes
        if nodes is not None:
            ended = {event.container for event in sampler.events if event.action == "die"}
            silent = (worker for worker, how in zip(self.workers, lost, strict=True) if how)
            nodes.look({worker.node for worker in silent if worker.name not in ended})
        return [worker.left(how) for worker, how in zip(self.workers, lost, strict=True)]

    @staticmethod
    def refuse_lost(report: dict[str, Any]) -> None:
        """Raise TrialError where a worker was lost before there was a load."""
        for told in report.get("workers", ()):
            if told["lost"]:
                where = f" on {told['node']}" if told["node"] else ""
                raise TrialError(
                    f"worker {told['number']} of the load{where} was lost before it began: "
                    f"{told['lost']}; repeat the same run"
                )


def create(
    bench: Bench,
    names: Names,
    job: dict[str, Any],
    users: int,
    created: list[Container],
    nodes: TrialNodes | None = None,
) -> LoadGenerator:
    """Create (not start) what sends a load of so many users; each is appended to `created`.

    Raises EngineError when an engine refuses, or a node has gone away.
    """
    if bench.workers == 1:
        created.append(_create(bench.client, bench, names, "locust", _ALONE, job, users))
        return LoadGenerator(created[-1])
    job = job | {"workers": bench.workers, "master": names.master}
    created.append(_create(bench.client, bench, names, "locust", _MASTER, job, 0, [names.master]))
    lead = created[-1]
    each = -(-users // bench.workers)
    workers = []
    for number in range(bench.workers):
        part, own = f"worker-{number + 1}", job | {"worker": number}
        if nodes is None or not bench.worker_nodes:
            created.append(_create(bench.client, bench, names, part, _WORKER, own, each))
            workers.append(Worker(created[-1]))
            continue
        node = bench.worker_nodes[number]
        with nodes.asking(node):
            client = nodes.swarm.engine(node)
            created.append(_create(client, bench, names, part, _WORKER, own, each))
        nodes.place(created[-1], node)
        workers.append(Worker(created[-1], node, nodes))
    return LoadGenerator(lead, tuple(workers))


def _create(
    client: DockerClient,
    bench: Bench,
    names: Names,
    part: str,
    program: str,
    job: dict[str, Any],
    users: int,
    aliases: Sequence[str] = (),
) -> Container:
    return containers.create_generator(
        client,
        names,
        bench.generator.id,
        job,
        users,
        bench.script,
        part=part,
        program=program,
        aliases=aliases,
    )


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
