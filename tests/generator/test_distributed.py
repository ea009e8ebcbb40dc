"""A master and its workers, each a process of its own, against a server of this machine."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

import pandas as pd
import pytest

from loadtests.bench.worker_journals import in_order
from loadtests.record import GENERATOR_COLUMNS
from tests.generator.running import FAST, GIVE_UP_S, PROJECT, ended, job_of, level

pytestmark = pytest.mark.waits

GOODBYE = """
from locust import FastHttpUser, task
class Visitor(FastHttpUser):
    def on_stop(self):
        self.client.get("/", name="good-bye")
    @task
    def look(self):
        self.client.get("/")
"""


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Crew:
    """The processes of one load, and what they left."""

    def __init__(self, folder, port, script, workers=2, **changes):
        self.folder, self.numbers = folder, range(workers)
        locustfile = folder / "users.py"
        locustfile.write_text(script)
        shared = {"workers": workers, "master": "127.0.0.1", "master_port": free_port()} | changes
        self.master = self._begin("master", port, locustfile, "master", shared)
        self.workers = [
            self._begin("worker", port, locustfile, f"worker-{n}", shared | {"worker": n})
            for n in self.numbers
        ]

    def _begin(self, program, port, locustfile, name, changes):
        job = job_of(self.folder / name, port, locustfile, **changes)
        return subprocess.Popen(
            [sys.executable, "-m", f"loadtests.generator.{program}"],
            cwd=PROJECT,
            env=os.environ | {"AGUANTA_JOB": json.dumps(job), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def follow(self, event, **wanted):
        """Read the master's lines until one is of that event."""
        for line in self.master.stdout:
            told = json.loads(line)
            if told["event"] == event and wanted.items() <= told.items():
                return told
        pytest.fail(f"there was no {event}")

    def end(self):
        """Return the master's lines and exit code, once it has ended."""
        return ended(self.master)

    @property
    def report(self):
        return json.loads((self.folder / "master" / "out" / "report.json").read_text())

    def report_of(self, worker):
        path = self.folder / f"worker-{worker}" / "out" / "report.json"
        return json.loads(path.read_text())

    @property
    def requests(self):
        paths = [self.folder / f"worker-{n}" / "out" / "requests.csv" for n in self.numbers]
        merged = self.folder / "requests.csv"
        merged.write_bytes(in_order([path.read_bytes() for path in paths]))
        return pd.read_csv(merged)

    def kill(self):
        for process in (self.master, *self.workers):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.communicate()


@pytest.fixture
def begin(tmp_path, port):
    """Return a function that starts a master and its workers."""
    crews = []

    def begin_with(script=FAST, **changes):
        crews.append(Crew(tmp_path, port, script, **changes))
        return crews[-1]

    yield begin_with
    for crew in crews:
        crew.kill()


@pytest.fixture(scope="module")
def sent(tmp_path_factory, port):
    """A load of 21 users that two workers sent to its end, the master's lines and exit code."""
    crew = Crew(
        tmp_path_factory.mktemp("sent"), port, FAST, levels=[level(users=21)], spawn_rate=21.0
    )
    yield crew, *crew.end()
    crew.kill()


def test_two_workers_send_one_load(sent):
    crew, lines, code = sent
    assert code == 0
    ready, *ticks, told, done = lines
    assert (ready["event"], done) == ("ready", {"event": "done"})
    assert all(set(GENERATOR_COLUMNS) <= set(tick) for tick in ticks)
    assert max(tick["users"] for tick in ticks) == 21
    report, requests = crew.report, crew.requests
    assert report["users_reached"] == report["connects"] == 21
    assert report["requests"] == (requests["outcome"] != "in_flight").sum() > 21
    assert (report["users_lost"], report["failures"], report["own_errors"]) == (0, 0, {})
    (only,) = report["levels"]
    assert told.items() >= {"event": "level", **only}.items()
    assert only["requests"] > 0
    first, second = report["workers"]
    assert sorted([first["users_reached"], second["users_reached"]]) == [10, 11]
    assert first["requests"] + second["requests"] == report["requests"]
    assert (first["lost"], second["lost"]) == ("", "")
    assert abs(first["clock_offset_ms"]) <= first["clock_offset_within_ms"] + 1
    for name in ("stats", "stats_history", "failures"):
        left = crew.folder / "master" / "out" / f"locust_{name}.csv"
        assert len(left.read_text().splitlines()) >= 1


def test_workers_count_from_the_same_moment(sent):
    """Their requests lie in the time of the load, which is the master's."""
    crew, *_ = sent
    began_wall_s = crew.report["started_wall_s"]
    for n, worker in enumerate(crew.report["workers"]):
        known_s = worker["clock_offset_within_ms"] / 1000
        told_s = crew.report_of(n)["started_wall_s"]
        assert told_s == pytest.approx(began_wall_s, abs=known_s + 0.001)
    steady_end_s = crew.report["levels"][0]["steady_end_s"]
    assert crew.requests["start_s"].between(0, steady_end_s + 1).all()
    (mine,), (theirs,) = crew.report["levels"], crew.report_of(1)["levels"]
    assert theirs["steady_start_s"] == pytest.approx(mine["steady_start_s"], abs=0.5)


def test_an_open_load_arrives_once_over_all_workers(begin):
    rate_per_s = 40.0
    crew = begin(
        levels=[level(users=40, steady_s=4.0) | {"rate_per_s": rate_per_s}],
        spawn_rate=40.0,
        arrivals="constant",
    )
    crew.end()
    (only,), requests = crew.report["levels"], crew.requests
    seconds = only["steady_end_s"] - only["steady_start_s"]
    inside = requests["start_s"].between(only["steady_start_s"], only["steady_end_s"])
    assert inside.sum() == pytest.approx(rate_per_s * seconds, abs=4)


def test_a_hopeless_load_is_stopped_for_all_by_what_failed_with_any(begin, tmp_path):
    """No worker judges by itself."""
    script = FAST.replace('get("/")', 'get("/nowhere")')
    stop = {"error_rate": 0.01, "requests": 100, "user_s": 0.0}
    crew = begin(script, levels=[level(steady_s=60.0)], early_stop=stop)
    crew.end()
    assert crew.report["stopped_early"].endswith("requests had failed")
    assert {crew.report_of(n)["stopped_early"] for n in (0, 1)} == {None}
    assert {crew.workers[n].wait(GIVE_UP_S) for n in (0, 1)} == {0}


def test_levels_follow_each_other_at_all_workers(begin):
    levels = [level(users=n, warm_up_s=0.2, steady_s=1.5) for n in (10, 20, 20)]
    crew = begin(levels=levels)
    lines, _ = crew.end()
    told = [line for line in lines if line["event"] == "level"]
    assert [line["users"] for line in told] == [10, 20, 20]
    assert all(line["requests"] > 0 for line in told)
    assert crew.report["users_reached"] == 20
    assert [len(crew.report_of(n)["levels"]) for n in (0, 1)] == [3, 3]


def test_a_master_that_is_asked_to_finish_ends_its_workers_with_all_files_written(begin):
    crew = begin(levels=[level(steady_s=60.0)])
    crew.follow("tick", phase="steady state")
    crew.master.send_signal(signal.SIGTERM)
    lines, code = crew.end()
    assert (lines[-1], code) == ({"event": "done"}, 0)
    assert {worker["lost"] for worker in crew.report["workers"]} == {""}
    assert {crew.workers[n].wait(GIVE_UP_S) for n in (0, 1)} == {0}
    assert crew.report["requests"] == (crew.requests["outcome"] != "in_flight").sum()


def test_users_leave_where_their_script_does_something_then(begin):
    """What they ask as they leave comes after the load, and is no user lost."""
    crew = begin(GOODBYE)
    crew.end()
    assert crew.report["users_lost"] == 0
    names = crew.requests["name"].value_counts()
    assert names["good-bye"] == 20


def test_a_load_ends_when_a_worker_dies_and_says_which(begin):
    crew = begin(levels=[level(steady_s=60.0)])
    crew.follow("tick", phase="steady state")
    crew.workers[1].kill()
    lines, code = crew.end()
    assert (lines[-1], code) == ({"event": "done"}, 0)
    first, second = crew.report["workers"]
    assert first["lost"] == ""
    assert second["lost"]
    (only,) = crew.report["levels"]
    assert only["steady_end_s"] - only["steady_start_s"] < 30
    assert len(crew.requests) > 0, "what it had written by then is there"
