"""A service from a compose file with a database beside it, in real containers.

The database is a counter behind HTTP, the service asks it for every answer.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.bench.companions import Companions
from loadtests.bench.compose import resolved
from loadtests.bench.compose_file import stack_of
from loadtests.bench.containers import STORE_LABEL
from loadtests.bench.plan import Bench
from loadtests.bench.trial import run_trial
from loadtests.errors import TrialError
from loadtests.question import Setting
from loadtests.record import TRIAL_JSON
from loadtests.verdicts import Verdict
from tests.integration.benches import bench_at, ignore
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

SETTING = Setting(0.5, 60, 2)
PROGRAM = """
import os, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIVES_S = float(os.environ.get("LIVES_S", "inf"))
PASSWORD = os.environ["PASSWORD"]
asked = 0

class Database(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        global asked
        asked += self.path == "/count"
        if LIVES_S < 1e9 and asked == 1:
            threading.Timer(LIVES_S, die).start()
        self.answer(200, str(asked))

    def log_message(self, *words):
        pass

class Api(Database):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "ok")
        try:
            with urllib.request.urlopen("http://db:5000/count", timeout=2) as said:
                self.answer(200, said.read().decode())
        except OSError as error:
            self.answer(503, str(error))

def die():
    print("PANIC: no space left, password", PASSWORD, flush=True)
    os._exit(1)

class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

what, port = {"db": (Database, 5000), "api": (Api, 8000)}[sys.argv[1]]
if what is Database:
    assert open("/seed.txt").read() == "seed", "not mounted"
    open("/data/written", "x").close()  # fails where a trial finds what another left
    time.sleep(float(os.environ.get("STARTS_S", "0")))
Server(("", port), what).serve_forever()
"""
SHOPPERS = """
from locust import FastHttpUser, between, task

class Shopper(FastHttpUser):
    wait_time = between(1, 2)

    @task
    def count(self):
        self.client.get("/count")
"""
HEALTH = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/')"
PASSWORD = "correct-horse-battery"


def compose_file(image: str, folder: Path, **database: Any) -> Path:
    """Write the compose file of a shop; JSON is YAML."""
    (folder / "seed.txt").write_text("seed")
    run = ["python3", "-u", "/app.py"]
    path = folder / "shop.yaml"
    db = {
        "image": image,
        "command": [*run, "db"],
        "container_name": "the-only-database",
        "environment": {"PASSWORD": PASSWORD, **database.pop("environment", {})},
        "ports": ["8000:5000"],
        "volumes": ["./seed.txt:/seed.txt", "data:/data"],
        "healthcheck": {"test": ["CMD", "python3", "-c", HEALTH], "interval": "1s", "retries": 60},
        **database,
    }
    api = {
        "image": image,
        "command": [*run, "api"],
        "environment": {"PASSWORD": PASSWORD},
        "depends_on": {"db": {"condition": "service_healthy"}},
    }
    services = {"api": api, "db": db, "unused": {"image": "there.is/no/such:image"}}
    path.write_text(json.dumps({"services": services, "volumes": {"data": {}}}))
    return path


@pytest.fixture(scope="module")
def image(client: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One image that is database and service, by its command."""
    with built(client, tmp_path_factory.mktemp("shop"), PROGRAM) as name:
        yield name


@pytest.fixture
def shop(client: DockerClient, generator_image: str, image: str, tmp_path: Path):
    """Return a function that makes a bench of the shop, as its compose file has it."""
    users = tmp_path / "users" / "shoppers.py"
    users.parent.mkdir()
    users.write_text(SHOPPERS)
    made: list[Bench] = []

    def make(**database: Any) -> Bench:
        file = compose_file(image, tmp_path, **database)
        stack = stack_of(resolved(file), "api", file.name)
        with bench_at(
            client, tmp_path / secrets.token_hex(2), generator_image, image=image,
            locustfile=users, users=20, spawn_rate=20.0, steady_s=6.0,
        ) as bench:  # fmt: skip
            companions = Companions.of(client, stack)
            made.append(replace(bench, needs=stack.needs, companions=companions))
        return made[-1]

    yield make
    for bench in made:
        label = {"label": f"{STORE_LABEL}={bench.store.identity}"}
        for kind in (client.networks, client.volumes):
            assert kind.list(filters=label) == []
        assert client.containers.list(all=True, filters=label) == []


def test_a_service_is_measured_with_a_database_of_its_own_in_every_trial(shop):
    """It starts slowly, and refuses to where it finds what another trial has written."""
    limits = {"resources": {"limits": {"cpus": "0.5", "memory": "64M"}}}
    bench = shop(environment={"STARTS_S": "3"}, deploy=limits)
    for repeat in range(2):
        seen = Evidence.read(run_trial(bench, SETTING, repeat, ignore))
        assert set(seen.requests["outcome"]) <= {"ok", "in_flight"}
    trial = seen.trial
    assert [replica.running_at_end for replica in trial.replicas] == [True, True]
    (db,) = trial.companions
    assert (db.name, db.end, db.image_digest) == ("db", "", bench.image_id)
    assert (db.cpu_limit_cores, db.memory_limit_mib) == (0.5, 64)
    sampled = seen.docker_stats[seen.docker_stats["role"] == "companion"]
    assert set(sampled["container"]) == {db.container}
    assert db.memory_peak_mib == pytest.approx(sampled["memory_mib"].max(), abs=0.1)
    assert judge(seen).verdict in (Verdict.HOLDS, Verdict.INVALID)  # the machine may be busy


def test_a_database_that_dies_under_load_is_told_and_the_service_is_not_blamed(shop):
    bench = shop(environment={"LIVES_S": "4"})
    folder = run_trial(bench, SETTING, 0, ignore)
    judged = judge(Evidence.read(folder))
    assert judged.verdict is Verdict.INVALID
    assert judged.reasons[0].startswith(
        "db ended with exit code 1: PANIC: no space left, password <"
    )
    record = (folder / TRIAL_JSON).read_text()
    assert PASSWORD not in record


def test_a_database_that_ends_at_once_is_told_before_any_service_is_started(shop):
    bench = shop(command=["python3", "-c", "raise SystemExit('no such database')"])
    with pytest.raises(TrialError, match=r"^db ended with exit code 1: no such database$"):
        run_trial(bench, SETTING, 0, ignore)
