"""What sends a load: one container alone, or a master and workers; and what they left."""

import io
import json
import tarfile
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest
from docker.errors import NotFound
from requests.exceptions import ConnectionError as NoConnectionError

from loadtests import record
from loadtests.bench.containers import Names
from loadtests.bench.load_generator import LoadGenerator, create
from loadtests.bench.workers import NODE_LOST, Worker
from loadtests.errors import TrialError
from loadtests.question import EndpointMode, Target
from tests.analysis.records import HOST
from tests.bench.idle import idle_bench

NAMES = Names("a" * 16, "b" * 64)
JOB = {"host": "api", "seed": 7}
HEAD = "start_s,latency_ms,outcome,replica,name\r\n"
TICK = {"event": "tick", "phase": "steady state"} | dict.fromkeys(
    [*record.GENERATOR_COLUMNS, *record.HOST_COLUMNS], 1.0
)
LOCUST = {f"locust_{name}": b"" for name in record.LOCUST_CSVS}


class Engine:
    """An engine that remembers which containers it was asked for."""

    def __init__(self):
        self.containers, self.api = self, SimpleNamespace(api_version="1.41")
        self.asked = []

    def create(self, image, **options):
        self.asked.append(SimpleNamespace(image=image, **options))
        return SimpleNamespace(name=options["name"], put_archive=lambda *_: None)


class Ended:
    """A container that has ended, with its files, what it said, and how it ended."""

    def __init__(self, name, files, lines=(), printed=b"", state=None):
        self.name, self._files, self._lines, self._printed = name, files, lines, printed
        self.attrs = {"State": state or {"Running": True}}

    def get_archive(self, path):
        if self._files is None:
            raise NotFound(f"no {path}")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in self._files.items():
                member = tarfile.TarInfo(f"out/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return [packed.getvalue()], None

    def logs(self, *, stdout, stderr):
        said = "".join(f"{json.dumps(line)}\n" for line in self._lines).encode()
        return said if stdout and not stderr else self._printed

    def reload(self):
        pass


def created(tmp_path, workers, users=100):
    """Create what sends a load; return it and what the engine was asked for."""
    engine, made = Engine(), []
    bench = idle_bench(tmp_path, client=engine, workers=workers)
    found = create(bench, NAMES, JOB, users, made)
    assert len(made) == len(engine.asked), "whoever breaks off can remove them all"
    return found, engine.asked


def job_of(asked):
    return json.loads(asked.environment["AGUANTA_JOB"])


def nofile_of(asked):
    (limit,) = asked.ulimits
    return limit["Soft"]


def test_one_process_is_one_container_with_the_job_as_it_is(tmp_path):
    found, (only,) = created(tmp_path, workers=1)
    assert only.name.endswith("-locust")
    assert only.entrypoint[-1] == "loadtests.generator"
    assert not {"workers", "worker", "master"} & set(job_of(only))
    assert nofile_of(only) == 300
    assert (found.lead.name, found.workers) == (only.name, ())


def test_several_are_a_master_that_they_find_by_name_and_workers_with_numbers(tmp_path):
    found, (master, *workers) = created(tmp_path, workers=3)
    assert [asked.entrypoint[-1].rpartition(".")[2] for asked in (master, *workers)] == [
        "master", "worker", "worker", "worker",
    ]  # fmt: skip
    (aliases,) = (each["Aliases"] for each in master.networking_config.values())
    assert aliases == [NAMES.master]
    assert {job_of(asked)["master"] for asked in (master, *workers)} == {NAMES.master}
    assert {job_of(asked)["workers"] for asked in (master, *workers)} == {3}
    assert [job_of(asked)["worker"] for asked in workers] == [0, 1, 2]
    assert [worker.name.rpartition("-")[2] for worker in found.workers] == ["1", "2", "3"]
    assert found.lead.name == master.name


def test_a_worker_may_open_as_many_files_as_its_share_of_the_users_needs(tmp_path):
    _, (master, *workers) = created(tmp_path, workers=3)
    assert [nofile_of(asked) for asked in workers] == [234, 234, 234]
    assert nofile_of(master) == 200


NOTHING_SEEN = SimpleNamespace(events=())
RUN = SimpleNamespace(ticks=[TICK], log=b"{}\n")


def left_by(*workers, events=()):
    """Return the report and files of a load that a master and these workers sent."""
    workers = [one if isinstance(one, Worker) else Worker(one) for one in workers]
    told = [
        {"number": n, "lost": "" if is_running(worker) else "it left no report"}
        for n, worker in enumerate(workers, 1)
    ]
    report = json.dumps({"requests": 2, "workers": told}).encode()
    master = Ended("locust", {"report.json": report, **LOCUST})
    return LoadGenerator(master, tuple(workers)).results(RUN, SimpleNamespace(events=events))


def is_running(worker):
    return worker.container.attrs["State"]["Running"]


def worker(number, journal, **given):
    return Ended(f"worker-{number}", {"requests.csv": (HEAD + journal).encode()}, **given)


def test_one_process_s_journal_is_kept_as_it_is():
    left = {"report.json": b'{"requests": 1}', "requests.csv": b"whatever it wrote", **LOCUST}
    report, files = LoadGenerator(Ended("locust", left)).results(RUN, NOTHING_SEEN)
    assert report == {"requests": 1}
    assert files[record.REQUESTS_CSV] == b"whatever it wrote"
    assert record.WORKERS_CSV not in files


def test_what_workers_left_becomes_one_record():
    first = worker(1, "2.0000,1.00,ok,,/\r\n", lines=[TICK], printed=b"hello\n")
    second = worker(2, "1.0000,1.00,ok,,/\r\n", lines=[TICK, {"event": "done"}])
    report, files = left_by(first, second)
    assert files[record.REQUESTS_CSV].decode().split() == [
        HEAD.strip(), "1.0000,1.00,ok,,/", "2.0000,1.00,ok,,/",
    ]  # fmt: skip
    rows = files[record.WORKERS_CSV].decode().splitlines()
    assert rows[0].split(",") == record.WORKER_COLUMNS
    assert [row.partition(",")[0] for row in rows[1:]] == ["1", "2"]
    assert b"worker-1 printed:\nhello\n" in files[record.GENERATOR_LOG]
    assert [told["container"] for told in report["workers"]] == ["worker-1", "worker-2"]
    assert [told["lost"] for told in report["workers"]] == ["", ""]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Running": False, "ExitCode": 137}, "its container ended with exit code 137"),
        (
            {"Running": False, "ExitCode": 137, "OOMKilled": True},
            "its container ended with exit code 137, out of memory",
        ),
    ],
)
def test_a_worker_whose_container_ended_is_lost_by_that(state, said):
    gone = worker(2, "1.0000,1.00,ok,,/\r\n1.5000,", state=state)
    report, files = left_by(worker(1, "2.0000,1.00,ok,,/\r\n"), gone)
    assert [told["lost"] for told in report["workers"]] == ["", said]
    assert len(files[record.REQUESTS_CSV].splitlines()) == 3, "what it had written is kept"


def test_a_worker_that_never_wrote_a_file_takes_nothing_from_the_others():
    never = Ended("worker-2", None, state={"Running": False, "ExitCode": 1})
    _, files = left_by(worker(1, "2.0000,1.00,ok,,/\r\n"), never)
    assert len(files[record.REQUESTS_CSV].splitlines()) == 2


class Nodes:
    """The nodes of a trial: their engines, which went away, and what was asked about them."""

    def __init__(self, *lost, engines=None):
        self.lost, self.suspects = {*lost}, []
        self.swarm = SimpleNamespace(engine=(engines or {}).get)
        self.placed = []

    def asking(self, node):
        return nullcontext()

    def place(self, container, node):
        self.placed.append(node)

    def look(self, suspects):
        self.suspects.append(suspects)

    def lose(self, node):
        self.lost.add(node)


class Gone(Ended):
    """A container whose engine does not answer any more."""

    def reload(self):
        raise NoConnectionError("no route")

    logs = get_archive = lambda self, *_, **__: self.reload()


def test_workers_are_made_by_the_engines_of_their_nodes(tmp_path):
    engines = {name: Engine() for name in ("node-1", "node-2", "node-3")}
    others = [SimpleNamespace(name=name) for name in ("node-2", "node-3")]
    swarm = SimpleNamespace(others=others, mode=EndpointMode.DNSRR)
    bench = idle_bench(
        tmp_path,
        client=engines["node-1"],
        workers=3,
        host=replace(HOST, name="node-1"),
        swarm=swarm,
        target=Target("api", swarm=EndpointMode.DNSRR),
    )
    made, nodes = [], Nodes(engines=engines)
    found = create(bench, NAMES, JOB, 100, made, nodes)
    parts = {name: [one.name.split("-", 3)[3] for one in e.asked] for name, e in engines.items()}
    assert parts == {
        "node-1": ["locust", "worker-3"], "node-2": ["worker-1"], "node-3": ["worker-2"],
    }  # fmt: skip
    assert [worker.node for worker in found.workers] == ["node-2", "node-3", "node-1"]
    assert nodes.placed == ["node-2", "node-3", "node-1"]
    assert len(made) == 4, "whoever breaks off can remove them all"


def on(node, container, nodes):
    return Worker(container, node, nodes)


def test_of_a_worker_whose_node_went_away_nothing_is_asked():
    nodes = Nodes("node-2")
    first = on("node-2", Gone("worker-1", {}, state={"Running": False}), nodes)
    second = on("node-3", worker(2, "1.0000,1.00,ok,,/\r\n", lines=[TICK]), nodes)
    report, files = left_by(first, second)
    assert [(told["node"], told["lost"]) for told in report["workers"]] == [
        ("node-2", NODE_LOST), ("node-3", ""),
    ]  # fmt: skip
    assert len(files[record.REQUESTS_CSV].splitlines()) == 2
    assert nodes.suspects == [{"node-2"}], "it fell silent, and nobody told that it ended"


def test_a_worker_that_is_told_to_have_ended_makes_no_node_suspect():
    nodes = Nodes()
    died = [SimpleNamespace(container="worker-1", action="die")]
    gone = on("node-2", worker(1, "", state={"Running": False, "ExitCode": 137}), nodes)
    report, _ = left_by(gone, events=died)
    assert nodes.suspects == [set()]
    assert report["workers"][0]["lost"] == "its container ended with exit code 137"


def test_an_engine_that_does_not_answer_for_its_worker_is_a_node_lost():
    nodes = Nodes()
    report, _ = left_by(on("node-2", Gone("worker-1", {}, state={"Running": True}), nodes))
    assert report["workers"][0]["lost"] == NODE_LOST
    assert nodes.lost == {"node-2"}


def test_a_load_that_lost_a_worker_before_it_began_is_no_word_about_the_service():
    told = [{"number": 1, "node": "", "lost": ""}, {"number": 2, "node": "", "lost": "it ended"}]
    with pytest.raises(TrialError, match="worker 2 of the load was lost before it began: it ended"):
        LoadGenerator.refuse_lost({"workers": told})
    there = [told[1] | {"node": "node-2"}]
    with pytest.raises(TrialError, match="worker 2 of the load on node-2 was lost before it"):
        LoadGenerator.refuse_lost({"workers": there})
    LoadGenerator.refuse_lost({"workers": told[:1]})
    LoadGenerator.refuse_lost({})
